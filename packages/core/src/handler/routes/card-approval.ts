import { operations } from "../../operations/index.js";
import { makeRecordedCall } from "../../record/recorded-call.js";
import { installments } from "../../record/recorded-charge.js";
import { fieldsOf, pick } from "../body-fields.js";
import type { OrderView } from "../order-view.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { checkForGateway } from "./check-for-gateway.js";
import { approvalAnswer, reserved, settledOrder } from "./money.js";

const body = fieldsOf(operations.cards.approve, [
  "cardNumber",
  "cardExpireYY",
  "cardExpireMM",
  "registNo",
  "passwd",
  "cardQuota",
]);

export const cardApproval = {
  name: "approveCard",
  group: "cards",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/card-approval",
  action: "approve",
  summary: "Charges the order's price to a card whose number the buyer keyed in, once.",
  body,
  answer: "Order",
  success: 200,
  counts: "failures",
  run: approveCard,
} as const satisfies Route;

async function approveCard({ order, body: given, services }: OrderCall): Promise<JsonAnswer<OrderView>> {
  const { payapi, record, logger } = services;
  const { cardQuota, ...card } = pick(given, body) as {
    cardNumber: string;
    cardExpireYY: string;
    cardExpireMM: string;
    cardQuota?: number;
  };
  const input = {
    ...card,
    ...installments(cardQuota, order.interestFree),
    price: order.price,
    goodsName: order.goodsName,
    buyerName: order.buyerName,
    buyerTel: order.buyerTel,
    buyerEmail: order.buyerEmail,
  };
  // Before the reservation, so that a mistyped card number burns no order number and locks nothing.
  checkForGateway(operations.cards.approve, { ...input, oid: "0" }, given, services, { orderId: order.id });
  const request = { orderId: order.id, price: order.price, payType: "card" };
  const call = await reserved(logger, order.id, () => record.reserveApproval(request));
  const made = await makeRecordedCall(record, call, (options) =>
    payapi.cards.approve({ ...input, oid: call.oid }, options),
  );
  return approvalAnswer(settledOrder(made, call, logger));
}
