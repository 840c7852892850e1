import { type DecidedEvent, eventsOf, type OrderEvents } from "./events.js";
import type { SettledFacts } from "./facts.js";
import type { NotificationVerdict } from "./notification-rows.js";
import type {
  ApprovalRow,
  CallRows,
  CancelRow,
  LedgerAccount,
  LinkRow,
  Mismatch,
  Order,
  OrderRows,
  Posting,
  SettledBy,
  TransitionRow,
} from "./rows.js";

/** The changes of a decision: rows to add or replace, audit entries and postings. Nothing is ever deleted. */
export interface Changes {
  readonly entries: number;
  readonly reviewed: boolean;
  readonly approvals: readonly ApprovalRow[];
  readonly cancels: readonly CancelRow[];
  readonly links: readonly LinkRow[];
  readonly audit: readonly TransitionRow[];
  readonly postings: readonly Posting[];
  readonly events: readonly DecidedEvent[];
}

/**
 * An order during a decision. It collects changes as data and leaves the loaded rows untouched. Every change of an order's money goes
 * through it, so that each has its posting, its entry in the audit trail and its event.
 */
export class Draft {
  readonly mid: string;
  readonly orderId: string;
  readonly #before: Order;
  readonly #approvals: Map<string, ApprovalRow>;
  readonly #cancels: Map<string, CancelRow>;
  readonly #links: Map<string, LinkRow>;
  readonly #changed = new Set<string>();
  readonly #audit: TransitionRow[] = [];
  readonly #postings: Posting[] = [];
  readonly #events: OrderEvents = { mismatched: [], notified: [] };
  #reviewed: boolean;

  constructor(order: Order) {
    this.mid = order.mid;
    this.orderId = order.orderId;
    this.#before = order;
    this.#approvals = new Map(order.approvals.map((row) => [row.id, row]));
    this.#cancels = new Map(order.cancels.map((row) => [row.id, row]));
    this.#links = new Map(order.links.map((row) => [row.token, row]));
    this.#reviewed = order.reviewed;
  }

