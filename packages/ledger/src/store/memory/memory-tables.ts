import type { DuePage, DuePlace } from "../../domain/deadlines.js";
import type { Changes } from "../../domain/order.js";
import type { ApprovalRow, CancelRow, LinkRow, Order, Posting, TransitionRow } from "../../domain/rows.js";
import { LedgerError } from "../../errors.js";

/** A table of rows by key. Rows are copied in and out. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>();

  get(key: string): Row | undefined {
    return structuredClone(this.#rows.get(key));
  }

  /** The rows that `isWanted` accepts, oldest first. */
  select(isWanted: (row: Row) => boolean): Row[] {
    return structuredClone([...this.#rows.values()].filter(isWanted));
  }

  set(key: string, row: Row): void {
    this.#rows.set(key, structuredClone(row));
  }

  delete(key: string): void {
    this.#rows.delete(key);
  }

  /** Deletes the first `limit` rows that `isOver` accepts, and returns how many. */
  prune(limit: number, isOver: (row: Row) => boolean): number {
    const over = [...this.#rows].filter(([, row]) => isOver(row)).slice(0, limit);
    for (const [key] of over) this.delete(key);
    return over.length;
  }
}

/** One page of the due entries of a list, as copies. */
export function pageOf<Due extends DuePlace>(all: readonly Due[], { now, limit, after }: DuePage): Due[] {
  const due = all.filter(({ at }) => at <= now).sort(comparePlaces);
  const rest = after === undefined ? due : due.filter((each) => comparePlaces(each, after) > 0);
  return structuredClone(rest.slice(0, limit));
}

function comparePlaces(one: DuePlace, another: DuePlace): number {
  return one.at.getTime() - another.at.getTime() || (one.id < another.id ? -1 : Number(one.id > another.id));
}

/** The check constraints of the PostgreSQL tables. @throws LedgerError `broken-rule` */
export function checkRules(order: KeptOrder, { audit, postings }: Omit<Changes, "events">): void {
  for (const row of order.approvals) checkApproval(row, order.cancels);
  for (const row of order.cancels) checkCancel(row, order.approvals);
  for (const row of order.links) checkLink(row);
  for (const { approvalId, cancelId } of [...audit, ...postings]) {
    const isKnown = cancelId === null || order.cancels.some(({ id }) => id === cancelId);
    check(order.positions.has(approvalId) && isKnown, "every transition and posting belongs to a call");
  }
  for (const { entries } of postings) {
    const sum = entries.reduce((total, { amount }) => total + amount, 0);
    check(sum === 0 && entries.length > 0, "a posting sums to zero");
    check(
      entries.every(({ amount }) => amount !== 0 && Number.isSafeInteger(amount)),
      "an entry has a whole amount other than 0",
    );
  }
}

function checkApproval(row: ApprovalRow, cancels: readonly CancelRow[]): void {
  const { id, oid, price, remaining, held, openCancel, state, tid } = row;
  check(/^[A-Za-z0-9_-]{1,40}$/.test(oid), "an oid has 1 to 40 letters, digits, _ and -");
  check(Number.isSafeInteger(price) && price > 0, "a price is greater than 0");
  check(0 <= remaining && remaining <= price, "remaining is between 0 and the price");
  check(0 <= held && held <= remaining, "held is between 0 and remaining");
  check(held === 0 || openCancel !== null, "a held amount belongs to an open cancel");
  check(state === "approved" || remaining === 0, "only an approved payment has a remaining amount");
  check(state !== "approved" || tid !== null, "an approved payment has a tid");
  checkDeadline(row);
  const done = cancels.filter((cancel) => cancel.approvalId === id && cancel.state === "done");
  const left = price - done.reduce((sum, { cancelPrice }) => sum + cancelPrice, 0);
  check(state !== "approved" || remaining === left, "remaining is the price minus the cancelled amount");
}

function checkCancel(row: CancelRow, approvals: readonly ApprovalRow[]): void {
  const { cancelPrice, confirmPrice, repeats, approvalId } = row;
  check(
    approvals.some(({ id }) => id === approvalId),
    "a cancel belongs to an approval",
  );
  check(Number.isSafeInteger(cancelPrice) && cancelPrice > 0, "the amount of a cancel is greater than 0");
  check(Number.isSafeInteger(confirmPrice) && confirmPrice >= 0, "the amount after a cancel is 0 or more");
  check(0 <= repeats && repeats <= 3, "a cancel is repeated at most three times");
  checkDeadline(row);
}

function checkDeadline({ state, sendingAt, deadlineAt }: ApprovalRow | CancelRow): void {
  check(state !== "sending" || (sendingAt !== null && deadlineAt !== null), "a sending call has a deadline");
}

function checkLink({ state, url }: LinkRow): void {
  check(state !== "open" || url !== null, "an open link has a URL");
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new LedgerError("broken-rule", `A row would break a rule of the ledger: ${rule}`);
}

/** An order with its transitions and postings, as it is stored. Immutable: a write replaces it. */
export interface KeptOrder extends Omit<Order, "taken"> {
  /** The position of each attempt among the attempts of all orders. */
  readonly positions: ReadonlyMap<string, number>;
  readonly audit: readonly TransitionRow[];
  readonly postings: readonly Posting[];
}
