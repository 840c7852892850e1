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

/** An order has at most one approval in one of these. */
export const liveApprovalStates = [
  "reserved",
  "sending",
  "unknown",
  "approved",
  "approved_mismatch",
  "approved_no_tid",
  "mismatch",
] as const satisfies readonly ApprovalState[];

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

/** A payment has at most one cancel in one of these. */
export const openCancelStates = ["reserved", "sending", "unknown"] as const satisfies readonly CancelState[];

/** Who learnt how a call ended: the process that made it, `recover()`, an operator, or the gateway's notification. */
export type SettledBy = "call" | "recovery" | "operator" | "notification";

/** What is kept of a reply, for approvals and cancels alike. */
export interface ReplyFacts {
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  /** Won, as the reply says. */
  readonly reportedPrice: number | null;
}

/** The virtual account that an attempt waits for. */
export interface AccountFields {
  readonly accountNumber: string | null;
  readonly accountBank: string | null;
  readonly accountHolder: string | null;
  readonly accountDueAt: Date | null;
}

/** A fact kept beside the state of an attempt, each once: most of them differ from it. */
export interface Mismatch {
  readonly kind:
    | "approval"
    | "cancel"
    | "deposited-again"
    | "reversal"
    | "cancelled-elsewhere"
    /** The gateway's notification of a cancel of ours. */
    | "cancel-notified";
  /** The cancel that it differs from, or that explains it. */
  readonly cancelId: string | null;
  /** The state that it differs from. */
  readonly state: ApprovalState | CancelState;
  readonly outcome: string | null;
  readonly price: number | null;
  readonly tid: string | null;
  readonly resultCode: string | null;
  /** Won that were booked for it. */
  readonly booked?: number;
  /** When the gateway says it happened, in ISO 8601; kept of escrow money that went back. */
  readonly at?: string | null;
}

/** A deposit that was reported for an attempt's transaction, and the notifications that did. */
export interface ReportedDeposit {
  /** As the gateway says, in ISO 8601. */
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
  /** The transaction of the authentication on the payment page, or of the virtual account. */
  readonly authTid: string | null;
  readonly applNum: string | null;
  readonly approvedAt: Date | null;
  /** Won paid and not cancelled; 0 until approved. */
  readonly remaining: number;
  /** Won of `remaining` that an open cancel has taken. */
  readonly held: number;
  readonly openCancel: string | null;
  readonly settledBy: SettledBy | null;
  /** When the attempt first had a mismatch that needs review. */
  readonly mismatchAt: Date | null;
  readonly mismatches: readonly Mismatch[];
  readonly deposits: readonly ReportedDeposit[];
  /** When `recover()` looks whether a net cancel may undo it; `null` when never (any more). */
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
  /** Undoes an approval of the payment page, by the transaction of its authentication. */
  readonly netCancel: boolean;
  readonly cancelPrice: number;
  /** Won that remain after it: computed once, when the amount was held. */
  readonly confirmPrice: number;
  readonly state: CancelState;
  readonly cancelTid: string | null;
  readonly actor: string | null;
  /** Won remaining, as the reply says. */
  readonly reportedRemaining: number | null;
  readonly cancelledAt: Date | null;
  /** How often it was repeated identically after its outcome was unknown; repeats that were not sent are not counted. */
  readonly repeats: number;
  /** How many repeats were not sent. */
  readonly unsentRepeats: number;
  /** When it may be repeated (again), or when its running repeat is over; `null` when never (any more). */
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
  /** Until when the gateway takes payments by it. */
  readonly openUntil: Date;
  readonly closedAt: Date | null;
}

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
 * `…-mismatch`: a later fact that did not match the state, kept beside it. `notification`: one that fits no state of
 * the order, with its reason as the failure code; `reversal`: a deposit was reversed.
 */
export const transitionKinds = [
  "approval",
  "cancel",
  "approval-mismatch",
  "cancel-mismatch",
  "notification",
  "reversal",
] as const;
export type TransitionKind = (typeof transitionKinds)[number];

/**
 * The accounts of the double entry: `gateway` is what the gateway took from the buyer and has not given back;
 * `paid` (its counterpart, negative) the part that is as asked, `suspense` the part that is not.
 */
export const accounts = ["gateway", "paid", "suspense"] as const;
export type Account = (typeof accounts)[number];

/** Amounts in won that belong together and sum to zero. */
export interface Posting {
  readonly at: Date;
  readonly approvalId: string;
  readonly cancelId: string | null;
  readonly entries: readonly { readonly account: Account; readonly amount: number }[];
}

/** Attempts by their number, and cancels by payment and sequence. */
export interface OrderRows {
  readonly approvals: readonly ApprovalRow[];
  readonly cancels: readonly CancelRow[];
}

/** Everything about one order. */
export interface Order extends OrderRows {
  readonly mid: string;
  readonly orderId: string;
  /** Rises with every change; 0 while nothing was kept of the order. */
  readonly version: number;
  /** How many entries its audit trail has. */
  readonly entries: number;
  /** Whether an operator has dealt with everything that is known of it. */
  readonly reviewed: boolean;
  readonly links: readonly LinkRow[];
  /** Of the transaction ids that were asked about, those that other orders have. */
  readonly taken: { readonly tids: readonly string[]; readonly cancelTids: readonly string[] };
}

/** What an attempt, a cancel or a link is made with: a save of one that is there leaves it as it is. */
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
