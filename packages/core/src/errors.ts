import type { LocalizedMessage } from "./language.js";

/**
 * What a failed call says about the money:
 * - `not-sent`: no byte was handed to the network. It may be tried again.
 * - `refused`: the gateway said no in a complete, valid reply.
 * - `moved`: the gateway said yes, but with another amount or without a usable transaction id. Don't fulfil, don't
 *   try again; cancel or settle it.
 * - `unknown`: everything else. Never send it again; an operator or another fact must settle it.
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
    meaning: "The gateway could not prove who it is, or spoke no acceptable TLS.",
  },
  "unsupported-runtime": {
    outcome: "not-sent",
    meaning:
      "The runtime, or a library that intercepts `node:http`, would not send over the verified connection.",
  },
  "before-send-failed": { outcome: "not-sent", meaning: "`beforeSend` threw, so nothing was sent." },
  "not-sent": {
    outcome: "not-sent",
    meaning: "The call ended before its first byte: deadline, abort, lost connection.",
  },
  refused: {
    outcome: "refused",
    meaning: "The gateway declined or rejected it; see `resultCode` and `resultMessage`.",
  },
  "connection-lost": { outcome: "unknown", meaning: "The connection broke before a complete reply." },
  deadline: { outcome: "unknown", meaning: "No complete reply came in time." },
  aborted: { outcome: "unknown", meaning: "The caller aborted after the first byte may have left." },
  "reply-too-large": { outcome: "unknown", meaning: "The reply was larger than 256 KiB." },
  "reply-invalid": {
    outcome: "unknown",
    meaning: "The reply was no valid JSON object with a ResultCode, or no page's reply with a P_STATUS.",
  },
  redirected: {
    outcome: "unknown",
    meaning: "The gateway's address answered with a redirect, which is never followed.",
  },
  "http-error": { outcome: "unknown", meaning: "An HTTP status that proves nothing about the money." },
  "result-unproven": {
    outcome: "unknown",
    meaning:
      "A result code that proves neither success nor failure: another operation's success code, or success with HTTP 4xx.",
  },
  "success-mismatch": {
    outcome: "moved",
    meaning: "Success, but with another amount or transaction than asked.",
  },
  "success-incomplete": {
    outcome: "moved",
    meaning: "Success, but without a usable transaction id, or without what else it must bring.",
  },
} as const satisfies Record<string, { outcome: Outcome; meaning: string }>;

/** Why a call failed: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** One thing that is wrong with an input or a configuration. Names the field, never its value. */
export interface Problem {
  readonly field: string;
  readonly message: string;
  /** The message in Korean, for inputs, which buyers may have written. */
  readonly ko?: string;
}

/** A problem with something that a buyer may have written: said in both languages. */
export interface FieldProblem extends Problem {
  readonly ko: string;
}

/** One thing that is wrong with a field. */
export function fieldProblem(field: string, { en, ko }: LocalizedMessage): FieldProblem {
  return { field, message: en, ko };
}

/** What a {@link PayApiError} is made of. */
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
 * The one error of this package. Decide by {@link PayApiError.outcome}: it says what happened to the money.
 * It never holds what was sent.
 */
export class PayApiError extends Error {
  override readonly name = "PayApiError";
  readonly code: ErrorCode;
  /** What the failure says about the money. */
  readonly outcome: Outcome;
  /** The operation, such as `cards.approve`; absent for configuration errors. */
  declare readonly operation?: string;
  /** The gateway's code, where a reply had one. */
  declare readonly resultCode?: string;
  /** The gateway's own words, for people. */
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
  /** When a `moved` call happened, as its reply says. */
  declare readonly at?: Date;
  /** For `invalid-config` and `invalid-input`: all that is wrong, at once. */
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

/** Whether it is a {@link PayApiError}, also one thrown by another copy of this package. */
export function isPayApiError(error: unknown): error is PayApiError {
  return typeof error === "object" && error !== null && brand in error;
}

/** Makes the error for a list of problems. */
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
