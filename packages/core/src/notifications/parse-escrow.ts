import { makeDedupeKey } from "./dedupe-key.js";
import type { FieldReader } from "./field-reader.js";
import type { EscrowNotification, EscrowNotificationStatus } from "./notification.js";
import type { PagePayType } from "./pay-types.js";

const statuses = new Map<string, EscrowNotificationStatus>([
  ["2", "delivery-registered"],
  ["3", "purchase-confirmed"],
  ["31", "auto-confirmed"],
  ["32", "force-confirmed"],
  ["4", "purchase-rejected"],
  ["8", "cancelled"],
  ["10", "rejection-confirmed"],
]);

const payTypes = new Map<string, PagePayType>([
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
    status: statuses.get(statusCode) ?? (statusCode as EscrowNotificationStatus),
    statusCode,
    dedupeKey: makeDedupeKey("escrow", [tid, statusCode, form.text("dt_req")]),
    mid: form.required("id_merchant", "id"),
    oid: form.required("no_oid", "order"),
    payType: payTypes.get(form.text("cl_paymethod")),
    price: form.optionalAmount("price"),
    denyMsg: form.words("msg_deny"),
    originalTid: form.optional("tid_org", "tid"),
    occurredAt: form.time("dt_req"),
    fields: form.all(),
  };
}
