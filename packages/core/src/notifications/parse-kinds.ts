import { createHash } from "node:crypto";
import { Secret } from "../secret.js";
import { type FieldReader, isPlainKeyPart } from "./field-reader.js";
import type {
  DepositNotification,
  EscrowNotification,
  EscrowNotificationStatus,
  MobileNotification,
  NotificationKind,
} from "./notification.js";
import type { NotificationProblem } from "./notification-error.js";
import { accountInMessage, type PagePayType, paidWith, payTypeOf, readDueDate } from "./page-facts.js";

/** What is already known to be wrong with a notification, and the key of its whole body. */
export interface Reading {
  readonly problem: NotificationProblem | undefined;
  readonly bodyKey: string;
}

/** Reads the result of a payment on the gateway's page (contract section 6). */
export function parseMobile(form: FieldReader, { problem, bodyKey }: Reading): MobileNotification {
  const statusCode = form.text("P_STATUS");
  const payType = payTypeOf(form.text("P_TYPE"));
  const phone = form.optional("P_HPP_NUM", "id");
  const texts = {
    kind: "mobile",
    statusCode,
    message: form.displayText("P_RMESG1"),
    applNum: form.optional("P_AUTH_NO", "id"),
    ...paidWith(payType, {
      fnCode: form.code("P_FN_CD1"),
      issuerCode: form.code("P_CARD_ISSUER_CODE"),
    }),
    phoneCompany: form.code("P_HPP_CORP"),
    phoneNumber: phone === undefined ? undefined : new Secret(phone),
    partlyCancellable: form.flag("P_PRTC_CODE") ?? form.flag("P_CARD_PRTC_CODE"),
    occurredAt: form.time("P_AUTH_DT"),
    fields: form.all(),
  } as const;
  const event = (): MobileNotification => {
    const tid = form.required("P_TID", "tid");
    const status = form.required("P_STATUS", "code");
    const dedupeKey = makeDedupeKey("mobile", [form.text("P_MID"), tid, status]);
    const facts = { ...texts, tid, dedupeKey };
    const parties = () => ({ mid: form.required("P_MID", "id"), oid: form.required("P_OID", "order") });
    if (status === "00" && payType === "vbank") {
      const askedPrice = form.optionalPrice("P_AMT");
      return { ...facts, ...parties(), ...accountOf(form), event: "account-issued", payType, askedPrice };
    }
    // Without a known method this could be the issue of an account, so it is not an approval.
    if (status === "00" && payType !== undefined && payType !== "vbank") {
      return { ...facts, ...parties(), price: form.requiredPrice("P_AMT"), event: "approved", payType };
    }
    if (status === "02" && payType === "vbank") {
      const price = form.requiredPrice("P_AMT");
      return { ...facts, ...parties(), price, ...accountOf(form), event: "deposited", payType };
    }
    const mid = form.optional("P_MID", "id");
    const oid = form.optional("P_OID", "order");
    if (status === "01") return { ...facts, mid, oid, payType, event: "failed" };
    throw form.unrecognised(payType === undefined ? "P_TYPE" : "P_STATUS");
  };
  const read = form.attempt(event, problem);
  if ("value" in read) return read.value;
  return {
    ...texts,
    event: "unrecognised",
    problem: read.problem,
    dedupeKey: bodyKey,
    tid: form.optional("P_TID", "tid"),
    mid: form.optional("P_MID", "id"),
    oid: form.optional("P_OID", "order"),
    payType,
  };
}

/** The account may stand in P_RMESG1 or in a field of its own, also in both. */
function accountOf(form: FieldReader): { account: string | undefined; dueAt: Date | undefined } {
  const message = accountInMessage(form.wholeText("P_RMESG1"));
  const account = form.account(
    ["P_VACT_NUM", form.text("P_VACT_NUM")],
    ["P_VACCT_NO", form.text("P_VACCT_NO")],
    ...message.accounts.map((number) => ["P_RMESG1", number] as const),
  );
  const ownField = form.text("P_VACT_DATE") + form.text("P_VACT_TIME");
  const dates = [...message.dueDates, form.text("P_EXP_DT"), ownField].filter((text) => text !== "");
  const due = new Set(dates.map((digits) => readDueDate(digits)?.getTime()));
  const [only] = due;
  // Two deadlines are none: the ledger then waits as long as the gateway does.
  return { account, dueAt: due.size === 1 && only !== undefined ? new Date(only) : undefined };
}

