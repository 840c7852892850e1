import type { CallOptions, PayApi } from "../client.js";
import { isPayApiError } from "../errors.js";
import type { Secret } from "../secret.js";
import type {
  BillingKey,
  BillingKeyRecord,
  KeyOutcome,
  ReservedKey,
  ReservedKeyDeletion,
  SettledKey,
} from "./billing-key-record.js";
import { isNotYours } from "./recorded-call.js";

interface IssueResult {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly billkey: Secret;
}

/** What came of the issue of a billing key. */
export interface RecordedKey {
  readonly outcome: KeyOutcome["outcome"];
  readonly code?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /**
   * The key after settling; `undefined` if it could not be recorded (the key is lost then, and no money moved), or if the
   * call was given up by another before it was sent.
   */
  readonly settled: SettledKey | undefined;
  readonly settleError?: unknown;
}

/** Makes a reserved issue of a billing key and settles it. It never rejects because the issue failed. */
export async function makeRecordedKey(
  record: Pick<BillingKeyRecord, "markKeySending" | "settleKey">,
  call: ReservedKey,
  send: (options: CallOptions) => Promise<IssueResult>,
): Promise<RecordedKey> {
  let marking = false;
  let notOurs = false;
  const beforeSend = async (): Promise<void> => {
    marking = true;
    await record.markKeySending(call).catch((error: unknown) => {
      notOurs = isNotYours(error);
      throw error;
    });
  };
  const outcome = await send({ beforeSend }).then(
    ({ billkey, resultCode, resultMessage }): KeyOutcome => ({
      outcome: "succeeded",
      billkey,
      resultCode,
      resultMessage,
    }),
    (error: unknown) => failedOutcome(error, marking),
  );
  const { billkey: _, ...facts } = outcome;
  if (notOurs) return { ...facts, settled: undefined };
  try {
    return { ...facts, settled: await record.settleKey(call, outcome) };
  } catch (settleError) {
    return { ...facts, settled: undefined, settleError };
  }
}

/**
 * Deletes a stopped key at the gateway and keeps what came of it. Whatever that is, the key stays stopped here.
 *
 * It never rejects because the deletion failed.
 */
export async function makeRecordedKeyDeletion(
  payapi: Pick<PayApi, "billing">,
  record: Pick<BillingKeyRecord, "settleKeyDeletion">,
  call: ReservedKeyDeletion,
): Promise<{ readonly outcome: KeyOutcome; readonly key: BillingKey | undefined }> {
  const outcome = await payapi.billing.deleteKey({ billkey: call.billkey }).then(
    ({ resultCode, resultMessage }): KeyOutcome => ({ outcome: "succeeded", resultCode, resultMessage }),
    (error: unknown) => failedOutcome(error, true),
  );
  const key = await record.settleKeyDeletion(call, outcome).catch(() => undefined);
  return { outcome, key };
}

function failedOutcome(error: unknown, marking: boolean): KeyOutcome {
  if (!isPayApiError(error)) return { outcome: marking ? "unknown" : "not-sent", code: "connection-lost" };
  const { outcome, code, resultCode, resultMessage } = error;
  return {
    outcome,
    code,
    ...(resultCode === undefined ? {} : { resultCode }),
    ...(resultMessage === undefined ? {} : { resultMessage }),
  };
}
