import type { OrderPayment, Reservation, ReservedCall } from "../../record/index.js";
import type { RecordedCall } from "../../record/recorded-call.js";
import type { Logger } from "../options.js";
import { type OrderView, viewOrder } from "../order-view.js";
import type { ProblemCode } from "../problem-table.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer } from "../route.js";

/** The call that the record reserved; a problem that says why there is none. */
export async function reserved<Call extends ReservedCall>(
  logger: Logger,
  orderId: string,
  reserve: () => Promise<Reservation<Call>>,
): Promise<Call> {
  const reservation = await fromRecord(logger, { orderId }, reserve);
  if (reservation.status === "reserved") return reservation.call;
  throw refusal(reservation);
}

/** The problem for what the record refused. */
export function refusal({
  reason,
  order,
}: Extract<Reservation<ReservedCall>, { status: "refused" }>): HandlerProblem {
  return new HandlerProblem(reason, {
    order: order && viewOrder(order),
    headers: reason === "in-progress" ? { "retry-after": "1" } : undefined,
  });
}

/** Asks the record before anything is sent. */
export async function fromRecord<T>(
  logger: Logger,
  about: Readonly<Record<string, string>>,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    logger.error(
      { ...about, error: errorName(error), ...codeOf(error) },
      "The payment record failed; nothing was sent.",
    );
    throw new HandlerProblem("record-unavailable", { headers: { "retry-after": "5" } });
  }
}

/** The order after a call; a problem where its outcome could not be recorded. */
export function settledOrder(
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

const approvalProblems: Partial<Record<OrderPayment["status"], ProblemCode>> = {
  declined: "declined",
  "not-sent": "not-sent",
  "network-cancelled": "not-sent",
  "needs-attention": "needs-attention",
};

/** The answer to an approval: the paid order, or the problem with it. */
export function approvalAnswer(payment: OrderPayment): JsonAnswer<OrderView> {
  if (payment.status === "paid") return { status: 200, body: viewOrder(payment) };
  throw new HandlerProblem(approvalProblems[payment.status] ?? "outcome-unknown", {
    order: viewOrder(payment),
  });
}

/** Tells an operator a record that is away from one that lacks something, such as the ledger's `no-secrets`. */
function codeOf(error: unknown): { readonly code?: string } {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[\w-]{1,40}$/.test(code) ? { code } : {};
}

export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
