import type { OrderPayment } from "@payapi/core";
import type { FulfilmentStep } from "#shop/events/fulfilment.js";
import { formatWon } from "#shop/korean.js";
import { bankName, cancelledAmount, labelOf, labelOfFulfilment, payTypeName, wasPaid } from "#shop/labels.js";
import type { ShopOrder } from "#shop/orders.js";
import {
  Advice,
  Badge,
  EndingHead,
  Facts,
  LinkButton,
  OrderNumber,
  SandboxLink,
  time,
} from "../../_parts/ui.tsx";
import { WhyUnpaid } from "./why-unpaid.tsx";

type Paying = { readonly order: ShopOrder; readonly payment: OrderPayment };

/** The result of an order's payment, or the next step. */
export function Ending({
  order,
  payment,
  sandboxUrl,
  reason,
}: {
  order: ShopOrder;
  payment: OrderPayment | undefined;
  sandboxUrl: string;
  /** Of the return from the payment page. */
  reason: string | undefined;
}) {
  if (payment === undefined) return <Unpaid orderId={order.id} reason={reason} />;
  if (wasPaid(payment)) return <Receipt order={order} payment={payment} />;
  switch (payment.status) {
    case "declined":
    case "not-sent":
    case "net-cancelled":
      return <Unpaid orderId={order.id} reason={reason} why={whyUnpaid[payment.status]} />;
    case "awaiting-deposit":
      return <Awaiting order={order} payment={payment} sandboxUrl={sandboxUrl} />;
    case "in-progress":
      return <Working />;
    default:
      return <Unknown orderId={order.id} isKnown={payment.status === "needs-review"} />;
  }
}

const whyUnpaid = {
  declined: "승인되지 않아 결제되지 않았습니다. 다른 카드나 다른 방법으로 결제하실 수 있습니다.",
  "not-sent": "결제되지 않았습니다. 다시 결제하실 수 있습니다.",
  "net-cancelled":
    "결제 도중 응답이 끊겨 승인을 취소했습니다. 결제되지 않았습니다. 다시 결제하실 수 있습니다.",
};

function Unpaid({ orderId, reason, why }: { orderId: string; reason: string | undefined; why?: string }) {
  return (
    <>
      <EndingHead title="아직 결제하지 않은 주문입니다">
        <WhyUnpaid reason={reason} {...(why !== undefined && { otherwise: why })} />
        <LinkButton to={`/orders/${orderId}/pay`} text="결제하러 가기" kind="large" />
      </EndingHead>
      <OrderNumber id={orderId} />
    </>
  );
}

/** The approval is running, perhaps in another window. */
function Working() {
  return (
    <div className="ending-head" role="status">
      <span className="spinner" aria-hidden="true" />
      <h1>결제하고 있습니다</h1>
      <p>결제사의 승인을 기다리고 있습니다. 끝나면 이 화면이 저절로 바뀝니다. 다시 결제하지 마세요.</p>
    </div>
  );
}

/** A virtual account was issued: where to pay, and until when. */
function Awaiting({ order, payment, sandboxUrl }: Paying & { sandboxUrl: string }) {
  const { account } = payment;
  const isOver = account?.dueAt !== undefined && account.dueAt < new Date();
  return (
    <>
      <EndingHead
        step="결제"
        title={isOver ? "입금 기한이 지났습니다" : "입금을 기다리고 있습니다"}
        text={
          isOver
            ? "이 계좌로는 더 입금하지 마세요. 이미 입금하셨다면 담당자가 확인하고 있습니다."
            : "아래 계좌로 입금해 주세요. 입금이 확인되면 이 화면이 저절로 바뀌고, 그때 배송을 준비합니다."
        }
      />
      <section className="panel stack" aria-labelledby="account">
        <div className="panel-head">
          <h2 id="account">입금할 계좌</h2>
          <Badge tone="wait" text={isOver ? "기한 지남" : "입금 대기"} />
        </div>
        <Facts
          rows={[
            ["은행", account?.bankCode && bankName(account.bankCode)],
            ["계좌번호", account && <AccountNumber number={account.number} />],
            ["예금주", account?.holder],
            ["입금 기한", time(account?.dueAt, "dueAt")],
            ["주문번호", order.id],
            ["입금할 금액", formatWon(payment.price), { total: true }],
          ]}
        />
      </section>
      {!isOver && (
        <p className="notice notice-plain">
          <span>
            연습용 안내: 진짜 은행 대신 <SandboxLink url={sandboxUrl} />
            (새 창)에서 ‘가상계좌’의 <strong>입금</strong> 버튼을 누르면 이 계좌에 입금됩니다.
          </span>
        </p>
      )}
      <div className="row ending-links">
        <LinkButton to={`/orders/${order.id}/pay`} text="다른 방법으로 결제하기" kind="quiet" />
      </div>
    </>
  );
}

