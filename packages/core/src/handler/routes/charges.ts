import { operations } from "../../operations/index.js";
import { makeRecordedCharge, payTypeOfKey } from "../../record/recorded-charge.js";
import { fieldsOf } from "../body-fields.js";
import type { OrderView } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { checkForGateway } from "./check-for-gateway.js";
import { approvalAnswer, reserved, settledOrder } from "./money.js";

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
  const { payapi, record, logger } = services;
  if (billingKey === undefined) throw new HandlerProblem("key-not-found");
  const { cardQuota } = body;
  const buyer = {
    goodsName: order.goodsName ?? order.id,
    buyerName: order.buyerName,
    buyerTel: order.buyerTel,
    buyerEmail: order.buyerEmail,
  };
  const quota = cardQuota === undefined ? {} : { cardQuota };
  // A phone's charge takes no installments, and says so itself.
  const operation =
    billingKey.kind === "mobile" ? operations.billing.chargeMobile : operations.billing.charge;
  const input = { ...buyer, ...quota, oid: "0", price: order.price, billkey: "0" };
  checkForGateway(operation, input, body, services, { orderId: order.id });
  if (billingKey.state !== "active") throw new HandlerProblem("key-not-active");
  const request = { orderId: order.id, price: order.price, payType: payTypeOfKey(billingKey) };
  const call = await reserved(logger, order.id, () => record.reserveApproval(request));
  const made = await makeRecordedCharge(payapi, record, call, billingKey, {
    ...buyer,
    interestFree: order.interestFree,
    cardQuota: cardQuota as number | undefined,
  });
  return approvalAnswer(settledOrder(made, call, logger));
}
