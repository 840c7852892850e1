import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { wasPaid } from "#shop/labels.js";
import { OrderSummary } from "../../_parts/order-summary.tsx";
import { LinkButton } from "../../_parts/ui.tsx";
import { findOwnOrder } from "../../_parts/visitor.ts";
import { Ending, Goods } from "./endings.tsx";
import { OrderWatch } from "./order-watch.tsx";
import { ReturnedBuyer } from "./returned-buyer.tsx";

export const metadata: Metadata = { title: "주문", robots: { index: false } };

interface Props {
  readonly params: Promise<{ id: string }>;
  readonly searchParams: Promise<{ ticket?: string | string[]; reason?: string | string[] }>;
}

export default async function OrderPage({ params, searchParams }: Props) {
  const { id } = await params;
  const { ticket, reason: given } = await searchParams;
  const reason = typeof given === "string" ? given : undefined;
  const own = await findOwnOrder(id);
  if (own === undefined) {
    return typeof ticket === "string" ? (
      <ReturnedBuyer orderId={id} ticket={ticket} reason={reason} />
    ) : (
      notFound()
    );
  }
  if (ticket !== undefined) {
    redirect(`/orders/${id}${reason === undefined ? "" : `?${new URLSearchParams({ reason })}`}`);
  }
  const { order, payment, steps, settings } = own;
  const status = payment?.status ?? "not-paid";
  // The worker handles an event shortly after it was written.
  const awaitsGoods =
    (status === "paid" && steps.length === 0) ||
    (status === "cancelled" && steps.at(-1)?.state !== "cancelled");
  return (
    <div className="ending">
      <Ending order={order} payment={payment} sandboxUrl={settings.sandboxUrl} reason={reason} />
      {steps.length > 0 && <Goods steps={steps} />}
      <OrderSummary order={order} totalName="주문 금액" />
      {payment !== undefined && wasPaid(payment) && (
        <div className="row ending-links">
          <LinkButton to="/orders" text="주문 내역" kind="quiet" />
          <LinkButton to="/" text="계속 둘러보기" />
        </div>
      )}
      <OrderWatch status={status} awaitsGoods={awaitsGoods} />
    </div>
  );
}
