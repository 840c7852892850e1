import { operations } from "../../operations/index.js";
import type { CardPaymentRequest } from "../../payments/authorize.js";
import { fieldsOf, pick } from "../body-fields.js";
import type { OrderView } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { approvalAnswer, settledOrder, usePayments } from "./payment-answers.js";

const cardFields = fieldsOf(operations.cards.approve, [
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
  summary: "Charges the order's price to a keyed-in card, once.",
  body: cardFields,
  answer: "Order",
  success: 200,
  counts: "failures",
  reserves: true,
  run: approveCard,
} as const satisfies Route;

async function approveCard({ order, body: given, services }: OrderCall): Promise<JsonAnswer<OrderView>> {
  // Validate the fields first, so that a missing or mistyped field reserves nothing.
  const card = pick(given, cardFields) as unknown as CardPaymentRequest["card"];
  const result = await usePayments(services, { orderId: order.id }, cardFields, (payments) =>
    payments.authorizeCard({ order, card }),
  );
  return approvalAnswer(settledOrder(result, services.logger));
}

export const charge = {
  name: "charge",
  group: "charges",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/charge",
  action: "charge",
  summary: "Charges the order's price to a billing key, once.",
  body: [
    { name: "billingKeyId", type: "string", required: true, note: "the id that issuing the key gave" },
    ...fieldsOf(operations.billing.charge, ["cardQuota"]),
  ],
  answer: "Order",
  success: 200,
  counts: "charges",
  reserves: true,
  run: chargeKey,
} as const satisfies Route;

async function chargeKey({ order, billingKey, body, services }: OrderCall): Promise<JsonAnswer<OrderView>> {
  if (billingKey === undefined) throw new HandlerProblem("key-not-found");
  const cardQuota = body.cardQuota as number | undefined;
  const result = await usePayments(services, { orderId: order.id }, charge.body, (payments) =>
    payments.charge({ order, billingKey, cardQuota }),
  );
  return approvalAnswer(settledOrder(result, services.logger));
}
