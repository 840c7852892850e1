import type { LocalizedMessage } from "./language.js";

/**
 * What a failed call means for the money:
 * - `not-sent`: no byte of the request was sent. You may try again.
 * - `refused`: the gateway refused in a complete, valid reply.
 * - `moved`: the gateway reported success, but with another amount or without a usable transaction id. Don't fulfil and don't
 *   try again; cancel or resolve it.
 * - `unknown`: the request may have been sent, and no valid reply came. Never send it again; an operator or a notification
 *   resolves it.
 */
export type Outcome = "not-sent" | "refused" | "unknown" | "moved";

/** Every {@link PayApiError.code}, what it means, and its outcome. */
export const errorCodes = {
  "invalid-config": {
    outcome: "not-sent",
    meaning: "The configuration is wrong; `problems` names each field.",
  },
  "invalid-input": { outcome: "not-sent", meaning: "The input is wrong; `problems` names each field." },
  "connection-failed": { outcome: "not-sent", meaning: "No connection to the gateway could be made." },
  "tls-failed": {
    outcome: "not-sent",
    meaning: "The gateway's certificate was rejected, or no acceptable TLS was negotiated.",
  },
  "unsupported-runtime": {
    outcome: "not-sent",
    meaning:
      "The runtime, or a library that intercepts `node:http`, would not send over the verified connection.",
  },
  "before-send-failed": { outcome: "not-sent", meaning: "`beforeSend` threw, so nothing was sent." },
  "not-sent": {
    outcome: "not-sent",
    meaning: "The call ended before its first byte was sent: deadline, abort or lost connection.",
  },
  refused: {
    outcome: "refused",
    meaning: "The gateway declined the request, such as a card; see `resultCode` and `resultMessage`.",
  },
  "setup-fault": {
    outcome: "refused",
    meaning:
      "The gateway rejected the shop's set-up: signature, field key, merchant id, clock or order number. No card was declined; see `setupCodes`.",
  },
  "request-rejected": {
    outcome: "refused",
    meaning:
      "The gateway rejected the request itself with HTTP 4xx: a parameter or the address. No card was declined.",
  },
  "connection-lost": { outcome: "unknown", meaning: "The connection broke before a complete reply." },
  deadline: { outcome: "unknown", meaning: "No complete reply came in time." },
  aborted: { outcome: "unknown", meaning: "The caller aborted after the first byte may have left." },
  "reply-too-large": { outcome: "unknown", meaning: "The reply was larger than 256 KiB." },
  "reply-invalid": {
    outcome: "unknown",
    meaning:
      "The reply was not a valid JSON object with a ResultCode, or not a payment page's reply with a P_STATUS.",
  },
  redirected: {
    outcome: "unknown",
    meaning: "The gateway's address answered with a redirect, which the client does not follow.",
  },
  "http-error": {
    outcome: "unknown",
    meaning: "The reply has an HTTP status that proves nothing about the money.",
  },
  "result-unproven": {
    outcome: "unknown",
    meaning:
      "A result code that proves neither success nor failure: another operation's success code, or success with HTTP 4xx.",
  },
  "success-mismatch": {
    outcome: "moved",
    meaning: "The gateway reports success for another amount or transaction than requested.",
  },
  "success-incomplete": {
    outcome: "moved",
    meaning: "The gateway reports success without a usable transaction id or another required value.",
  },
} as const satisfies Record<string, { outcome: Outcome; meaning: string }>;

/** Why a call failed: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** A problem with a field of an input or a configuration. It names the field and never contains its value. */
export interface Problem {
  readonly field: string;
  readonly message: string;
  /** The message in Korean, for problems that buyers may see. */
  readonly ko?: string;
}

/** A problem with a field that a buyer may have filled in, with messages in both languages. */
export interface FieldProblem extends Problem {
  readonly ko: string;
}

/** Creates a problem with a field from its messages. */
export function fieldProblem(field: string, { en, ko }: LocalizedMessage): FieldProblem {
  return { field, message: en, ko };
}

/** The parameters of a {@link PayApiError}. */
export interface PayApiErrorDetails {
  readonly code: ErrorCode;
  readonly message: string;
  readonly operation?: string | undefined;
  readonly resultCode?: string | undefined;
  readonly resultMessage?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly tid?: string | undefined;
  readonly price?: number | undefined;
  readonly remainingPrice?: number | undefined;
  readonly cancelTid?: string | undefined;
  readonly applNum?: string | undefined;
  readonly at?: Date | undefined;
  readonly problems?: readonly Problem[] | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for("@payapi/core.PayApiError");

/**
 * The error that the calls of this package throw. Decide by {@link PayApiError.outcome}. It never contains values of the request.
 */
export class PayApiError extends Error {
  override readonly name = "PayApiError";
  readonly code: ErrorCode;
  /** What the failure means for the money. */
  readonly outcome: Outcome;
  /** The operation, such as `cards.approve`; `undefined` for configuration errors. */
  declare readonly operation?: string;
  /** The gateway's result code, if a reply had one. */
  declare readonly resultCode?: string;
  /** The gateway's message, for display only. */
  declare readonly resultMessage?: string;
  declare readonly httpStatus?: number;
  /** The transaction id in the reply of a `moved` call. */
  declare readonly tid?: string;
  /** The amount in the reply of a `moved` call, in won. */
  declare readonly price?: number;
  /** Won remaining, in the reply of a `moved` partial cancel. */
  declare readonly remainingPrice?: number;
  /** The transaction id of the cancel itself, in the reply of a `moved` partial cancel. */
  declare readonly cancelTid?: string;
  /** The approval number in the reply of a `moved` call. */
  declare readonly applNum?: string;
  /** The time of a `moved` call, from its reply. */
  declare readonly at?: Date;
  /** All problems, for `invalid-config` and `invalid-input`. */
  declare readonly problems?: readonly Problem[];

  constructor(details: PayApiErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.outcome = errorCodes[details.code].outcome;
    for (const key of [
      "operation",
      "resultCode",
      "resultMessage",
      "httpStatus",
      "tid",
      "price",
      "remainingPrice",
      "cancelTid",
      "applNum",
      "at",
      "problems",
    ] as const) {
      if (details[key] !== undefined)
        Object.defineProperty(this, key, { value: details[key], enumerable: true });
    }
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Returns whether the value is a {@link PayApiError}, also one thrown by another copy of this package. */
export function isPayApiError(error: unknown): error is PayApiError {
  return typeof error === "object" && error !== null && brand in error;
}

/** Creates the error for a list of problems. */
export function problemsError(
  code: "invalid-config" | "invalid-input",
  problems: readonly Problem[],
  operation?: string,
): PayApiError {
  const lines = problems.map(({ field, message }) => `${field}: ${message}`).join("; ");
  const subject =
    operation === undefined ? "The PAYAPI configuration is wrong" : `The input of ${operation} is wrong`;
  return new PayApiError({ code, operation, problems, message: `${subject}: ${lines}` });
}
