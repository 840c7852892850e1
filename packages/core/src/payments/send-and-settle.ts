import { isPayApiError } from "../errors.js";
import type { CallOptions } from "../method.js";
import type { CallOutcome, PaymentStore, ReservedCall } from "../store/index.js";
import type { CallResult } from "./results.js";

/** The results of operations that move money. */
interface MoneyResult {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly tid?: string | undefined;
  /** The order number that the reply names. */
  readonly oid?: string | undefined;
  readonly price?: number | undefined;
  readonly remainingPrice?: number | undefined;
  readonly applNum?: string | undefined;
  readonly payType?: string | undefined;
  readonly partlyCancellable?: boolean | undefined;
  readonly cancelTid?: string | undefined;
  readonly approvedAt?: Date | undefined;
  readonly cancelledAt?: Date | undefined;
  readonly processedAt?: Date | undefined;
}

/** The part of a payment store that a reserved call needs. */
export type SettlingStore = Pick<PaymentStore, "markSending" | "settle" | "findOrder">;

/**
 * Sends a reserved call once and settles it: `beforeSend` marks it as sending, and afterwards its outcome is written. Never rejects.
 *
 * A call that another process has taken is neither sent nor settled: only the process that marked it knows its outcome.
 */
export async function sendAndSettle<Call extends ReservedCall>(
  ledger: SettlingStore,
  call: Call,
  send: (options: CallOptions) => Promise<MoneyResult>,
): Promise<CallResult<Call>> {
  const { reply, isOurs } = await sendMarked(() => ledger.markSending(call), send);
  const outcome = "error" in reply ? failed(reply.error, reply.marking) : succeeded(call, reply.result);
  try {
    const order = isOurs ? await ledger.settle(call, outcome) : await ledger.findOrder(call.orderId);
    if (order !== undefined) return { status: "settled", call, outcome, order };
    return { status: "not-recorded", call, outcome, error: undefined };
  } catch (error) {
    return { status: "not-recorded", call, outcome, error };
  }
}

/** The result of sending. `marking`: whether the call was marked as sending, so that the first byte may have left. */
type Reply<Result> = { readonly result: Result } | { readonly error: unknown; readonly marking: boolean };

/** Sends once, marked as sending before the first byte. `isOurs` is false if another process marked the call or gave it up. */
export async function sendMarked<Result>(
  mark: () => Promise<void>,
  send: (options: CallOptions) => Promise<Result>,
): Promise<{ readonly reply: Reply<Result>; readonly isOurs: boolean }> {
  let marking = false;
  let isOurs = true;
  const beforeSend = async (): Promise<void> => {
    marking = true;
    try {
      await mark();
    } catch (error) {
      isOurs = !isNotYours(error);
      throw error;
    }
  };
  try {
    const result = await send({ beforeSend });
    return { reply: { result }, isOurs };
  } catch (error) {
    return { reply: { error, marking }, isOurs };
  }
}

function isNotYours(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "not-yours";
}

/**
 * A reply that names another order is about another order's money. So may be a reply that names none, if nothing but an operator's entry says
 * that the transaction is this order's.
 */
function succeeded(call: ReservedCall, result: MoneyResult): CallOutcome {
  const namesNothing = result.oid === undefined && result.remainingPrice === undefined;
  // An escrow reply never names either.
  const isPlain = call.kind === "cancel" && call.operation !== "escrow.confirmRejection";
  const isUnproven = isPlain && call.tidIsStated === true && namesNothing;
  const at = result.approvedAt ?? result.cancelledAt ?? result.processedAt;
  const isOthers = result.oid !== undefined && result.oid !== call.oid;
  return withoutUndefined({
    outcome: isOthers || isUnproven ? "moved" : "succeeded",
    code: isOthers ? "success-mismatch" : isUnproven ? "success-incomplete" : undefined,
    resultCode: result.resultCode,
    resultMessage: result.resultMessage,
    tid: result.tid,
    price: result.price,
    remainingPrice: result.remainingPrice,
    applNum: result.applNum,
    payType: result.payType,
    partlyCancellable: result.partlyCancellable,
    cancelTid: result.cancelTid,
    at,
  });
}

function failed(error: unknown, marking: boolean): CallOutcome {
  if (!isPayApiError(error))
    return { outcome: marking ? "unknown" : "not-sent", code: marking ? "connection-lost" : "not-sent" };
  return withoutUndefined({
    outcome: error.outcome,
    code: error.code,
    resultCode: error.resultCode,
    resultMessage: error.resultMessage,
    tid: error.tid,
    price: error.price,
    remainingPrice: error.remainingPrice,
    cancelTid: error.cancelTid,
    applNum: error.applNum,
    at: error.at,
  });
}

function withoutUndefined(outcome: { [K in keyof CallOutcome]: CallOutcome[K] | undefined }): CallOutcome {
  return Object.fromEntries(
    Object.entries(outcome).filter(([, value]) => value !== undefined),
  ) as CallOutcome;
}
