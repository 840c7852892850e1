import type { OrderPayment } from "@payapi/core";
import Link from "next/link";
import type { ShopOrder } from "#shop/orders.js";

const why: Partial<Record<OrderPayment["status"], string>> = {
  declined:
    "결제가 승인되지 않았습니다. 돈은 빠져나가지 않았습니다. 다른 카드나 다른 방법으로 결제하실 수 있습니다.",
  "not-sent": "결제되지 않았습니다. 돈은 빠져나가지 않았습니다. 다시 결제하실 수 있습니다.",
  "network-cancelled":
    "결제 도중 답이 끊겨 승인을 되돌렸습니다. 돈은 빠져나가지 않았습니다. 다시 결제하실 수 있습니다.",
};

/** Not paid, and nothing stands in the way of paying. */
export function Unpaid({ order, payment }: { order: ShopOrder; payment: OrderPayment | undefined }) {
  return (
    <>
      <div className="ending-head">
        <h1>아직 결제하지 않은 주문입니다</h1>
        {payment !== undefined && <p>{why[payment.status]}</p>}
        <Link className="button button-large" href={`/orders/${order.id}/pay`}>
          결제하러 가기
        </Link>
      </div>
      <p className="order-number">
        <span className="soft small">주문번호</span>
        <strong className="number">{order.id}</strong>
      </p>
    </>
  );
}
