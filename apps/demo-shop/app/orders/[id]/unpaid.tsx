import type { OrderPayment } from "@payapi/core";
import Link from "next/link";
import type { ShopOrder } from "#shop/orders.js";

/** Not paid, and nothing stands in the way of paying. */
export function Unpaid({ order, payment }: { order: ShopOrder; payment: OrderPayment | undefined }) {
  return (
    <>
      <div className="ending-head">
        <h1>아직 결제하지 않은 주문입니다</h1>
        {payment?.status === "declined" && (
          <p>카드가 승인되지 않았습니다. 돈은 빠져나가지 않았습니다. 다른 카드로 결제하실 수 있습니다.</p>
        )}
        {payment?.status === "not-sent" && (
          <p>카드사에 연결하지 못했습니다. 돈은 빠져나가지 않았습니다. 다시 결제하실 수 있습니다.</p>
        )}
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
