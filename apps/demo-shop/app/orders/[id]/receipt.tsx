import type { OrderPayment } from "@payapi/core";
import { formatKoreanTime, formatWon } from "#shop/korean.js";
import { cancelledAmount, labelOf, payTypeName } from "#shop/labels.js";
import type { ShopOrder } from "#shop/orders.js";
import { Steps } from "../../_parts/steps.tsx";

const words: Partial<Record<OrderPayment["status"], readonly [title: string, text: string]>> = {
  paid: ["결제가 끝났습니다", "주문해 주셔서 고맙습니다. 정성껏 싸서 이틀 안에 보내 드리겠습니다."],
  "partially-cancelled": [
    "일부를 취소해 드렸습니다",
    "취소한 금액은 결제 수단에 따라 3–5일 뒤에 돌아갑니다.",
  ],
  cancelled: ["결제를 취소해 드렸습니다", "취소한 금액은 결제 수단에 따라 3–5일 뒤에 돌아갑니다."],
};
const cancelling = [
  "취소를 확인하고 있습니다",
  "결제는 되었고, 취소가 끝났는지 담당자가 확인하고 있습니다.",
] as const;

/** The receipt of a paid order. */
export function Receipt({ order, payment }: { order: ShopOrder; payment: OrderPayment }) {
  const [title, text] = words[payment.status] ?? cancelling;
  const label = labelOf(payment);
  const cancelled = cancelledAmount(payment);
  return (
    <>
      <div className="ending-head">
        {payment.status === "paid" && <Steps now="완료" />}
        <svg className="ending-mark" viewBox="0 0 64 64" fill="none" aria-hidden="true">
          <circle cx="32" cy="32" r="31" fill="#e1eee4" />
          <path
            d="M20 33.5 28.5 42 45 24"
            stroke="#25603f"
            strokeWidth="4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        <h1>{title}</h1>
        <p>{text}</p>
      </div>
      <section className="panel stack" aria-labelledby="receipt">
        <div className="panel-head">
          <h2 id="receipt">결제 영수증</h2>
          <span className={`badge badge-${label.tone}`}>{label.text}</span>
        </div>
        <dl className="facts">
          <dt>주문번호</dt>
          <dd className="number">{order.id}</dd>
          {payment.applNum !== undefined && (
            <>
              <dt>승인번호</dt>
              <dd className="number" data-fact="applNum">
                {payment.applNum}
              </dd>
            </>
          )}
          {payment.approvedAt !== undefined && (
            <>
              <dt>결제 일시</dt>
              <dd>
                <time dateTime={payment.approvedAt.toISOString()}>
                  {formatKoreanTime(payment.approvedAt)}
                </time>
              </dd>
            </>
          )}
          <dt>결제 방법</dt>
          <dd>{payTypeName(payment.payType)}</dd>
          <dt>구매하신 분</dt>
          <dd>{order.buyerName}</dd>
          <dt>결제 금액</dt>
          <dd className="number" data-fact="price">
            {formatWon(payment.price)}
          </dd>
          {cancelled > 0 && (
            <>
              <dt>취소한 금액</dt>
              <dd className="number" data-fact="cancelled">
                −{formatWon(cancelled)}
              </dd>
              <dt className="total">남은 결제 금액</dt>
              <dd className="total number" data-fact="remaining">
                {formatWon(payment.remainingPrice)}
              </dd>
            </>
          )}
        </dl>
      </section>
    </>
  );
}
