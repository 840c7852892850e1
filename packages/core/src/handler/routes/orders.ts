import { fromLedger } from "../from-ledger.js";
import { type OrderView, viewOrder } from "../order-view.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";

export const orderStatus = {
  name: "getOrder",
  group: "orders",
  subject: "order",
  method: "GET",
  path: "/orders/:orderId",
  action: "view",
  takesTicket: true,
  summary: "Returns the payment status of an order.",
  body: [],
  answer: "Order",
  success: 200,
  run: showOrder,
} as const satisfies Route;

async function showOrder({ order, services: { ledger, logger } }: OrderCall): Promise<JsonAnswer<OrderView>> {
  const found = await fromLedger(logger, { orderId: order.id }, () => ledger.findOrder(order.id));
  if (found !== undefined) return { status: 200, body: viewOrder(found) };
  return {
    status: 200,
    body: { orderId: order.id, status: "not-paid", price: order.price, remainingPrice: 0 },
  };
}
