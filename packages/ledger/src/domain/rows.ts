import type { ReservedCancel } from "@payapi/core";

/** The states of an approval. */
export const approvalStates = [
  "reserved",
  "sending",
  "approved",
  "approved_mismatch",
  "approved_no_tid",
  "mismatch",
  "declined",
  "not_sent",
  "unknown",
  "settled_not_moved",
  "net_cancelled",
  "awaiting_deposit",
] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** An order has at most one approval in these states. */
export const liveApprovalStates = [
  "reserved",
  "sending",
  "unknown",
  "approved",
  "approved_mismatch",
  "approved_no_tid",
  "mismatch",
] as const satisfies readonly ApprovalState[];

/** Whether an attempt charged its order or may still charge it: the order's active attempt. */
export function isLive({ state }: Pick<ApprovalRow, "state">): boolean {
  return (liveApprovalStates as readonly ApprovalState[]).includes(state);
}

/** The states of a cancel. */
export const cancelStates = [
  "reserved",
  "sending",
  "done",
  "refused",
  "not_sent",
  "unknown",
  "mismatch",
  "settled_not_moved",
] as const;
export type CancelState = (typeof cancelStates)[number];

/** A payment has at most one cancel in these states. */
export const openCancelStates = ["reserved", "sending", "unknown"] as const satisfies readonly CancelState[];

/** The source of a call's outcome: the process that made it, `recover()`, an operator, or a notification of the gateway. */
export type SettledBy = "call" | "recovery" | "operator" | "notification";

/** The stored fields of a reply, for approvals and cancels. */
export interface ReplyFacts {
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  /** The amount in the reply, in won. */
  readonly reportedPrice: number | null;
}

/** The virtual account of an attempt that awaits a deposit. */
export interface AccountFields {
  readonly accountNumber: string | null;
  readonly accountBank: string | null;
  readonly accountHolder: string | null;
  readonly accountDueAt: Date | null;
}

/** A fact stored beside the state of an attempt, each once; most differ from the state. */
export interface Mismatch {
  readonly kind:
    | "approval"
    | "cancel"
    | "deposited-again"
    | "reversal"
    | "cancelled-elsewhere"
    /** Another payment of the order, in the gateway's console. */
    | "beside"
    /** The gateway's notification of a shop's cancel. */
    | "cancel-notified";
  /** The cancel that it differs from, or that explains it. */
  readonly cancelId: string | null;
  /** The state that it differs from. */
  readonly state: ApprovalState | CancelState;
  readonly outcome: string | null;
  readonly price: number | null;
  readonly tid: string | null;
  readonly resultCode: string | null;
  /** The amount booked for it, in won. */
  readonly booked?: number;
  /** The time that the gateway reports, in ISO 8601; stored for refunds of escrow money. */
  readonly at?: string | null;
}

/** A deposit for an attempt's transaction, with the notifications that reported it. */
export interface ReportedDeposit {
  /** The time that the gateway reports, in ISO 8601. */
  readonly at: string | null;
  readonly by: readonly { readonly channel: string; readonly event: string }[];
}

/** One attempt to charge an order. */
export interface ApprovalRow extends ReplyFacts, AccountFields {
  readonly id: string;
  readonly mid: string;
  readonly orderId: string;
  readonly attemptNo: number;
  readonly oid: string;
  /** The payment method: as asked for, until the gateway names the one that was used. */
  readonly payType: string;
  /** Whether it can be cancelled in part, as the gateway said; `null` if it did not. */
  readonly partlyCancellable: boolean | null;
  readonly price: number;
  readonly state: ApprovalState;
  readonly tid: string | null;
  /** The transaction id of the authentication on the payment page, or of the virtual account. */
  readonly authTid: string | null;
  readonly applNum: string | null;
  readonly approvedAt: Date | null;
  /** The paid amount that is not cancelled, in won; 0 until approved. */
  readonly remaining: number;
  /** The part of `remaining` that an open cancel holds, in won. */
  readonly held: number;
  readonly openCancel: string | null;
  readonly settledBy: SettledBy | null;
  /** When the attempt first had a mismatch that needs review. */
  readonly mismatchAt: Date | null;
  readonly mismatches: readonly Mismatch[];
  readonly deposits: readonly ReportedDeposit[];
  /** When `recover()` considers a net cancel of it; `null` if it does not (any more). */
  readonly netCancelAt: Date | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
}

