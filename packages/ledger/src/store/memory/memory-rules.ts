import type { Changes } from "../../domain/order.js";
import type { ApprovalRow, CancelRow, LinkRow, Order, Posting, TransitionRow } from "../../domain/rows.js";
import { LedgerError } from "../../errors.js";

/** The check constraints of PostgreSQL. @throws LedgerError `broken-rule` */
export function checkRules(order: KeptOrder, { audit, postings }: Omit<Changes, "events">): void {
  for (const row of order.approvals) checkApproval(row, order.cancels);
  for (const row of order.cancels) checkCancel(row, order.approvals);
  for (const row of order.links) checkLink(row);
  for (const { approvalId, cancelId } of [...audit, ...postings]) {
    const isKnown = cancelId === null || order.cancels.some(({ id }) => id === cancelId);
    check(order.positions.has(approvalId) && isKnown, "what is in the books belongs to a call");
  }
  for (const { entries } of postings) {
    const sum = entries.reduce((total, { amount }) => total + amount, 0);
    check(sum === 0 && entries.length > 0, "a posting sums to zero");
    check(
      entries.every(({ amount }) => amount !== 0 && Number.isSafeInteger(amount)),
      "an entry moves something",
    );
  }
}

function checkApproval(row: ApprovalRow, cancels: readonly CancelRow[]): void {
  const { id, oid, price, remaining, held, openCancel, state, tid } = row;
  check(/^[A-Za-z0-9_-]{1,40}$/.test(oid), "an oid is one the gateway takes");
  check(Number.isSafeInteger(price) && price > 0, "a price is more than nothing");
  check(0 <= remaining && remaining <= price, "what remains is part of the price");
  check(0 <= held && held <= remaining, "what is held is part of what remains");
  check(held === 0 || openCancel !== null, "what is held belongs to a cancel");
  check(state === "approved" || remaining === 0, "only an approved payment has something to cancel");
  check(state !== "approved" || tid !== null, "an approved payment has a tid");
  checkDeadline(row);
  const done = cancels.filter((cancel) => cancel.approvalId === id && cancel.state === "done");
  const left = price - done.reduce((sum, { cancelPrice }) => sum + cancelPrice, 0);
  check(state !== "approved" || remaining === left, "what remains is the price without what was cancelled");
}

function checkCancel(row: CancelRow, approvals: readonly ApprovalRow[]): void {
  const { cancelPrice, confirmPrice, repeats, approvalId } = row;
  check(
    approvals.some(({ id }) => id === approvalId),
    "a cancel belongs to an approval",
  );
  check(Number.isSafeInteger(cancelPrice) && cancelPrice > 0, "a cancel gives something back");
  check(Number.isSafeInteger(confirmPrice) && confirmPrice >= 0, "what remains is not negative");
  check(0 <= repeats && repeats <= 3, "a cancel is repeated three times at most");
  checkDeadline(row);
}

function checkDeadline({ state, sendingAt, deadlineAt }: ApprovalRow | CancelRow): void {
  check(
    state !== "sending" || (sendingAt !== null && deadlineAt !== null),
    "a call that is sent has a deadline",
  );
}

function checkLink({ state, url }: LinkRow): void {
  check(state !== "open" || url !== null, "an open link has an address");
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new LedgerError("broken-rule", `A row would break the rule that ${rule}`);
}

/** An order with its books, as it is kept. Values are replaced, never changed. */
export interface KeptOrder extends Omit<Order, "taken"> {
  /** Where each attempt stands among those of all orders. */
  readonly positions: ReadonlyMap<string, number>;
  readonly audit: readonly TransitionRow[];
  readonly postings: readonly Posting[];
}
