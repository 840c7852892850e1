import { unpadded } from "../as-meant.js";
import { PayApiError, type PayApiErrorDetails } from "../errors.js";
import { parseKoreanTime } from "../korean-time.js";
import { parseAmount } from "../money.js";
import { isUnprovenCode, type Operation, type ReplyField } from "../operations/index.js";
import { maskCardNumbers, Secret } from "../secret.js";
import type { TransportReply } from "../transport/transport.js";
import type { PlainFields } from "./check-input.js";
import { parseJsonObject } from "./parse-json-object.js";

/** The common fields of all results. */
export interface DecodedReply {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly [value: string]: unknown;
}

const blockedHint =
  "Usual causes: the gateway blocks addresses outside Korea until the merchant asks for an exception, or this is the wrong host.";

/**
 * Reads a complete HTTP reply. Only a 200 with the success code, the requested amount and a usable transaction id is a result; every
 * other reply throws an error with the outcome that it proves. The success code of another operation proves nothing, and neither do the
 * merchant's `unprovenCodes`.
 *
 * @throws PayApiError `refused`, `moved` or `unknown`
 */
export function decodeReply(
  operation: Operation,
  sent: PlainFields,
  reply: TransportReply,
  unprovenCodes: readonly string[] = [],
): DecodedReply {
  const fail = (details: Omit<PayApiErrorDetails, "operation">): PayApiError =>
    new PayApiError({ operation: operation.name, httpStatus: reply.status, ...details });
  const status = reply.status;
  if (status >= 300 && status < 400) {
    throw fail({
      code: "redirected",
      message: `The gateway answered with HTTP ${status}; redirects are never followed.`,
    });
  }
  const body = parseJsonObject(reply.body);
  const resultCode = readResultCode(body);
  const resultMessage = displayText(body?.ResultMsg);
  if (status !== 200 && (status < 400 || status >= 500)) {
    const message = `HTTP ${status} proves nothing about the money; the outcome is unknown.`;
    throw fail({ code: "http-error", message, resultCode, resultMessage });
  }
  if (body === undefined || resultCode === undefined) {
    if (status === 200)
      throw fail({ code: "reply-invalid", message: "The reply is not a JSON object with a ResultCode." });
    throw fail({ code: "http-error", message: `HTTP ${status} without a ResultCode. ${blockedHint}` });
  }
  if (resultCode === operation.success.code && status === 200) {
    return readSuccess(operation, sent, body, { resultCode, resultMessage }, fail);
  }
  if (isUnprovenCode(resultCode, unprovenCodes)) {
    const message = `Result code ${resultCode} with HTTP ${status} proves neither success nor failure; ${operation.name} succeeds with ${operation.success.code} and HTTP 200.`;
    throw fail({ code: "result-unproven", message, resultCode, resultMessage });
  }
  throw fail({
    code: "refused",
    message: `The gateway refused: ${resultCode} ${resultMessage}`.trim(),
    resultCode,
    resultMessage,
  });
}

function readResultCode(body: Record<string, unknown> | undefined): string | undefined {
  const code = typeof body?.ResultCode === "string" ? unpadded(body.ResultCode) : undefined;
  return typeof code === "string" && /^[A-Za-z0-9_-]{1,20}$/.test(code) ? code : undefined;
}

// Foreign text is shown and logged, so it must contain neither card numbers nor line breaks.
function displayText(value: unknown): string {
  return typeof value === "string"
    ? maskCardNumbers(value.replace(/\p{Cc}+/gu, " "))
        .slice(0, 500)
        .trim()
    : "";
}

function readSuccess(
  operation: Operation,
  sent: PlainFields,
  body: Record<string, unknown>,
  result: { resultCode: string; resultMessage: string },
  fail: (details: Omit<PayApiErrorDetails, "operation">) => PayApiError,
): DecodedReply {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(operation.reply)) {
    const value = readField(field, body);
    if (value !== undefined) values[name] = value;
  }
  const tid = isUsableTid(values.tid) ? values.tid : undefined;
  const price = asNumber(values.price);
  // Resolving a contradictory success needs all values of the reply.
  const facts = {
    ...result,
    tid,
    price,
    remainingPrice: asNumber(values.remainingPrice),
    cancelTid: isUsableTid(values.cancelTid) ? values.cancelTid : undefined,
    applNum: typeof values.applNum === "string" ? displayText(values.applNum) : undefined,
    at: [values.approvedAt, values.cancelledAt].find((value) => value instanceof Date),
  };
  for (const [name, asked] of Object.entries(operation.success.echoes)) {
    if (disagrees(operation.reply[name], body, values[name], sent.get(asked))) {
      const message = `The gateway reports success, but its ${name} is not the ${asked} that was requested.`;
      throw fail({ code: "success-mismatch", message, ...facts });
    }
  }
  for (const name of operation.success.needs) {
    if (name === "tid" ? tid === undefined : values[name] === undefined) {
      const message = `The gateway reports success, but its reply has no usable ${name}.`;
      throw fail({ code: "success-incomplete", message, ...facts });
    }
  }
  return { ...values, ...result, raw: redactSecrets(operation, body) };
}

// An unreadable value counts as a mismatch; a missing value proves nothing and is accepted.
function disagrees(
  field: ReplyField | undefined,
  body: Record<string, unknown>,
  value: unknown,
  asked: string | undefined,
): boolean {
  if (!field || field.codec === "korean-time" || asked === undefined) return false;
  const raw = meant(body[field.wire]);
  if (raw === undefined || raw === null || raw === "") return false;
  return value === undefined || String(value) !== asked;
}

/** Returns whether a transaction id can be stored and sent in a cancel. */
function isUsableTid(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,40}$/.test(value);
}

function readField(field: ReplyField, body: Record<string, unknown>): unknown {
  if (field.codec === "korean-time")
    return parseKoreanTime(meant(body[field.wire[0]]), meant(body[field.wire[1]]));
  const value = meant(body[field.wire]);
  if (field.codec === "amount") return parseAmount(value);
  if (typeof value !== "string") return undefined;
  if (field.secret) return new Secret(value);
  const choices = field.choices ?? {};
  return Object.hasOwn(choices, value) ? choices[value] : value;
}

/** Values are padded with blanks here and there. */
function meant(value: unknown): unknown {
  return typeof value === "string" ? unpadded(value) : value;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

// The table says which known fields are secret; other fields are secret if they may contain a card number.
function redactSecrets(operation: Operation, body: Record<string, unknown>): Record<string, unknown> {
  const known = new Map(
    Object.values(operation.reply).flatMap((field) =>
      field.codec === "korean-time"
        ? field.wire.map((name): [string, boolean] => [name, false])
        : [[field.wire, field.secret === true] as const],
    ),
  );
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const secret = known.get(name);
      if (secret === undefined) return [name, redactCardNumbers(value)];
      return [name, secret && typeof value === "string" ? new Secret(value) : value];
    }),
  );
}

function redactCardNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactCardNumbers);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactCardNumbers(inner)]));
  }
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && maskCardNumbers(text) !== text ? new Secret(text) : value;
}
