import { fieldProblem } from "../../errors.js";
import { isAmount } from "../../money.js";
import type { CancelRequest, OrderPayment } from "../../store/index.js";
import { type OrderView, viewOrder } from "../order-view.js";
import type { ProblemCode } from "../problem-table.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route } from "../route.js";
import { shopFault } from "./gateway-problems.js";
import { settledOrder, usePayments } from "./payment-answers.js";

export const fullCancel = {
  name: "cancel",
  group: "cancels",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/cancel",
  action: "cancel",
  summary: "Cancels all that remains of a payment.",
  body: [],
  answer: "Order",
  success: 200,
  run: (call: OrderCall) => cancel(call),
} as const satisfies Route;

export const partialCancel = {
  name: "cancelPartially",
  group: "cancels",
  subject: "order",
  method: "POST",
  path: "/orders/:orderId/partial-cancel",
  action: "cancel",
  summary: "Cancels a part of a payment, if exactly `confirmPrice` won remain after it.",
  body: [
    { name: "cancelPrice", type: "number", required: true, note: "won to give back now" },
    { name: "confirmPrice", type: "number", required: true, note: "won that must remain after it" },
  ],
  answer: "Order",
  success: 200,
  run: (call: OrderCall) => cancel(call, { part: readPart(call.body) }),
} as const satisfies Route;

async function cancel(
  { order: { id: orderId }, actor, services }: OrderCall,
  part: Pick<CancelRequest, "part"> = {},
): Promise<JsonAnswer<OrderView>> {
  const request = { orderId, ...part, ...(actor === undefined ? {} : { actor }) };
  const result = await usePayments(services, { orderId }, [], (payments) => payments.cancel(request));
  const order = settledOrder(result, services.logger);
  if (order.cancel?.status === "done") return { status: 200, body: viewOrder(order) };
  const { status, failureCode } = order.cancel ?? {};
  const fault = status === "refused" ? shopFault(failureCode, viewOrder(order)) : undefined;
  if (fault !== undefined) throw fault;
  const code = cancelProblems[order.cancel?.status ?? "unknown"] ?? "outcome-unknown";
  throw new HandlerProblem(code, { order: viewOrder(order) });
}

const cancelProblems: Partial<Record<NonNullable<OrderPayment["cancel"]>["status"], ProblemCode>> = {
  refused: "cancel-refused",
  "not-sent": "not-sent",
  "needs-review": "needs-review",
};

const amountMessages = {
  cancelPrice: {
    en: "must be the won to cancel now, above 0",
    ko: "지금 취소할 금액(원)을 0보다 큰 정수로 보내야 합니다",
  },
  confirmPrice: {
    en: "must be the won that remain after it",
    ko: "취소한 뒤에 남을 금액(원)을 0 이상의 정수로 보내야 합니다",
  },
};

function readPart({ cancelPrice, confirmPrice }: OrderCall["body"]): {
  cancelPrice: number;
  confirmPrice: number;
} {
  const errors = [
    ...(isAmount(cancelPrice) ? [] : [fieldProblem("cancelPrice", amountMessages.cancelPrice)]),
    ...(confirmPrice === 0 || isAmount(confirmPrice)
      ? []
      : [fieldProblem("confirmPrice", amountMessages.confirmPrice)]),
  ];
  if (errors.length > 0) throw new HandlerProblem("invalid-input", { errors });
  return { cancelPrice: cancelPrice as number, confirmPrice: confirmPrice as number };
}
