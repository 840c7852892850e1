import type { CallOptions } from "../client.js";
import { isPayApiError } from "../errors.js";
import type { CallOutcome, OrderPayment, PaymentRecord, ReservedCall } from "./payment-record.js";

/** What a recorded call may resolve to: the values of any operation that moves money. */
interface MoneyResult {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly tid?: string | undefined;
  readonly price?: number | undefined;
  readonly remainingPrice?: number | undefined;
  readonly applNum?: string | undefined;
  readonly cancelTid?: string | undefined;
  readonly approvedAt?: Date | undefined;
  readonly cancelledAt?: Date | undefined;
  readonly processedAt?: Date | undefined;
}

/** What came of a recorded call. */
export interface RecordedCall {
  readonly outcome: CallOutcome;
  /** The order after settling; `undefined` if the record could not be written, so that the order stays locked. */
  readonly order: OrderPayment | undefined;
  /** Why the record could not be written. */
  readonly settleError?: unknown;
}

/**
 * Makes a reserved call and settles it: marks it as sending in `beforeSend`, and records afterwards exactly what the
 * reply or its absence proves. Nothing here repeats the call itself.
 *
 * A call that somebody else holds by now is neither sent nor settled: only whoever marked it knows how it ended.
 */
export async function makeRecordedCall(
  record: PaymentRecord,
  call: ReservedCall,
  send: (options: CallOptions) => Promise<MoneyResult>,
): Promise<RecordedCall> {
  let marking = false;
  let notOurs = false;
  const beforeSend = async (): Promise<void> => {
    marking = true;
    await record.markSending(call).catch((error: unknown) => {
      notOurs = isNotYours(error);
      throw error;
    });
  };
  const outcome = await send({ beforeSend }).then(succeeded, (error: unknown) => failed(error, marking));
  try {
    const order = notOurs ? await record.findOrder(call.orderId) : await record.settle(call, outcome);
    return { outcome, order };
  } catch (settleError) {
    return { outcome, order: undefined, settleError };
  }
}

/** Whether marking a call failed since another sent it or gave it up: only that one may settle it. */
export function isNotYours(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "not-yours";
}

function succeeded(result: MoneyResult): CallOutcome {
  const at = result.approvedAt ?? result.cancelledAt ?? result.processedAt;
  return withoutUndefined({
    outcome: "succeeded",
    resultCode: result.resultCode,
    resultMessage: result.resultMessage,
    tid: result.tid,
    price: result.price,
    remainingPrice: result.remainingPrice,
    applNum: result.applNum,
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
