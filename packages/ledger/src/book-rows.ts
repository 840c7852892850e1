import type { ApprovalState, CancelState } from "./store.js";

/** One line of an order's history; never changed afterwards. */
export interface TransitionRow {
  readonly at: Date;
  readonly mid: string;
  readonly orderId: string;
  readonly approvalId: string;
  readonly cancelId: string | null;
  readonly what: TransitionKind;
  readonly from: ApprovalState | CancelState | null;
  readonly to: ApprovalState | CancelState;
  readonly actor: string | null;
  /** What the call came to, in the words of `CallOutcome`; `null` while it has not ended. */
  readonly outcome: string | null;
  readonly price: number | null;
  readonly tid: string | null;
  readonly failureCode: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  /** What an operator saw it in. */
  readonly evidence: string | null;
}

/**
 * `…-contradiction`: a later report that did not fit the state, kept beside it. `notification`: one that fits no state of
 * the order, with its reason as the failure code; `reversal`: a deposit was taken back.
 */
export const transitionKinds = [
  "approval",
  "cancel",
  "approval-contradiction",
  "cancel-contradiction",
  "notification",
  "reversal",
] as const;
export type TransitionKind = (typeof transitionKinds)[number];

/**
 * The accounts of the double entry: `gateway` is what the gateway took from the buyer and has not given back;
 * `paid` (its counterpart, negative) the part that is as asked, `unexplained` the part that is not.
 */
export const accounts = ["gateway", "paid", "unexplained"] as const;
export type Account = (typeof accounts)[number];

/** Amounts in won that belong together and sum to zero. */
export interface Posting {
  readonly id: string;
  readonly at: Date;
  readonly mid: string;
  readonly orderId: string;
  readonly approvalId: string;
  readonly cancelId: string | null;
  readonly entries: readonly { readonly account: Account; readonly amount: number }[];
}
