import type { OrderPayment } from "@payapi/core";
import type { Metadata } from "next";
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
      <OrderSummary lines={order.lines} shipping={order.shipping} total={order.price} />
      <OrderWatch
        key={payment?.status ?? "not-paid"}
        orderId={order.id}
        status={payment?.status ?? "not-paid"}
      />
    </div>
  );
}

function Ending({ order, payment }: { order: ShopOrder; payment: OrderPayment | undefined }) {
  if (payment?.approvedAt !== undefined && payment.applNum !== undefined) {
    return <Receipt order={order} payment={payment} />;
  }
  switch (payment?.status) {
    case undefined:
    case "declined":
    case "not-sent":
      return <Unpaid order={order} payment={payment} />;
    case "in-progress":
      return <Working />;
    default:
      return <Unknown order={order} />;
  }
}
