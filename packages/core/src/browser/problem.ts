import type { FieldError, ProblemBody } from "../handler/messages.js";
import type { OrderView } from "../handler/order-view.js";
import type { ProblemCode } from "../handler/problem-table.js";

/**
 * Why a call did not succeed: a code of the handler, or
 * - `no-answer`: no complete answer came in time;
 * - `unexpected-answer`: the answer is not the handler's, such as a proxy's error page.
 *
 * After these two the outcome is unknown. Call `getOrder` before any other call that moves money.
 */
export type PayApiProblemCode = ProblemCode | "no-answer" | "unexpected-answer";

/** The parameters of a {@link PayApiProblem}. */
export interface PayApiProblemDetails {
  readonly code: PayApiProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly order?: OrderView | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly gateway?: ProblemBody["gateway"];
  readonly retryAfterSeconds?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

// A registered symbol, so that errors of another copy of this module on the page are recognised.
const brand: unique symbol = Symbol.for("@payapi/core.PayApiProblem") as never;

/** The error with which the client's calls reject. Decide by {@link PayApiProblem.code}. It never contains values of the request. */
export class PayApiProblem extends Error {
  declare readonly code: PayApiProblemCode;
  /** The HTTP status; 0 without an answer. */
  declare readonly status: number;
  /** A short message for the buyer, in the client's language. */
  declare readonly title: string;
  /** What the problem means and what to do, in the client's language. */
  declare readonly detail: string;
  /** The order's payment status, if known. */
  declare readonly order?: OrderView | undefined;
  /** The invalid fields, without their values. */
  declare readonly errors?: readonly FieldError[] | undefined;
  /** The gateway's result code and message. */
  declare readonly gateway?: ProblemBody["gateway"];
  /** Seconds to wait before the next try. */
  declare readonly retryAfterSeconds?: number | undefined;
  /** The key with which to repeat the same call; the server then does nothing twice. Only for calls that change something. */
  declare readonly idempotencyKey?: string | undefined;

  constructor(details: PayApiProblemDetails) {
    super(`${details.title}: ${details.detail}`);
    Object.assign(this, details, { name: "PayApiProblem", [brand]: true });
  }
}

/** Returns whether the value is a {@link PayApiProblem}, also one of another copy of this module. */
export function isPayApiProblem(error: unknown): error is PayApiProblem {
  return typeof error === "object" && error !== null && brand in error;
}
