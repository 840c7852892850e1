import { fieldProblem, isPayApiError } from "../../errors.js";
import { operations } from "../../operations/index.js";
import type { OrderStatus, RefusedReason } from "../../store/index.js";
import { fieldMessages } from "../../wire/field-messages.js";
import { fromLedger } from "../from-ledger.js";
import type { CardIssuer } from "../messages.js";
import { viewOrder } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { checkForGateway, gatewayProblem } from "./gateway-problems.js";

export const cardPrefix = {
  name: "lookupCardPrefix",
  group: "card-prefix",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/card-prefix",
  action: "approve",
  summary:
    "Returns a card's issuer, from the first six digits of its number, for an order that can still be paid.",
  body: [
    { name: "prefix", type: "string", required: true, note: "exactly 6 digits, never the whole number" },
  ],
  answer: "CardIssuer",
  success: 200,
  counts: "all",
  run: lookUp,
} as const satisfies Route;

const notOpen: Partial<Record<OrderStatus, RefusedReason>> = {
  "in-progress": "in-progress",
  paid: "already-paid",
  "partially-cancelled": "already-paid",
  cancelled: "already-cancelled",
  unknown: "outcome-unknown",
  "needs-review": "needs-review",
};

async function lookUp({ order, body, services }: OrderCall): Promise<JsonAnswer<CardIssuer>> {
  const { payapi, ledger, logger } = services;
  const { prefix } = body;
  if (typeof prefix !== "string" || !/^\d{6}$/.test(prefix)) {
    throw new HandlerProblem("invalid-input", {
      errors: [fieldProblem("prefix", fieldMessages.noCardPrefix)],
    });
  }
  checkForGateway(operations.cards.lookupPrefix, { cardNumber: prefix }, body, services, {
    orderId: order.id,
  });
  const payment = await fromLedger(logger, { orderId: order.id }, () => ledger.findOrder(order.id));
  const reason = payment && notOpen[payment.status];
  if (payment && reason) throw new HandlerProblem(reason, { order: viewOrder(payment) });
  try {
    const { cardCode, cardType, cardName } = await payapi.cards.lookupPrefix({ cardNumber: prefix });
    return { status: 200, body: { cardCode, cardType, cardName } };
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    throw gatewayProblem(error);
  }
}
