import { makeDedupeKey } from "./dedupe-key.js";
import type { FieldReader } from "./field-reader.js";
import type { MobileNotification } from "./notification.js";
import { payTypeOf } from "./pay-types.js";

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
    message: form.words("P_RMESG1"),
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
  // Without a known method this could be the mere issue of an account, so it is no approval.
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
  // What nobody can read must not take the place of the same event, should it come once more and be readable then.
  const dedupeKey = makeDedupeKey("mobile", [...eventOf(form), "unrecognised"]);
  return { ...facts, ...claimed, dedupeKey, event: "unrecognised" };
}

function eventOf(form: FieldReader): readonly string[] {
  return [form.text("P_MID"), form.text("P_TID"), form.text("P_STATUS")];
}