/** One cancel of a payment. */
export interface CancelRow extends ReplyFacts {
  readonly id: string;
  readonly mid: string;
  readonly approvalId: string;
  readonly seq: number;
  readonly operation: ReservedCancel["operation"];
  /** Whether it is a net cancel: it undoes an unknown approval of the payment page, by its `authTid`. */
  readonly netCancel: boolean;
  readonly cancelPrice: number;
  /** The amount that remains after it, in won; computed when the cancel is reserved. */
  readonly confirmPrice: number;
  readonly state: CancelState;
  readonly cancelTid: string | null;
  readonly actor: string | null;
  /** The remaining amount in the reply, in won. */
  readonly reportedRemaining: number | null;
  readonly cancelledAt: Date | null;
  /** How often it was repeated after its outcome became unknown, without repeats that were not sent. */
  readonly repeats: number;
  /** How many repeats were not sent. */
  readonly unsentRepeats: number;
  /** When it may be repeated, or when its running repeat times out; `null` if it may not be repeated (any more). */
  readonly repeatAt: Date | null;
  readonly settledBy: SettledBy | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
}

/** The states of a link to the payment page. */
export const linkStates = ["making", "open", "closed"] as const;
export type LinkState = (typeof linkStates)[number];

/** One link to the payment page. */
export interface LinkRow {
  readonly token: string;
  readonly mid: string;
  readonly orderId: string;
  readonly linkNo: number;
  readonly oid: string;
  readonly payType: string;
  readonly price: number;
  readonly state: LinkState;
  readonly url: string | null;
  readonly createdAt: Date;
  /** Until when the gateway accepts payments through it. */
  readonly openUntil: Date;
  readonly closedAt: Date | null;
}

/** One entry of an order's audit trail; never changed. */
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
  /** The call's outcome, as in `CallOutcome`; `null` until it has ended. */
  readonly outcome: string | null;
  readonly price: number | null;
  readonly tid: string | null;
  readonly failureCode: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  /** The operator's evidence. */
  readonly evidence: string | null;
}

/**
 * `…-mismatch`: a later fact that did not match the state, which stays. `notification`: a notification that did not match the order,
 * with its reason as the failure code. `reversal`: a deposit was reversed. `correction`: an operator corrected an earlier resolution.
 */
export const transitionKinds = [
  "approval",
  "cancel",
  "approval-mismatch",
  "cancel-mismatch",
  "notification",
  "reversal",
  "correction",
] as const;
export type TransitionKind = (typeof transitionKinds)[number];

/**
 * The ledger accounts: `gateway` is the money that the gateway took from the buyer and has not refunded; `paid` (its counterpart,
 * negative) the part that is as requested, `suspense` the rest.
 */
export const ledgerAccounts = ["gateway", "paid", "suspense"] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

/** The entries of one posting, in won; they sum to zero. */
export interface Posting {
  readonly at: Date;
  readonly approvalId: string;
  readonly cancelId: string | null;
  readonly entries: readonly { readonly account: LedgerAccount; readonly amount: number }[];
}

/** Attempts by their number, and cancels by payment and sequence. */
export interface OrderRows {
  readonly approvals: readonly ApprovalRow[];
  readonly cancels: readonly CancelRow[];
}

/** The call that a change belongs to. */
export type CallRows = { readonly kind: "approval"; readonly approval: ApprovalRow } | CancelCall;
export interface CancelCall {
  readonly kind: "cancel";
  readonly approval: ApprovalRow;
  readonly cancel: CancelRow;
}

/** Everything about one order. */
export interface Order extends OrderRows {
  readonly mid: string;
  readonly orderId: string;
  /** Increases with every change; 0 for an order without rows. */
  readonly version: number;
  /** How many entries its audit trail has. */
  readonly entries: number;
  /** Whether an operator has reviewed all its audit entries. */
  readonly reviewed: boolean;
  readonly links: readonly LinkRow[];
  /** The requested transaction ids that belong to other orders. */
  readonly taken: { readonly tids: readonly string[]; readonly cancelTids: readonly string[] };
}

/** Columns that are written only when an attempt, a cancel or a link is inserted. */
export const fixedFields = {
  approvals: ["id", "mid", "orderId", "attemptNo", "oid", "price", "authTid", "createdAt"],
  cancels: [
    "id",
    "mid",
    "approvalId",
    "seq",
    "operation",
    "netCancel",
    "cancelPrice",
    "confirmPrice",
    "actor",
    "createdAt",
  ],
  links: ["token", "mid", "orderId", "linkNo", "oid", "payType", "price", "createdAt", "openUntil"],
} as const;