  /** The order with the changes so far. */
  get order(): Order {
    return {
      ...this.#before,
      approvals: [...this.#approvals.values()],
      cancels: [...this.#cancels.values()],
      links: [...this.#links.values()],
      entries: this.#before.entries + this.#audit.length,
      reviewed: this.#reviewed,
    };
  }

  putApproval(row: ApprovalRow): ApprovalRow {
    this.#approvals.set(row.id, row);
    this.#changed.add(row.id);
    return row;
  }

  changeApproval(id: string, change: Partial<ApprovalRow>): ApprovalRow {
    const row = this.#approvals.get(id);
    if (row === undefined) throw new Error("A change belongs to no attempt");
    return this.putApproval({ ...row, ...change });
  }

  putCancel(row: CancelRow): CancelRow {
    this.#cancels.set(row.id, row);
    this.#changed.add(row.id);
    return row;
  }

  changeCancel(id: string, change: Partial<CancelRow>): CancelRow {
    const row = this.#cancels.get(id);
    if (row === undefined) throw new Error("A change belongs to no cancel");
    return this.putCancel({ ...row, ...change });
  }

  putLink(row: LinkRow): LinkRow {
    this.#links.set(row.token, row);
    this.#changed.add(row.token);
    return row;
  }

  /** Adds an entry to the audit trail. It reopens an order that was reviewed. */
  audit(entry: TransitionRow): void {
    this.#audit.push(entry);
    this.#reviewed = false;
  }

  /** As {@link audit}, by an operator who has reviewed all earlier entries. */
  review(entry: TransitionRow): void {
    this.audit(entry);
    this.#reviewed = true;
  }

  /** Posts `won` from the buyer to us (negative: back) against one account. */
  post(call: CallRows, at: Date, won: number, against: Exclude<LedgerAccount, "gateway">): void {
    if (won === 0) return;
    this.#postings.push({
      at,
      approvalId: call.approval.id,
      cancelId: call.kind === "cancel" ? call.cancel.id : null,
      entries: [
        { account: "gateway", amount: won },
        { account: against, amount: -won },
      ],
    });
  }

  /** Marks the order as needing review, permanently. */
  requireReview(approvalId: string, at: Date): void {
    if (this.#approvals.get(approvalId)?.mismatchAt !== null) return;
    this.changeApproval(approvalId, { mismatchAt: at });
    this.#events.mismatched.push({ approvalId, at });
  }

  addMismatch(approvalId: string, mismatch: Mismatch): void {
    const row = this.#approvals.get(approvalId);
    if (row !== undefined) this.changeApproval(approvalId, { mismatches: [...row.mismatches, mismatch] });
  }

  /** Adds a notification that may raise an event, with or without an effect on the order. */
  notified(verdict: NotificationVerdict): void {
    this.#events.notified.push(verdict);
  }

  changes(): Changes {
    const { entries, reviewed, approvals, cancels, links } = this.order;
    return {
      entries,
      reviewed,
      approvals: approvals.filter(({ id }) => this.#changed.has(id)),
      cancels: cancels.filter(({ id }) => this.#changed.has(id)),
      links: links.filter(({ token }) => this.#changed.has(token)),
      audit: this.#audit,
      postings: this.#postings,
      events: eventsOf(this.order, this.#audit, this.#events),
    };
  }
}

/** Returns whether there is nothing to write. */
export function isEmpty({ approvals, cancels, links, audit, postings, events }: Changes): boolean {
  return [approvals, cancels, links, audit, postings, events].every(({ length }) => length === 0);
}

type Fields = Pick<TransitionRow, "at" | "from" | "to"> & {
  readonly actor?: string | null;
  readonly facts?: SettledFacts;
  readonly isMismatch?: boolean;
};

/** The entry of the audit trail for one step of one call. */
export function transitionOf(call: CallRows, fields: Fields): TransitionRow {
  const { facts } = fields;
  const asked = call.kind === "approval" ? call.approval.price : call.cancel.cancelPrice;
  const isMismatch = fields.isMismatch ?? false;
  return {
    at: fields.at,
    mid: call.approval.mid,
    orderId: call.approval.orderId,
    approvalId: call.approval.id,
    cancelId: call.kind === "cancel" ? call.cancel.id : null,
    what: isMismatch ? `${call.kind}-mismatch` : call.kind,
    from: fields.from,
    to: fields.to,
    actor: fields.actor ?? null,
    outcome: facts?.outcome ?? null,
    price: facts?.reportedPrice ?? asked,
    tid: (call.kind === "cancel" ? facts?.cancelTid : facts?.tid) ?? null,
    failureCode: facts?.failureCode ?? null,
    resultCode: facts?.resultCode ?? null,
    resultMessage: facts?.resultMessage ?? null,
    evidence: null,
  };
}

/** The rows of one call among those of its order. */
export function findCall(
  rows: OrderRows,
  call: { readonly kind: "approval" | "cancel"; readonly id: string },
): CallRows | undefined {
  if (call.kind === "approval") {
    const approval = rows.approvals.find((row) => row.id === call.id);
    return approval && { kind: "approval", approval };
  }
  const cancel = rows.cancels.find((row) => row.id === call.id);
  const approval = rows.approvals.find((row) => row.id === cancel?.approvalId);
  return cancel && approval && { kind: "cancel", approval, cancel };
}

/** Who says something about an order, and what it was seen in. */
export interface OperatorNote {
  readonly actor: string;
  readonly evidence: string;
}

/** A report of how a call ended, and its source. */
export interface Report {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** Of an operator. */
  readonly note?: OperatorNote;
  /** Whether the shop has requested another amount than the reported payment's. */
  readonly isOutdated?: boolean;
}

/** Stores a report that does not match the state; a repeated report adds nothing. */
export function noteMismatch(draft: Draft, call: CallRows, report: Report, booked = 0): void {
  const { state } = call.kind === "approval" ? call.approval : call.cancel;
  const entry = entryOf(call, { from: state, to: state, isMismatch: true }, report);
  const mismatch = { ...mismatchOf(call, entry), booked };
  const known = call.approval.mismatches.find((each) => isSame(each, mismatch));
  if (known !== undefined && booked === 0) return;
  draft.addMismatch(call.approval.id, mismatch);
  draft.audit(entry);
}

/** Returns an entry of the audit trail as a mismatch. */
export function mismatchOf(call: CallRows, entry: TransitionRow): Mismatch {
  const { cancelId, to: state, outcome, price, tid, resultCode } = entry;
  return { kind: call.kind, cancelId, state, outcome, price, tid, resultCode };
}

const named = ["kind", "cancelId", "state", "outcome", "price", "tid", "resultCode"] as const;

function isSame(one: Mismatch, other: Mismatch): boolean {
  return named.every((name) => one[name] === other[name]);
}

/** The entry of the audit trail for a report. */
export function entryOf(
  call: CallRows,
  step: Pick<Fields, "from" | "to" | "isMismatch">,
  report: Report,
): TransitionRow {
  const { facts, at, note } = report;
  const entry = transitionOf(call, { ...step, at, actor: actorOf(call, report), facts });
  return { ...entry, evidence: note?.evidence ?? null };
}

/** Returns the actor that the audit trail names for a report. */
export function actorOf(call: CallRows, report: Report): string | null {
  if (report.note !== undefined) return report.note.actor;
  if (report.by === "recovery" || report.by === "notification") return report.by;
  return call.kind === "cancel" ? call.cancel.actor : null;
}
