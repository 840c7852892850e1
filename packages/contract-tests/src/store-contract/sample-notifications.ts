import { createHash } from "node:crypto";
import type { ReceivedNotification } from "@payapi/core";
import { parseNotification } from "@payapi/core/notifications";

/** The subject of a sample notification. */
export interface NotifiedPayment {
  readonly oid: string;
  readonly tid: string;
  /** Won; 10,000 unless given. */
  readonly price?: number;
  /** Of a virtual account. */
  readonly account?: string;
}

/** The fields that differ from the sample. */
export interface SampleChanges {
  /** Fields to add or replace, under the gateway's own names. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whether the source is one of those configured, as it is unless said otherwise. */
  readonly listed?: boolean;
}

type Sample = (payment: NotifiedPayment, changes?: SampleChanges) => ReceivedNotification;

/** Notifications as the gateway sends them, for tests: every one was a form that core's parser has read. */
export interface SampleNotifications {
  /** A card was charged. */
  readonly approved: Sample;
  readonly failed: Sample;
  /** A virtual account was issued; no money came. */
  readonly accountIssued: Sample;
  /** Money came to a virtual account, as P_NOTI_URL hears of it. */
  readonly mobileDeposited: Sample;
  /** Money came to a virtual account, as the address registered for deposits hears of it. */
  readonly deposited: Sample;
  readonly reversed: Sample;
  /** The gateway cancelled an escrow payment. */
  readonly escrowCancelled: Sample;
}

/** The account of every sample without one. */
export const sampleAccount = "1234567890123";

/** @param mid the merchant's id */
export function sampleNotifications(mid: string): SampleNotifications {
  const mobile =
    (fields: Record<string, string>): Sample =>
    ({ oid, tid, price = 10_000 }, changes) => {
      const parties = { P_MID: mid, P_TID: tid, P_OID: oid, P_AMT: String(price) };
      return receive({ ...parties, P_AUTH_DT: "20260501101112", ...fields }, changes);
    };
  const deposit =
    (fields: Record<string, string>): Sample =>
    ({ oid, tid, price = 10_000, account = sampleAccount }, changes) => {
      const money = { amt_input: String(price), no_vacct: account, cd_bank: "04" };
      return receive({ no_tid: tid, no_oid: oid, ...money, dt_trans: "20260501", ...fields }, changes);
    };
  return {
    approved: mobile({ P_STATUS: "00", P_TYPE: "CARD" }),
    failed: mobile({ P_STATUS: "01", P_TYPE: "CARD" }),
    accountIssued: (payment, changes) =>
      mobile({
        P_STATUS: "00",
        P_TYPE: "VBANK",
        P_FN_CD1: "04",
        P_VACT_NUM: payment.account ?? sampleAccount,
      })(payment, changes),
    mobileDeposited: mobile({ P_STATUS: "02", P_TYPE: "VBANK" }),
    deposited: deposit({ type_msg: "0200", tm_trans: "101112" }),
    reversed: deposit({ type_msg: "0400", tm_trans: "111213" }),
    escrowCancelled: ({ oid, tid, price = 10_000 }, changes) => {
      const state = { cl_status: "8", cl_paymethod: "0", dt_req: "20260502101112", price: String(price) };
      return receive({ id_merchant: mid, no_oid: oid, no_tid: tid, ...state }, changes);
    },
  };
}

function receive(
  form: Record<string, string>,
  { fields = {}, listed = true }: SampleChanges = {},
): ReceivedNotification {
  const body = new URLSearchParams({ ...form, ...fields }).toString();
  return {
    notification: parseNotification(Buffer.from(body), { charset: "utf-8" }),
    bodyFingerprint: createHash("sha256").update(body).digest("hex"),
    source: { address: listed ? "203.0.113.1" : "198.51.100.9", listed },
  };
}
