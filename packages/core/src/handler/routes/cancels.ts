import { isAmount } from "../../money.js";
import type { CancelRequest, OrderPayment } from "../../record/index.js";
import { makeRecordedCancel } from "../../record/recorded-cancel.js";
import { viewOrder } from "../order-view.js";
import { HandlerProblem, type ProblemCode } from "../problems.js";
import type { JsonAnswer, OrderCall, Route, Services } from "../route.js";
import { reserved, settledOrder } from "./money.js";

export const fullCancel = {
  group: "cancels",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/cancel",
  action: "cancel",
  summary: "Gives back all that remains of a payment.",
  body: [],
  answer: "Order",
  success: 200,
  run: ({ order, services }: OrderCall) => cancel(services, { orderId: order.id }),
} as const satisfies Route;

export const partialCancel = {
  group: "cancels",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/partial-cancel",
  action: "cancel",
  summary: "Gives back a part of a payment, if exactly `confirmPrice` remains after it.",
  body: [
    { name: "cancelPrice", type: "number", required: true, note: "won to give back now" },
    { name: "confirmPrice", type: "number", required: true, note: "won that must remain after it" },
  ],
  answer: "Order",
  success: 200,
  run: ({ order, body, services }: OrderCall) =>
    cancel(services, { orderId: order.id, part: readPart(body) }),
} as const satisfies Route;

async function cancel({ payapi, record, logger }: Services, request: CancelRequest): Promise<JsonAnswer> {
  const call = await reserved(logger, request.orderId, () => record.reserveCancel(request));
  const made = await makeRecordedCancel(payapi, record, call);
  const order = settledOrder(made, call, logger);
  if (order.cancel?.status === "done") return { status: 200, body: viewOrder(order) };
  const code = cancelProblems[order.cancel?.status ?? "unknown"] ?? "outcome-unknown";
  throw new HandlerProblem(code, { order: viewOrder(order) });
}

const cancelProblems: Partial<Record<NonNullable<OrderPayment["cancel"]>["status"], ProblemCode>> = {
  refused: "cancel-refused",
  "not-sent": "not-sent",
  "needs-attention": "needs-attention",
};

function readPart(body: OrderCall["body"]): { cancelPrice: number; confirmPrice: number } {
  const { cancelPrice, confirmPrice } = body;
  const errors = [
    ...(isAmount(cancelPrice)
      ? []
      : [{ field: "cancelPrice", message: "must be the won to cancel now, above 0" }]),
    ...(confirmPrice === 0 || isAmount(confirmPrice)
      ? []
      : [{ field: "confirmPrice", message: "must be the won that remain after it" }]),
  ];
  if (errors.length > 0) throw new HandlerProblem("invalid-input", { errors });
  return { cancelPrice: cancelPrice as number, confirmPrice: confirmPrice as number };
}
