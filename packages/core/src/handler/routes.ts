import type { Environment } from "../config.js";
import { isPayApiError } from "../errors.js";
import { isAmount } from "../money.js";
import { operations } from "../operations/index.js";
import type {
  CancelRequest,
  OrderPayment,
  PaymentRecord,
  Reservation,
  ReservedCall,
} from "../record/index.js";
import { makeRecordedCall, type RecordedCall } from "../record/recorded-call.js";
import { makeRecordedCancel } from "../record/recorded-cancel.js";
import { checkInput } from "../wire/check-input.js";
import type { AuthorizeRequest, Logger, Order, PayApiHandlerOptions, RouteGroup } from "./options.js";
import { orderResponse, viewOrder } from "./order-view.js";
import { HandlerProblem, type ProblemCode } from "./problems.js";

/** What a route works with once the caller may use it. */
export interface RouteCall {
  readonly order: Order;
  readonly body: Readonly<Record<string, unknown>>;
  readonly payapi: PayApiHandlerOptions["payapi"];
  readonly record: PaymentRecord;
  readonly logger: Logger;
}

/** One endpoint as data. `:orderId` stands for one path segment. */
export interface Route {
  readonly group: RouteGroup;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly action: AuthorizeRequest<unknown>["action"];
  /** The names a body may have. */
  readonly body: readonly string[];
  run(call: RouteCall): Promise<Response>;
}

/** Every endpoint the handler has. */
export const routes: readonly Route[] = [
  {
    group: "cards",
    method: "POST",
    path: "/orders/:orderId/card-approval",
    action: "approve",
    body: ["cardNumber", "cardExpireYY", "cardExpireMM", "registNo", "passwd", "cardQuota", "quotaInterest"],
    run: approveCard,
  },
  { group: "orders", method: "GET", path: "/orders/:orderId", action: "view", body: [], run: showOrder },
  {
    group: "cancels",
    method: "POST",
    path: "/orders/:orderId/cancel",
    action: "cancel",
    body: [],
    run: ({ order, ...call }) => cancel(call, { orderId: order.id }),
  },
  {
    group: "cancels",
    method: "POST",
    path: "/orders/:orderId/partial-cancel",
    action: "cancel",
    body: ["cancelPrice", "confirmPrice"],
    run: ({ order, ...call }) => cancel(call, { orderId: order.id, part: readPart(call.body) }),
  },
];

async function approveCard({ order, body, payapi, record, logger }: RouteCall): Promise<Response> {
  const input = {
    ...(body as { cardNumber: string; cardExpireYY: string; cardExpireMM: string }),
    price: order.price,
    goodsName: order.goodsName,
    buyerName: order.buyerName,
    buyerTel: order.buyerTel,
    buyerEmail: order.buyerEmail,
  };
  checkCardInput(input, body, order, payapi.environment, logger);
  const request = { orderId: order.id, price: order.price, payType: "card" };
  const call = await reserved(logger, order.id, () => record.reserveApproval(request));
  const made = await makeRecordedCall(record, call, (options) =>
    payapi.cards.approve({ ...input, oid: call.oid }, options),
  );
  const paid = settledOrder(made, call, logger);
  if (paid.status === "paid") return orderResponse(viewOrder(paid));
  throw new HandlerProblem(approvalProblems[paid.status] ?? "outcome-unknown", { order: viewOrder(paid) });
}

const approvalProblems: Partial<Record<OrderPayment["status"], ProblemCode>> = {
  declined: "declined",
  "not-sent": "not-sent",
  "needs-attention": "needs-attention",
};

// Before the reservation, so that a mistyped card number burns no order number and locks nothing.
function checkCardInput(
  input: object,
  body: RouteCall["body"],
  order: Order,
  environment: Environment,
  logger: Logger,
): void {
  try {
    checkInput(operations.cards.approve, { ...input, oid: "0" }, environment);
  } catch (error) {
    const problems = (isPayApiError(error) && error.problems) || [];
    const fromBrowser = problems.filter(({ field }) => field in body || !(field in input));
    if (fromBrowser.length > 0) throw new HandlerProblem("invalid-input", { errors: fromBrowser });
    logger.error({ orderId: order.id, problems }, "The merchant's order cannot be sent to the gateway.");
    throw new HandlerProblem("internal-error");
  }
}

async function showOrder({ order, record, logger }: RouteCall): Promise<Response> {
  const found = await fromRecord(logger, order.id, () => record.findOrder(order.id));
  if (found !== undefined) return orderResponse(viewOrder(found));
  return orderResponse({ orderId: order.id, status: "not-paid", price: order.price, remainingPrice: 0 });
}

async function cancel(
  { payapi, record, logger }: Omit<RouteCall, "order">,
  request: CancelRequest,
): Promise<Response> {
  const call = await reserved(logger, request.orderId, () => record.reserveCancel(request));
  const made = await makeRecordedCancel(payapi, record, call);
  const order = settledOrder(made, call, logger);
  if (order.cancel?.status === "done") return orderResponse(viewOrder(order));
  const code = cancelProblems[order.cancel?.status ?? "unknown"] ?? "outcome-unknown";
  throw new HandlerProblem(code, { order: viewOrder(order) });
}

const cancelProblems: Partial<Record<NonNullable<OrderPayment["cancel"]>["status"], ProblemCode>> = {
  refused: "cancel-refused",
  "not-sent": "not-sent",
  "needs-attention": "needs-attention",
};

function readPart(body: RouteCall["body"]): { cancelPrice: number; confirmPrice: number } {
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

async function reserved<Call extends ReservedCall>(
  logger: Logger,
  orderId: string,
  reserve: () => Promise<Reservation<Call>>,
): Promise<Call> {
  const reservation = await fromRecord(logger, orderId, reserve);
  if (reservation.status === "reserved") return reservation.call;
  const { reason, order } = reservation;
  throw new HandlerProblem(reason, {
    order: order && viewOrder(order),
    headers: reason === "in-progress" ? { "retry-after": "1" } : undefined,
  });
}

async function fromRecord<T>(logger: Logger, orderId: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    logger.error(
      { orderId, error: errorName(error) },
      "The payment record could not be reached; nothing was sent.",
    );
    throw new HandlerProblem("record-unavailable", { headers: { "retry-after": "5" } });
  }
}

function settledOrder(
  { order, outcome, settleError }: RecordedCall,
  call: ReservedCall,
  logger: Logger,
): OrderPayment {
  const facts = { orderId: call.orderId, callId: call.id, kind: call.kind, ...outcome };
  if (order === undefined) {
    // The one trace of what the gateway said: an operator needs the transaction id to settle the order.
    logger.error(
      { ...facts, error: errorName(settleError) },
      "The outcome could not be recorded; the order stays locked.",
    );
    throw new HandlerProblem("outcome-unknown");
  }
  if (outcome.outcome === "unknown" || outcome.outcome === "moved") {
    logger.warn(facts, "The outcome needs an operator; the order is locked.");
  }
  return order;
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
