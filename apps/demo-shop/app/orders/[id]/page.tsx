import type { OrderPayment } from "@payapi/core";
import type { Metadata } from "next";
import Link from "next/link";
import type { ShopOrder } from "#shop/orders.js";
import { ownOrder } from "../../_parts/order-of.ts";
import { OrderSummary } from "../../_parts/order-summary.tsx";
import { OrderWatch } from "./order-watch.tsx";
import { Receipt } from "./receipt.tsx";
import { Unknown } from "./unknown.tsx";
import { Unpaid } from "./unpaid.tsx";
import { Working } from "./working.tsx";

export const metadata: Metadata = { title: "주문", robots: { index: false } };

export default async function OrderPage({ params }: { params: Promise<{ id: string }> }) {
  const { order, payment } = await ownOrder((await params).id);
  return (
    <div className="ending">
      <Ending order={order} payment={payment} />
      <OrderSummary lines={order.lines} shipping={order.shipping} total={order.price} totalName="주문 금액" />
      {isPaid(payment) && (
        <div className="row ending-links">
          <Link className="button button-quiet" href="/orders">
            주문 내역
          </Link>
          <Link className="button" href="/">
            계속 둘러보기
          </Link>
        </div>
      )}
      <OrderWatch
        key={payment?.status ?? "not-paid"}
        orderId={order.id}
        status={payment?.status ?? "not-paid"}
      />
    </div>
  );
}

/** Paid once, whatever was cancelled or is being cancelled since. */
function isPaid(payment: OrderPayment | undefined): boolean {
  return payment?.approvedAt !== undefined && payment.applNum !== undefined;
}

function Ending({ order, payment }: { order: ShopOrder; payment: OrderPayment | undefined }) {
  if (payment !== undefined && isPaid(payment)) return <Receipt order={order} payment={payment} />;
  switch (payment?.status) {
    case undefined:
    case "declined":
    case "not-sent":
    case "network-cancelled":
      return <Unpaid order={order} payment={payment} />;
    case "in-progress":
      return <Working />;
    default:
      return <Unknown order={order} />;
  }
}
