import type { FieldError, ProblemBody } from "../handler/messages.js";
import type { OrderView } from "../handler/order-view.js";
import type { ProblemCode } from "../handler/problem-table.js";

/**
 * Why a call did not succeed: a code of the handler's, or
 * - `no-answer`: no complete answer came in time, or at all;
 * - `unexpected-answer`: something else than the handler answered, such as a proxy or a page that was not found.
 *
 * After these two nobody knows whether it happened. Where money is concerned, ask `getOrder` before anything else.
 */
export type PayApiProblemCode = ProblemCode | "no-answer" | "unexpected-answer";

/** What a {@link PayApiProblem} is made of. */
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

// Registered, so that the error of another copy of this module in the same page is recognised too.
const brand: unique symbol = Symbol.for("@payapi/core.PayApiProblem") as never;

/** The one error that the client's calls reject with. Decide by {@link PayApiProblem.code}. It holds nothing of what was sent. */
export class PayApiProblem extends Error {
  declare readonly code: PayApiProblemCode;
  /** The HTTP status; 0 if no answer came. */
  declare readonly status: number;
  /** For people, in the client's language; so is {@link PayApiProblem.detail}. */
  declare readonly title: string;
  /** What it means and what to do. */
  declare readonly detail: string;
  /** What is known about the order's money. */
  declare readonly order?: OrderView | undefined;
  /** What is wrong with which field; never its value. */
  declare readonly errors?: readonly FieldError[] | undefined;
  /** The gateway's own words. */
  declare readonly gateway?: ProblemBody["gateway"];
  /** How long to wait before it is tried again. */
  declare readonly retryAfterSeconds?: number | undefined;
  /** With which the same call may be repeated: what was done already is not done again. Only for calls that change something. */
  declare readonly idempotencyKey?: string | undefined;

  constructor(details: PayApiProblemDetails) {
    super(`${details.title}: ${details.detail}`);
    Object.assign(this, details, { name: "PayApiProblem", [brand]: true });
  }
}

/** Whether it is a {@link PayApiProblem}, also one of another copy of this module. */
export function isPayApiProblem(error: unknown): error is PayApiProblem {
  return typeof error === "object" && error !== null && brand in error;
}
