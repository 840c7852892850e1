import type { PayApi } from "../client.js";
import type { ReservedCancel } from "./payment-record.js";
import { type CallRecord, makeRecordedCall, type RecordedCall } from "./recorded-call.js";

/**
 * Sends a cancel that the record has reserved, with the record's own numbers, and settles it. (That of an escrow purchase
 * names who accepts it, and goes through the handler's own route.)
 *
 * It never rejects because the cancel failed: what came of it is in `outcome` and, once recorded, in `order`.
 */
export function makeRecordedCancel(
  payapi: Pick<PayApi, "payments">,
  record: CallRecord,
  call: ReservedCancel,
): Promise<RecordedCall> {
  const { tid, payType, cancelPrice, confirmPrice } = call;
  if (call.operation === "escrow.confirmRejection") {
    return Promise.reject(new TypeError("An escrow purchase is not cancelled by payments.cancel"));
  }
  const network = call.network ? ({ cancelType: "network-cancel" } as const) : {};
  return makeRecordedCall(record, call, (options) =>
    call.operation === "payments.cancel"
      ? payapi.payments.cancel({ tid, payType, price: cancelPrice, ...network }, options)
      : payapi.payments.cancelPartially({ tid, payType, cancelPrice, confirmPrice }, options),
  );
}