function AccountNumber({ number }: { number: string }) {
  return (
    <span className="number account-number" data-fact="account">
      {number}
    </span>
  );
}

const returnTime = "취소한 금액은 결제 수단에 따라 3–5일 뒤에 돌아갑니다.";
const paidTexts: Partial<Record<OrderPayment["status"], readonly [title: string, text: string]>> = {
  paid: ["결제가 끝났습니다", "주문해 주셔서 고맙습니다. 정성껏 싸서 이틀 안에 보내 드리겠습니다."],
  "partially-cancelled": ["부분 취소해 드렸습니다", returnTime],
  cancelled: ["결제를 취소해 드렸습니다", returnTime],
};
const cancelling = [
  "취소를 확인하고 있습니다",
  "결제는 되었고, 취소가 끝났는지 담당자가 확인하고 있습니다.",
] as const;

function Receipt({ order, payment }: Paying) {
  const [title, text] = paidTexts[payment.status] ?? cancelling;
  const cancelled = cancelledAmount(payment);
  return (
    <>
      <EndingHead
        step={payment.status === "paid" ? "완료" : undefined}
        mark="good"
        title={title}
        text={text}
      />
      <section className="panel stack" aria-labelledby="receipt">
        <div className="panel-head">
          <h2 id="receipt">결제 영수증</h2>
          <Badge {...labelOf(payment)} />
        </div>
        <Facts
          rows={[
            ["주문번호", order.id],
            ["승인번호", payment.applNum, { fact: "applNum" }],
            ["결제 일시", time(payment.approvedAt)],
            ["결제 방법", payTypeName(payment.payType)],
            ["구매하신 분", order.buyerName],
            ["결제 금액", formatWon(payment.price), { fact: "price" }],
            ...(cancelled > 0
              ? ([
                  ["취소한 금액", `−${formatWon(cancelled)}`, { fact: "cancelled" }],
                  ["남은 결제 금액", formatWon(payment.remainingPrice), { fact: "remaining", total: true }],
                ] as const)
              : []),
          ]}
        />
      </section>
    </>
  );
}

/** The outcome is unknown, or the money does not match the order: the only result without a button to try again. */
function Unknown({ orderId, isKnown }: { orderId: string; isKnown: boolean }) {
  return (
    <>
      <EndingHead
        mark="wait"
        title={isKnown ? "결제를 담당자가 살펴보고 있습니다" : "결제 결과를 확인하고 있습니다"}
        text={
          isKnown
            ? "결제사의 응답이나 알림이 주문과 달라 담당자가 확인하고 있습니다."
            : "결제를 요청했지만 응답을 받지 못했습니다. 결제가 되었을 수도, 되지 않았을 수도 있어 담당자가 확인하고 있습니다."
        }
      />
      <section className="notice notice-wait" aria-labelledby="what-to-do">
        <h2 id="what-to-do">이렇게 해 주세요</h2>
        <Advice
          items={[
            <>
              <strong>다시 결제하지 마세요.</strong> 두 번 결제되지 않도록 이 주문을 잠가 두었습니다.
            </>,
            isKnown
              ? "상점에서 전화나 이메일로 연락드리겠습니다. 이 주문은 그 뒤에도 잠겨 있어, 다시 사실 때에는 새로 주문해 주시면 됩니다."
              : "확인이 끝나면 이 화면에 결과가 나옵니다. 창을 닫으셔도 주문 내역에서 다시 여실 수 있습니다.",
            "문의하실 때는 아래 주문번호를 말씀해 주세요. 02-000-0000 (평일 10시–17시)",
          ]}
        />
      </section>
      <OrderNumber id={orderId} />
    </>
  );
}

export function Goods({ steps }: { steps: readonly FulfilmentStep[] }) {
  return (
    <section className="panel stack" aria-labelledby="goods">
      <h2 id="goods">배송</h2>
      <ol className="goods-steps" data-fulfilment>
        {steps.map(({ id, state, at }) => (
          <li key={id} className="goods-step">
            <Badge {...labelOfFulfilment(state)} />
            <span className="soft small">{time(at)}</span>
          </li>
        ))}
      </ol>
      {steps.at(-1)?.state === "held" && (
        <p className="soft small">확인할 것이 있어 발송을 잠시 멈추었습니다. 끝나면 여기에 나옵니다.</p>
      )}
    </section>
  );
}
