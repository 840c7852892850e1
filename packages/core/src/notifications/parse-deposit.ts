import { makeDedupeKey } from "./dedupe-key.js";
import type { FieldReader } from "./field-reader.js";
import type { DepositNotification } from "./notification.js";

/** Reads what happened at a virtual account (contract section 6). */
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
    payerName: form.words("nm_input"),
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
