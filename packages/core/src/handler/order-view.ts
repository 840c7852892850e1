import type { OrderPayment } from "../record/index.js";

/** An order's payment as browsers see it. The transaction id stays on the server: with a leaked signature it is a key to cancels. */
export type OrderView = Omit<OrderPayment, "tid" | "approvedAt" | "status"> & {
  /** `not-paid`: no payment was tried yet. */
  readonly status: OrderPayment["status"] | "not-paid";
  /** ISO 8601. */
  readonly approvedAt?: string;
};

/** What a browser may see of an order's payment. */
export function viewOrder({ tid: _tid, approvedAt, ...rest }: OrderPayment): OrderView {
  return approvedAt === undefined ? rest : { ...rest, approvedAt: approvedAt.toISOString() };
}

/** The answer for an order on which nothing went wrong. */
export function orderResponse(order: OrderView): Response {
  return new Response(JSON.stringify(order), {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  });
}
