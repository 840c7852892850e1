import { setTimeout as wait } from "node:timers/promises";
import type { CallOptions } from "./client.js";
import { isPayApiError } from "./errors.js";
import type { CallOutcome, OrderPayment, PaymentRecord, ReservedCall } from "./record.js";

/** What a recorded call may resolve to: the values of any operation that moves money. */
interface MoneyResult {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly tid?: string;
  readonly price?: number;
  readonly remainingPrice?: number;
  readonly applNum?: string;
  readonly cancelTid?: string;
  readonly approvedAt?: Date;
  readonly cancelledAt?: Date;
}

/** What came of a recorded call. */
export interface RecordedCall {
  readonly outcome: CallOutcome;
  /** The order after settling; `undefined` if the record could not be written, so that the order stays locked. */
  readonly order: OrderPayment | undefined;
  /** Why the record could not be written. */
  readonly settleError?: unknown;
}

// A database that restarts is back within these; after them the caller is told, and the order stays locked.
const settleDelaysMs = [100, 500, 2_000];

/**
 * Makes a reserved call and settles it: marks it as sending in `beforeSend`, and records afterwards exactly what the
 * reply or its absence proves. Nothing here repeats the call itself.
 */
export async function makeRecordedCall(
  record: PaymentRecord,
  call: ReservedCall,
  send: (options: CallOptions) => Promise<MoneyResult>,
): Promise<RecordedCall> {
  let marking = false;
  const beforeSend = async (): Promise<void> => {
    marking = true;
    await record.markSending(call);
  };
  const outcome = await send({ beforeSend }).then(succeeded, (error: unknown) => failed(error, marking));
  for (const delay of [...settleDelaysMs, undefined]) {
    try {
      return { outcome, order: await record.settle(call, outcome) };
    } catch (settleError) {
      if (delay === undefined) return { outcome, order: undefined, settleError };
      await wait(delay);
    }
  }
  throw new Error("unreachable: the last attempt to settle returns");
}

function succeeded(result: MoneyResult): CallOutcome {
  const at = result.approvedAt ?? result.cancelledAt;
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
  if (!isPayApiError(error)) return { outcome: marking ? "unknown" : "not-sent", code: "connection-lost" };
  return withoutUndefined({
    outcome: error.outcome,
    code: error.code,
    resultCode: error.resultCode,
    resultMessage: error.resultMessage,
    tid: error.tid,
    price: error.price,
  });
}

function withoutUndefined(outcome: { [K in keyof CallOutcome]: CallOutcome[K] | undefined }): CallOutcome {
  return Object.fromEntries(
    Object.entries(outcome).filter(([, value]) => value !== undefined),
  ) as CallOutcome;
}
