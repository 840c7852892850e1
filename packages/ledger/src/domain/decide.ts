import type {
  ApprovalRequest,
  CancelRequest,
  IssuedAccount,
  LinkRequest,
  LinkReservation,
  OrderPayment,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import { LedgerError } from "../errors.js";
import { type Adoption, adoptPayment, type FoundPayment } from "./adopt-payment.js";
import { decideNotification } from "./apply-notification.js";
import { awaitDeposit, closeLink, openLink, settleLink } from "./attempts.js";
import type { Resolution, ResolutionResult, SettledFacts } from "./facts.js";
import type { NotificationFact, NotificationOutcome } from "./notification-rows.js";
import { type Changes, Draft, findCall, type OperatorNote } from "./order.js";
import { viewOrder } from "./order-status.js";
import {
  type DueAt,
  type Reserved,
  reserveApproval,
  reserveCancel,
  reserveNetCancel,
} from "./reservations.js";
import { type ClosedReview, closeReview, type ReviewNote, resolve } from "./resolution.js";
import type { AccountFields, Order } from "./rows.js";
import {
  claimRepeat,
  endSilentCall,
  endSilentCalls,
  markRepeat,
  markSending,
  type Repeat,
  type SilentCall,
  type SilentOutcome,
  settleRepeat,
} from "./sending.js";
import { settleApproval } from "./settle-approval.js";
import { type AlreadyCancelledCodes, settleCancel } from "./settle-cancel.js";

interface CallName {
  readonly kind: "approval" | "cancel";
  readonly id: string;
}

/**
 * Everything that can change an order: facts about its money from any source, and calls that are about to be made. Each has its own
 * time, since this module has no clock.
 */
export type Fact =
  /** The outcome of a call, reported by the process that made it or by the journal. */
  | {
      readonly kind: "outcome";
      readonly call: CallName;
      readonly facts: SettledFacts;
      readonly at: Date;
      readonly alreadyCancelledCodes: AlreadyCancelledCodes;
    }
  /** A call has been in this state without a report for too long. */
  | {
      readonly kind: "silence";
      readonly call: SilentCall;
      readonly outcome: SilentOutcome;
      readonly at: Date;
    }
  | NotificationFact
  | {
      readonly kind: "resolution";
      readonly resolution: Resolution;
      readonly at: Date;
      readonly sendingGraceMs: number;
    }
  | { readonly kind: "review"; readonly note: ReviewNote; readonly at: Date }
  /** A payment at the gateway that the ledger may have lost. */
  | {
      readonly kind: "found-payment";
      readonly found: FoundPayment;
      readonly newId: string;
      readonly at: Date;
      readonly note: OperatorNote;
    }
  | {
      readonly kind: "account-issued";
      readonly issued: IssuedAccount;
      readonly account: AccountFields;
      readonly newId: string;
      readonly at: Date;
    }
  | {
      readonly kind: "reserve-approval";
      readonly request: ApprovalRequest;
      readonly newId: string;
      readonly at: Date;
    }
  | {
      readonly kind: "reserve-cancel";
      readonly request: CancelRequest;
      readonly newId: string;
      readonly at: Date;
      /** Of a net cancel that recovery requests. */
      readonly dueAt?: DueAt | undefined;
    }
  | { readonly kind: "mark-sending"; readonly call: CallName; readonly at: Date; readonly deadlineAt: Date }
  | { readonly kind: "claim-repeat"; readonly id: string; readonly at: Date; readonly until: Date }
  | {
      readonly kind: "mark-repeat";
      readonly id: string;
      readonly number: number;
      readonly at: Date;
      readonly deadlineAt: Date;
      readonly repeatAt: Date;
    }
  | {
      readonly kind: "repeat-outcome";
      readonly id: string;
      readonly number: number;
      readonly facts: SettledFacts;
      readonly at: Date;
      readonly codes: AlreadyCancelledCodes;
    }
  | {
      readonly kind: "open-link";
      readonly request: LinkRequest;
      readonly token: string;
      readonly at: Date;
      readonly makingMs: number;
    }
  | {
      readonly kind: "settle-link";
      readonly token: string;
      readonly url: string | undefined;
      readonly at: Date;
    }
  | { readonly kind: "close-link"; readonly token: string; readonly at: Date };

/** The result of each decision, beside its changes. */
export interface Answers {
  readonly outcome: OrderPayment;
  /** How the call ended; `undefined` if another report had ended it before. */
  readonly silence: SilentOutcome | undefined;
  readonly notification: NotificationOutcome;
  readonly resolution: ResolutionResult;
  readonly review: ClosedReview;
  readonly "found-payment": { readonly adoption: Adoption; readonly order: OrderPayment | undefined };
  readonly "account-issued": OrderPayment;
  readonly "reserve-approval": Reserved<ReservedApproval>;
  readonly "reserve-cancel": Reserved<ReservedCancel>;
  readonly "mark-sending": undefined;
  readonly "claim-repeat": Repeat | undefined;
  readonly "mark-repeat": undefined;
  readonly "repeat-outcome": OrderPayment;
  readonly "open-link": LinkReservation;
  readonly "settle-link": undefined;
  readonly "close-link": undefined;
}

type Kind = Fact["kind"];
type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>;

const deciders: { readonly [K in Kind]: (draft: Draft, fact: FactOf<K>) => Answers[K] } = {
  outcome(draft, { call, facts, at, alreadyCancelledCodes }) {
    const rows = findCall(draft.order, call);
    if (rows === undefined) throw new LedgerError("no-such-call", "The call to settle is not in the ledger");
    const report = { facts, by: "call", at } as const;
    if (rows.kind === "approval") settleApproval(draft, rows.approval, report);
    else settleCancel(draft, rows, report, alreadyCancelledCodes);
    return paymentOf(draft);
  },
  silence: endSilentCall,
  notification: decideNotification,
  resolution: (draft, { resolution, at, sendingGraceMs }) => {
    endSilentCalls(draft, at, sendingGraceMs);
    return resolve(draft, { resolution, at, sendingGraceMs });
  },
  review: closeReview,
  "found-payment": adoptPayment,
  "account-issued": awaitDeposit,
  "reserve-approval": reserveApproval,
  "reserve-cancel": (draft, fact) =>
    fact.request.netCancel === true ? reserveNetCancel(draft, fact) : reserveCancel(draft, fact),
  "mark-sending": markSending,
  "claim-repeat": claimRepeat,
  "mark-repeat": markRepeat,
  "repeat-outcome": (draft, fact) => {
    settleRepeat(draft, fact);
    return paymentOf(draft);
  },
  "open-link": openLink,
  "settle-link": settleLink,
  "close-link": closeLink,
};

/** Returns what a fact changes in an order: the rows to write, and the answer for the caller. Pure: it depends only on its arguments. */
export function decide<K extends Kind>(
  order: Order,
  fact: FactOf<K>,
): { readonly changes: Changes; readonly answer: Answers[K] } {
  const draft = new Draft(order);
  // `fact.kind` selects the decider for exactly this type of fact; TypeScript can't infer that from the table.
  const decider = deciders[fact.kind] as (draft: Draft, fact: FactOf<K>) => Answers[K];
  const answer = decider(draft, fact);
  return { changes: draft.changes(), answer };
}

function paymentOf(draft: Draft): OrderPayment {
  const payment = viewOrder(draft.orderId, draft.order);
  if (payment === undefined) throw new LedgerError("broken-rule", "A settled call has no order");
  return payment;
}
