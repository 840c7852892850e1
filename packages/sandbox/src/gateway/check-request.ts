import { type Operation, wireName } from "@payapi/core/operations";
import { parseKoreanTime } from "../time/korean-time.js";
import { fits } from "./codecs.js";
import { decryptField, isSignedBy } from "./crypto.js";
import type { SandboxMerchant } from "./merchants.js";
import { Rejection } from "./result-codes.js";
import type { Rules } from "./rules.js";

/** The data that a request is checked against, besides the operation table. */
export interface CheckContext {
  readonly merchants: ReadonlyMap<string, SandboxMerchant>;
  /** The times of day a client may go by: the sandbox's, and once that was moved, the machine's as well. */
  readonly clocks: readonly Date[];
  readonly timestampToleranceMs: number;
  readonly timestampForm: Rules["timestampForm"];
}

/** A request that passed every check: its values in the clear, under their public names. */
export interface CheckedRequest {
  readonly merchant: SandboxMerchant;
  readonly values: ReadonlyMap<string, string>;
}

/** Checks a decoded form as the gateway would, or throws a {@link Rejection} that names the field. */
export function checkRequest(
  operation: Operation,
  form: ReadonlyMap<string, string>,
  context: CheckContext,
): CheckedRequest {
  const merchant = context.merchants.get(form.get("mid") ?? "");
  if (!merchant) throw new Rejection(form.get("mid") ? "unknownMerchant" : "missingField", "mid");
  const fields = Object.entries(operation.request);
  const known = new Set(fields.map(([name, field]) => wireName(name, field)));
  // The name of an unknown field is not repeated: a card number could stand there by mistake.
  for (const name of form.keys()) if (!known.has(name)) throw new Rejection("unknownField");

  const values = new Map<string, string>();
  const signed = new Map<string, string>();
  for (const [name, field] of fields) {
    const wire = wireName(name, field);
    const sent = form.get(wire) ?? "";
    const clear = field.encrypted && sent !== "" ? decryptField(sent, merchant) : sent;
    if (clear === undefined) throw new Rejection("cipher", wire);
    if (clear === "" && isDemanded(operation, name, merchant, form))
      throw new Rejection("missingField", wire);
    if (clear !== "") values.set(name, clear);
    signed.set(name, merchant.signedCardNumber === "ciphertext" ? sent : clear);
    if (field.filledBy === "clock") checkTimestamp(clear, wire, context);
  }
  checkSignature(operation, signed, merchant);
  for (const [name, field] of fields) {
    const value = values.get(name);
    if (value !== undefined && !fits(value, field)) throw new Rejection("fieldValue", wireName(name, field));
  }
  return { merchant, values };
}

/** A field with an empty default is named required by the guide, but running integrations leave it out. */
function isDemanded(
  operation: Operation,
  name: string,
  merchant: SandboxMerchant,
  form: ReadonlyMap<string, string>,
): boolean {
  const field = operation.request[name];
  // The kind of goods, where a phone can pay.
  if (field?.requiredForPayType !== undefined && form.get("payType") === field.requiredForPayType)
    return true;
  if (operation.name === "cards.approve" && merchant.requires?.some((required) => required === name)) {
    return true;
  }
  return field?.required === true && field.default !== "";
}

function checkTimestamp(text: string, wire: string, context: CheckContext): void {
  const isMilliseconds = /^\d{13}$/.test(text);
  if (context.timestampForm === (isMilliseconds ? "korean-time" : "milliseconds")) {
    throw new Rejection("timestamp", wire);
  }
  const time = isMilliseconds ? Number(text) : (parseKoreanTime(text)?.getTime() ?? Number.NaN);
  const isNear = (now: Date) => Math.abs(now.getTime() - time) <= context.timestampToleranceMs;
  if (!context.clocks.some(isNear)) throw new Rejection("timestamp", wire);
}

function checkSignature(
  operation: Operation,
  values: ReadonlyMap<string, string>,
  merchant: SandboxMerchant,
): void {
  for (const name of operation.signed) {
    const field = operation.request[name];
    // A ciphertext may contain `=`; clients do not choose it freely.
    if (field?.encrypted && merchant.signedCardNumber === "ciphertext") continue;
    // `&`, `=` and control characters would let two different requests sign the same text.
    if (hasDelimiter(values.get(name) ?? ""))
      throw new Rejection("fieldValue", field ? wireName(name, field) : name);
  }
  const [name] = Object.entries(operation.request).find(([, field]) => field.filledBy === "signature") ?? [];
  const signature = values.get(name ?? "") ?? "";
  if (!isSignedBy(merchant, operation, values, signature)) throw new Rejection("signature", name);
}

function hasDelimiter(value: string): boolean {
  return [...value].some((character) => character < " " || character === "\x7f" || "&=".includes(character));
}
