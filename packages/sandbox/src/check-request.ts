import { type Operation, wireName } from "@payapi/core/operations";
import { fits } from "./codecs.js";
import { decryptField } from "./field-cipher.js";
import { parseKoreanTime } from "./korean-time.js";
import type { SandboxMerchant } from "./merchants.js";
import { Rejection } from "./result-codes.js";
import { isSignedBy } from "./signature.js";

/** What a request is checked against, besides the operation table. */
export interface CheckContext {
  readonly merchants: ReadonlyMap<string, SandboxMerchant>;
  readonly now: Date;
  readonly timestampToleranceMs: number;
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
  for (const [name, field] of fields) {
    const wire = wireName(name, field);
    const sent = form.get(wire) ?? "";
    const clear = field.encrypted && sent !== "" ? decryptField(sent, merchant) : sent;
    if (clear === undefined) throw new Rejection("cipher", wire);
    if (clear === "" && field.required) throw new Rejection("missingField", wire);
    if (clear !== "") values.set(name, clear);
    if (field.filledBy === "clock") checkTimestamp(clear, wire, context);
  }
  checkSignature(operation, values, merchant);
  for (const [name, field] of fields) {
    const value = values.get(name);
    if (value !== undefined && !fits(value, field)) throw new Rejection("fieldValue", wireName(name, field));
  }
  return { merchant, values };
}

function checkTimestamp(text: string, wire: string, context: CheckContext): void {
  const time = parseKoreanTime(text);
  const off = time ? Math.abs(context.now.getTime() - time.getTime()) : Number.NaN;
  if (!(off <= context.timestampToleranceMs)) throw new Rejection("timestamp", wire);
}

function checkSignature(
  operation: Operation,
  values: ReadonlyMap<string, string>,
  merchant: SandboxMerchant,
): void {
  for (const name of operation.signed) {
    // `&`, `=` and control characters would let two different requests sign the same text.
    if (hasDelimiter(values.get(name) ?? "")) throw new Rejection("fieldValue", name);
  }
  const [name] = Object.entries(operation.request).find(([, field]) => field.filledBy === "signature") ?? [];
  const signature = values.get(name ?? "") ?? "";
  if (!isSignedBy(merchant, operation, values, signature)) throw new Rejection("signature", name);
}

function hasDelimiter(value: string): boolean {
  return [...value].some((character) => character < " " || character === "\x7f" || "&=".includes(character));
}
