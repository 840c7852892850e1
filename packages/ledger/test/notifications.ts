import { createHash } from "node:crypto";
import type { ReceivedNotification } from "@payapi/core";
import { parseNotification } from "@payapi/core/notifications";
import { payapi } from "./database.js";

type Parts = {
  readonly oid: string;
  readonly tid: string;
  readonly price?: number;
  readonly account?: string;
};
type Source = { readonly listed?: boolean };

/** A notification as core reads it from the gateway's body. */
export function received(form: Record<string, string>, { listed = true }: Source = {}): ReceivedNotification {
  const body = new URLSearchParams(form).toString();
  return {
    notification: parseNotification(Buffer.from(body), { charset: "utf-8" }),
    bodyFingerprint: createHash("sha256").update(body).digest("hex"),
    source: { address: listed ? "203.0.113.1" : "198.51.100.9", listed },
  };
}

export function deposit(
  { oid, tid, price = 10_000, account = "1234567890123" }: Parts,
  extra: Record<string, string> = {},
  source: Source = {},
) {
  const time = { dt_trans: "20260501", tm_trans: "101112" };
  const money = { amt_input: String(price), no_vacct: account, cd_bank: "04" };
  return received({ no_tid: tid, type_msg: "0200", no_oid: oid, ...money, ...time, ...extra }, source);
}

export function reversal(parts: Parts, extra: Record<string, string> = {}, source: Source = {}) {
  return deposit(parts, { type_msg: "0400", tm_trans: "111213", ...extra }, source);
}

export function mobile(
  { oid, tid, price = 10_000 }: Parts,
  extra: Record<string, string> = {},
  source: Source = {},
) {
  const parties = { P_MID: payapi.mid, P_TID: tid, P_OID: oid };
  const result = { P_STATUS: "00", P_TYPE: "CARD", P_AMT: String(price), P_AUTH_DT: "20260501101112" };
  return received({ ...parties, ...result, ...extra }, source);
}

export function mobileDeposit(parts: Parts, extra: Record<string, string> = {}, source: Source = {}) {
  return mobile(parts, { P_STATUS: "02", P_TYPE: "VBANK", ...extra }, source);
}

export function accountIssued(parts: Parts, extra: Record<string, string> = {}, source: Source = {}) {
  const account = { P_VACT_NUM: parts.account ?? "1234567890123", P_FN_CD1: "04" };
  return mobile(parts, { P_TYPE: "VBANK", ...account, ...extra }, source);
}

export function escrow(
  { oid, tid, price = 10_000 }: Parts,
  extra: Record<string, string> = {},
  source: Source = {},
) {
  const state = { cl_status: "8", cl_paymethod: "0", dt_req: "20260502101112", price: String(price) };
  return received({ id_merchant: payapi.mid, no_oid: oid, no_tid: tid, ...state, ...extra }, source);
}
