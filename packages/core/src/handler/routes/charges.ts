import { operations } from "../../operations/index.js";
import { fieldsOf } from "../body-fields.js";
import type { OrderView } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { approvalAnswer, settledOrder, usePayments } from "./payment-answers.js";

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
