import { createHash } from "node:crypto";
import { type FieldReader, isPlainKeyPart } from "./field-reader.js";
import {
  type DepositNotification,
  type EscrowNotification,
  type EscrowNotificationStatus,
  type MobileNotification,
  type NotificationKind,
  type PagePayType,
  payTypeOf,
} from "./notification.js";

/** Reads the result of a payment on the gateway's page (contract section 6). */
export function parseMobile(form: FieldReader): MobileNotification {
  const statusCode = form.required("P_STATUS", "code");
  const tid = form.required("P_TID", "tid");
  const payType = payTypeOf(form.text("P_TYPE"));
  const facts = {
    kind: "mobile",
    tid,
    statusCode,
    dedupeKey: makeDedupeKey("mobile", eventOf(form)),
    message: form.displayText("P_RMESG1"),
    applNum: form.optional("P_AUTH_NO", "id"),
    bankCode: form.optional("P_FN_CD1", "code"),
    occurredAt: form.time("P_AUTH_DT"),
    fields: form.all(),
  } as const;
  const parties = () => ({ mid: form.required("P_MID", "id"), oid: form.required("P_OID", "order") });
  const money = () => ({ ...parties(), price: form.requiredAmount("P_AMT") });
  const account = form.optional("P_VACT_NUM", "account");
  if (statusCode === "00" && payType === "vbank") {
    const read = form.readable(parties);
    const askedPrice = form.optionalAmount("P_AMT");
    if (read !== undefined)
      return { ...facts, ...read, event: "account-issued", payType, askedPrice, account };
  }
  // Without a known method this could be the issue of an account, so it is not an approval.
  if (statusCode === "00" && payType !== undefined && payType !== "vbank") {
    const read = form.readable(money);
    if (read !== undefined) return { ...facts, ...read, event: "approved", payType };
  }
  if (statusCode === "02" && payType === "vbank") {
    const read = form.readable(money);
    if (read !== undefined) return { ...facts, ...read, event: "deposited", payType, account };
  }
  const claimed = { mid: form.optional("P_MID", "id"), oid: form.optional("P_OID", "order"), payType };
  if (statusCode === "01") return { ...facts, ...claimed, event: "failed" };
  // An unreadable notification must not replace the same event if it comes again in readable form.
  const dedupeKey = makeDedupeKey("mobile", [...eventOf(form), "unrecognised"]);
  return { ...facts, ...claimed, dedupeKey, event: "unrecognised" };
}

function eventOf(form: FieldReader): readonly string[] {
  return [form.text("P_MID"), form.text("P_TID"), form.text("P_STATUS")];
}

/** Reads an event of a virtual account (contract section 6). */
export function parseDeposit(form: FieldReader): DepositNotification {
  const tid = form.required("no_tid", "tid");
  const typeCode = form.required("type_msg", "code");
  const key = [tid, typeCode, form.text("dt_trans"), form.text("tm_trans"), form.text("amt_input")];
  const facts = {
    kind: "deposit",
    tid,
    typeCode,
    dedupeKey: makeDedupeKey("deposit", key),
    account: form.optional("no_vacct", "account"),
    bankCode: form.optional("cd_bank", "code"),
    payingBankCode: form.optional("cd_deal", "code"),
    payerName: form.displayText("nm_input"),
    occurredAt: form.time("dt_trans", "tm_trans"),
    fields: form.all(),
  } as const;
  const read = form.readable(() => ({
    oid: form.required("no_oid", "order"),
    price: form.requiredAmount("amt_input"),
  }));
  if (read !== undefined && typeCode === "0200") return { ...facts, event: "deposited", ...read };
  if (read !== undefined && typeCode === "0400") {
    return { ...facts, event: "reversed", oid: read.oid, reversedPrice: read.price };
  }
  return { ...facts, event: "unrecognised", oid: form.optional("no_oid", "order") };
}

const escrowStatuses = new Map<string, EscrowNotificationStatus>([
  ["2", "delivery-registered"],
  ["3", "purchase-confirmed"],
  ["31", "auto-confirmed"],
  ["32", "force-confirmed"],
  ["4", "purchase-rejected"],
  ["8", "cancelled"],
  ["10", "rejection-confirmed"],
]);

const escrowPayTypes = new Map<string, PagePayType>([
  ["0", "card"],
  ["1", "card"],
  ["16", "bank"],
  ["17", "vbank"],
]);

/** Reads a change of an escrow payment's state (contract section 6). */
export function parseEscrow(form: FieldReader): EscrowNotification {
  const statusCode = form.required("cl_status", "code");
  const tid = form.required("no_tid", "tid");
  return {
    kind: "escrow",
    tid,
    status: escrowStatuses.get(statusCode) ?? (statusCode as EscrowNotificationStatus),
    statusCode,
    dedupeKey: makeDedupeKey("escrow", [tid, statusCode, form.text("dt_req")]),
    mid: form.required("id_merchant", "id"),
    oid: form.required("no_oid", "order"),
    payType: escrowPayTypes.get(form.text("cl_paymethod")),
    price: form.optionalAmount("price"),
    denyMsg: form.displayText("msg_deny"),
    originalTid: form.optional("tid_org", "tid"),
    occurredAt: form.time("dt_req"),
    fields: form.all(),
  };
}

/**
 * Joins the parts that identify an event. Parts with unusual characters (only forged notifications have them) are hashed, so that a key
 * is short, contains no card number, and differs for different parts.
 */
function makeDedupeKey(kind: NotificationKind, parts: readonly string[]): string {
  if (parts.every(isPlainKeyPart)) return [kind, ...parts].join(":");
  return `${kind}:sha256-${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
