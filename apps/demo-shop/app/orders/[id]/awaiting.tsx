import type { OrderPayment } from "@payapi/core";
import Link from "next/link";
import { formatKoreanTime, formatWon } from "#shop/korean.js";
import { bankName } from "#shop/labels.js";
import type { ShopOrder } from "#shop/orders.js";
import { Steps } from "../../_parts/steps.tsx";

/** A virtual account was issued: where to pay, until when, and nothing is paid yet. */
export function Awaiting({
  order,
  payment,
  sandboxUrl,
}: {
  order: ShopOrder;
  payment: OrderPayment;
  sandboxUrl: string;
}) {
  const { account } = payment;
  const isOver = account?.dueAt !== undefined && account.dueAt < new Date();
  return (
    <>
      <div className="ending-head">
        <Steps now="결제" />
        <h1>{isOver ? "입금 기한이 지났습니다" : "입금을 기다리고 있습니다"}</h1>
        <p>
          {isOver
            ? "이 계좌로는 더 입금하지 마세요. 이미 입금하셨다면 담당자가 확인하고 있습니다."
            : "아래 계좌로 입금해 주세요. 입금이 확인되면 이 화면이 저절로 바뀌고, 그때 배송을 준비합니다."}
        </p>
      </div>
      <section className="panel stack" aria-labelledby="account">
        <div className="panel-head">
          <h2 id="account">입금할 계좌</h2>
          <span className="badge badge-wait">{isOver ? "기한 지남" : "입금 대기"}</span>
        </div>
        <dl className="facts">
          {account?.bankCode !== undefined && (
            <>
              <dt>은행</dt>
              <dd>{bankName(account.bankCode)}</dd>
            </>
          )}
          <dt>계좌번호</dt>
          <dd className="number account-number" data-fact="account">
            {account?.number}
          </dd>
          {account?.holder !== undefined && (
            <>
              <dt>예금주</dt>
              <dd>{account.holder}</dd>
            </>
          )}
          {account?.dueAt !== undefined && (
            <>
              <dt>입금 기한</dt>
              <dd>
                <time dateTime={account.dueAt.toISOString()} data-fact="dueAt">
                  {formatKoreanTime(account.dueAt)}
                </time>
              </dd>
            </>
          )}
          <dt>주문번호</dt>
          <dd className="number">{order.id}</dd>
          <dt className="total">입금할 금액</dt>
          <dd className="total number">{formatWon(payment.price)}</dd>
        </dl>
      </section>
      {!isOver && (
        <p className="notice notice-plain">
          <span>
            연습용 안내: 진짜 은행 대신{" "}
            <a href={`${sandboxUrl}/_sandbox`} target="_blank" rel="noopener noreferrer">
              모의 결제 서버의 화면
            </a>
            (새 창)에서 ‘가상계좌’의 <strong>입금</strong> 단추를 누르면 이 계좌에 입금됩니다.
          </span>
        </p>
      )}
      <div className="row ending-links">
        <Link className="button button-quiet" href={`/orders/${order.id}/pay`}>
          다른 방법으로 결제하기
        </Link>
      </div>
    </>
  );
}
