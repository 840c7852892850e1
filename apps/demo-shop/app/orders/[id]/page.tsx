import type { OrderPayment } from "@payapi/core";
import type { Metadata } from "next";
import Link from "next/link";
import type { FulfilmentStep } from "#shop/events/fulfilment.js";
import { wasPaid } from "#shop/labels.js";
import type { ShopOrder } from "#shop/orders.js";
import { ownOrder } from "../../_parts/order-of.ts";
import { OrderSummary } from "../../_parts/order-summary.tsx";
import { Awaiting } from "./awaiting.tsx";
import { Goods } from "./goods.tsx";
import { OrderWatch } from "./order-watch.tsx";
import { Receipt } from "./receipt.tsx";
import { Unknown } from "./unknown.tsx";
import { Unpaid } from "./unpaid.tsx";
import { Working } from "./working.tsx";

export const metadata: Metadata = { title: "주문", robots: { index: false } };

export default async function OrderPage({ params }: { params: Promise<{ id: string }> }) {
  const { order, payment, steps, settings } = await ownOrder((await params).id);
  return (
    <div className="ending">
      <Ending order={order} payment={payment} sandboxUrl={settings.sandboxUrl} />
      {steps.length > 0 && <Goods steps={steps} />}
      <OrderSummary lines={order.lines} shipping={order.shipping} total={order.price} totalName="주문 금액" />
      {payment !== undefined && wasPaid(payment) && (
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
        awaitsGoods={awaitsGoods(payment, steps)}
      />
    </div>
  );
}

/** What the worker does about an event comes a moment after the event. */
function awaitsGoods(payment: OrderPayment | undefined, steps: readonly FulfilmentStep[]): boolean {
  if (payment?.status === "paid") return steps.length === 0;
  return payment?.status === "cancelled" && steps.at(-1)?.state !== "cancelled";
}

function Ending({
  order,
  payment,
  sandboxUrl,
}: {
  order: ShopOrder;
  payment: OrderPayment | undefined;
  sandboxUrl: string;
}) {
  if (payment !== undefined && wasPaid(payment)) return <Receipt order={order} payment={payment} />;
  switch (payment?.status) {
    case undefined:
    case "declined":
    case "not-sent":
    case "network-cancelled":
      return <Unpaid order={order} payment={payment} />;
    case "awaiting-deposit":
      return <Awaiting order={order} payment={payment} sandboxUrl={sandboxUrl} />;
    case "in-progress":
      return <Working />;
    default:
      return <Unknown order={order} isKnown={payment?.status === "needs-attention"} />;
  }
}
