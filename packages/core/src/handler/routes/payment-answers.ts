import { isPayApiError } from "../../errors.js";
import { logOutcome } from "../../log/log-outcome.js";
import type { Payments } from "../../payments/create-payments.js";
import type { NotReserved, PaymentResult } from "../../payments/results.js";
import type { CallOutcome, OrderPayment, RefusedReason, ReservedCall } from "../../store/index.js";
import type { BodyField } from "../body-fields.js";
import { fromLedger } from "../from-ledger.js";
import type { HandlerLog } from "../log-lines.js";
import { type OrderView, viewOrder } from "../order-view.js";
import type { ProblemCode } from "../problem-table.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, Services } from "../route.js";
import { inputProblem, shopFault } from "./gateway-problems.js";

/**
 * Runs a call of the payments layer. It rejects only if nothing was sent: for invalid input, or if the ledger failed.
 *
 * @param fields the input fields that come from the browser; the others come from the merchant's order
 */
export function usePayments<T>(
  { payments, logger }: Services,
  about: Readonly<Record<string, string>>,
  fields: readonly BodyField[],
  use: (payments: Payments) => Promise<T>,
): Promise<T> {
  return fromLedger(logger, about, () =>
    use(payments).catch((error: unknown) => {
      if (!isPayApiError(error) || error.problems === undefined) throw error;
      const isFromBrowser = (field: string) => fields.some(({ name }) => name === field);
      throw inputProblem(error.problems, isFromBrowser, logger, about);
    }),
  );
}

/** Returns the order after a payment or a cancel. Throws a problem if the call was not reserved or not written to the ledger. */
export function settledOrder(
  result: PaymentResult<ReservedCall, keyof typeof refusals>,
  logger: HandlerLog,
): OrderPayment {
  if (result.status === "not-reserved") throw refusal(result);
  logOutcome(result, logger);
  const { outcome } = result;
  if (result.status === "not-recorded") {
    throw outcome.outcome === "not-sent" ? ledgerUnavailable() : new HandlerProblem("outcome-unknown");
  }
  const { order } = result;
  const isFree = order.status === "not-sent" || order.cancel?.status === "not-sent";
  if (isFree && wasStoppedByLedger(outcome)) throw ledgerUnavailable(viewOrder(order));
  return order;
}

/** Whether nothing was sent because the ledger could not mark the call: then the gateway was reached, and is not to blame. */
export function wasStoppedByLedger({ code }: Pick<CallOutcome, "code">): boolean {
  return code === "before-send-failed";
}

export function ledgerUnavailable(order?: OrderView): HandlerProblem {
  return new HandlerProblem("ledger-unavailable", { order, headers: { "retry-after": "5" } });
}

const refusals = {
  "in-progress": "in-progress",
  "already-paid": "already-paid",
  "already-cancelled": "already-cancelled",
  "outcome-unknown": "outcome-unknown",
  "needs-review": "needs-review",
  "not-paid": "not-paid",
  "remaining-differs": "remaining-differs",
  "not-partly-cancellable": "not-partly-cancellable",
  "tid-used": "tid-used",
  "no-such-key": "key-not-active",
  "key-not-active": "key-not-active",
} as const satisfies Record<RefusedReason, ProblemCode> & Readonly<Record<string, ProblemCode>>;

/** Returns the problem of a call that the ledger did not reserve. */
export function refusal({
  reason,
  order,
}: Pick<NotReserved<keyof typeof refusals>, "reason" | "order">): HandlerProblem {
  return new HandlerProblem(refusals[reason], {
    order: order && viewOrder(order),
    headers: reason === "in-progress" ? { "retry-after": "1" } : undefined,
  });
}

const approvalProblems: Partial<Record<OrderPayment["status"], ProblemCode>> = {
  declined: "declined",
  "not-sent": "not-sent",
  "net-cancelled": "not-sent",
  "needs-review": "needs-review",
};

/** Returns the answer to an approval: the paid order, or a problem. */
export function approvalAnswer(payment: OrderPayment): JsonAnswer<OrderView> {
  if (payment.status === "paid") return { status: 200, body: viewOrder(payment) };
  const isRefused = payment.status === "declined";
  const fault = isRefused ? shopFault(payment.failureCode, viewOrder(payment)) : undefined;
  if (fault !== undefined) throw fault;
  throw new HandlerProblem(approvalProblems[payment.status] ?? "outcome-unknown", {
    order: viewOrder(payment),
  });
}