/** Reads an event of a virtual account (contract section 6). */
export function parseDeposit(form: FieldReader, { problem, bodyKey }: Reading): DepositNotification {
  const typeCode = form.text("type_msg");
  const account = form.attempt(() => form.account(["no_vacct", form.text("no_vacct")]));
  const texts = {
    kind: "deposit",
    typeCode,
    account: "value" in account ? account.value : undefined,
    bankCode: form.code("cd_bank"),
    payingBankCode: form.code("cd_deal"),
    payerName: form.displayText("nm_input"),
    occurredAt: form.time("dt_trans", "tm_trans"),
    fields: form.all(),
  } as const;
  const event = (): DepositNotification => {
    const tid = form.required("no_tid", "tid");
    const type = form.required("type_msg", "code");
    if (type !== "0200" && type !== "0400") throw form.unrecognised("type_msg");
    const oid = form.required("no_oid", "order");
    const price = form.requiredPrice("amt_input");
    form.account(["no_vacct", form.text("no_vacct")]);
    const key = [tid, type, form.text("dt_trans"), form.text("tm_trans"), String(price)];
    const facts = { ...texts, tid, oid, dedupeKey: makeDedupeKey("deposit", key) };
    return type === "0200"
      ? { ...facts, event: "deposited", price }
      : { ...facts, event: "reversed", reversedPrice: price };
  };
  const read = form.attempt(event, problem);
  if ("value" in read) return read.value;
  return {
    ...texts,
    event: "unrecognised",
    problem: read.problem,
    dedupeKey: bodyKey,
    tid: form.optional("no_tid", "tid"),
    oid: form.optional("no_oid", "order"),
  };
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
export function parseEscrow(form: FieldReader, { problem, bodyKey }: Reading): EscrowNotification {
  const statusCode = form.text("cl_status");
  const texts = {
    kind: "escrow",
    statusCode,
    payType: escrowPayTypes.get(form.text("cl_paymethod")),
    denyMsg: form.displayText("msg_deny"),
    originalTid: form.optional("tid_org", "tid"),
    occurredAt: form.time("dt_req"),
    fields: form.all(),
  } as const;
  const event = (): EscrowNotification => {
    const tid = form.required("no_tid", "tid");
    const status = escrowStatuses.get(form.required("cl_status", "code"));
    if (status === undefined) throw form.unrecognised("cl_status");
    const dedupeKey = makeDedupeKey("escrow", [tid, statusCode, form.text("dt_req")]);
    const parties = { mid: form.required("id_merchant", "id"), oid: form.required("no_oid", "order") };
    return { ...texts, tid, status, dedupeKey, ...parties, price: form.optionalPrice("price") };
  };
  const read = form.attempt(event, problem);
  if ("value" in read) return read.value;
  return {
    ...texts,
    status: "unrecognised",
    problem: read.problem,
    dedupeKey: bodyKey,
    tid: form.optional("no_tid", "tid"),
    mid: form.optional("id_merchant", "id"),
    oid: form.optional("no_oid", "order"),
  };
}

/**
 * Joins the parts that identify an event. Parts with unusual characters (only forged notifications have them) are hashed, so that a key
 * is short, contains no card number, and differs for different parts.
 */
function makeDedupeKey(kind: NotificationKind, parts: readonly string[]): string {
  if (parts.every(isPlainKeyPart)) return [kind, ...parts].join(":");
  return hashedKey(kind, JSON.stringify(parts));
}

/** The key of a notification that could not be read: only the same body is the same notification. */
export function bodyKeyOf(kind: NotificationKind, body: string | Uint8Array): string {
  return hashedKey(kind, body, "unread-");
}

function hashedKey(kind: NotificationKind, content: string | Uint8Array, prefix = ""): string {
  return `${kind}:${prefix}sha256-${createHash("sha256").update(content).digest("hex")}`;
}
