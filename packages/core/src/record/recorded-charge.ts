import type { PayApi } from "../client.js";
import type { BillingKey, BillingKeyRecord } from "./billing-key-record.js";
import type { PaymentRecord, ReservedApproval } from "./payment-record.js";
import { makeRecordedCall, type RecordedCall } from "./recorded-call.js";

/** What a charge needs to know of the order beside the reserved call. */
export interface ChargeOrder {
  readonly goodsName: string;
  readonly buyerName: string;
  readonly buyerTel?: string | undefined;
  readonly buyerEmail?: string | undefined;
  /** Installment months, for cards: 0 or left out for a lump sum. */
  readonly cardQuota?: number | undefined;
  /** The merchant pays the interest of installments. */
  readonly interestFree?: boolean | undefined;
}

/** The gateway's word for how a billing key pays. */
export function payTypeOfKey(key: Pick<BillingKey, "kind">): "card" | "hpp" {
  return key.kind === "mobile" ? "hpp" : "card";
}

/**
 * Charges an approval that the record has reserved to a billing key, and settles it: for a subscription's own worker as much
 * as for a buyer's click.
 *
 * It never rejects because the charge failed: what came of it is in `outcome` and, once recorded, in `order`.
 */
export function makeRecordedCharge(
  payapi: Pick<PayApi, "billing">,
  record: PaymentRecord & Pick<BillingKeyRecord, "revealKey">,
  call: ReservedApproval,
  key: Pick<BillingKey, "id" | "kind">,
  order: ChargeOrder,
): Promise<RecordedCall> {
  const { cardQuota, interestFree, ...buyer } = order;
  return makeRecordedCall(record, call, async (options) => {
    const billkey = await record.revealKey(key.id);
    if (billkey === undefined) throw new KeyStoppedError();
    const input = { oid: call.oid, price: call.price, billkey, ...buyer };
    if (key.kind === "mobile") return payapi.billing.chargeMobile(input, options);
    return payapi.billing.charge({ ...input, ...installments(cardQuota, interestFree) }, options);
  });
}

/** The key was stopped between the reservation and the call: nothing was sent. */
class KeyStoppedError extends Error {
  override readonly name = "KeyStoppedError";

  constructor() {
    super("The billing key is not active any more");
  }
}

/** How installments and their interest are said to the gateway. */
export function installments(
  cardQuota: number | undefined,
  interestFree: boolean | undefined,
): { cardQuota?: number; quotaInterest?: "interest-free" } {
  return {
    ...(cardQuota === undefined ? {} : { cardQuota }),
    ...(interestFree === true ? { quotaInterest: "interest-free" } : {}),
  };
}
