import { LedgerError } from "./errors.js";
import {
  type ApprovalRow,
  type CancelRow,
  liveApprovalStates,
  openCancelStates,
  type Posting,
  type TransitionRow,
  UniqueConflict,
} from "./store.js";

/** An approval with its place among all attempts of all orders. */
export type PlacedApproval = ApprovalRow & { readonly position: number };

/** The tables and their constraints, with the way back to the last commit. Rows are replaced, never changed. */
export class MemoryTables {
  readonly approvals = new Map<string, PlacedApproval>();
  readonly cancels = new Map<string, CancelRow>();
  readonly transitions: TransitionRow[] = [];
  readonly postings: Posting[] = [];
  readonly #attempts = new Map<string, string[]>();
  readonly #cancelsOf = new Map<string, string[]>();
  readonly #unique = new Map<string, string>();
  #undo: (() => void)[] = [];
  #position = 0;

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  attemptsOf(mid: string, orderId: string): PlacedApproval[] {
    const ids = this.#attempts.get(keyOf(mid, orderId)) ?? [];
    return ids.map((id) => this.approvals.get(id)).filter((row) => row !== undefined);
  }

  cancelsOf(approvalId: string): CancelRow[] {
    const ids = this.#cancelsOf.get(approvalId) ?? [];
    return ids.map((id) => this.cancels.get(id)).filter((row) => row !== undefined);
  }

  /** @throws UniqueConflict, or LedgerError when a check does not hold; nothing is changed then */
  putApproval(row: ApprovalRow): ApprovalRow {
    checkApproval(row);
    const before = this.approvals.get(row.id);
    this.#claim(row.id, before && approvalKeys(before), approvalKeys(row));
    const position = before?.position ?? ++this.#position;
    this.#put(this.approvals, row.id, { ...row, position });
    if (before === undefined) this.#add(this.#attempts, keyOf(row.mid, row.orderId), row.id);
    return row;
  }

  /** As {@link putApproval}. */
  putCancel(row: CancelRow): CancelRow {
    checkCancel(row);
    check(this.approvals.has(row.approvalId), "a cancel belongs to an approval");
    const before = this.cancels.get(row.id);
    this.#claim(row.id, before && cancelKeys(before), cancelKeys(row));
    this.#put(this.cancels, row.id, row);
    if (before === undefined) this.#add(this.#cancelsOf, row.approvalId, row.id);
    return row;
  }

  tidIsTaken(
    constraint: "approvals_tid" | "approvals_auth_tid" | "cancels_tid",
    mid: string,
    tid: string,
  ): boolean {
    return this.#unique.has(`${constraint} ${keyOf(mid, tid)}`);
  }

  addTransition(row: TransitionRow): void {
    check(this.approvals.has(row.approvalId), "a transition belongs to an approval");
    this.transitions.push(row);
    this.#undo.push(() => this.transitions.pop());
  }

  addPosting(posting: Posting): void {
    check(this.approvals.has(posting.approvalId), "a posting belongs to an approval");
    const sum = posting.entries.reduce((total, entry) => total + entry.amount, 0);
    check(sum === 0 && posting.entries.length > 0, "a posting sums to zero");
    check(
      posting.entries.every(({ amount }) => amount !== 0 && Number.isSafeInteger(amount)),
      "an entry moves something",
    );
    this.postings.push(posting);
    this.#undo.push(() => this.postings.pop());
  }

  #claim(
    id: string,
    before: ReadonlyMap<string, string> | undefined,
    after: ReadonlyMap<string, string>,
  ): void {
    for (const [constraint, key] of after) {
      const owner = this.#unique.get(`${constraint} ${key}`);
      if (owner !== undefined && owner !== id) throw new UniqueConflict(constraint);
    }
    for (const [constraint, key] of before ?? []) this.#drop(`${constraint} ${key}`);
    for (const [constraint, key] of after) this.#put(this.#unique, `${constraint} ${key}`, id);
  }

  #put<V>(table: Map<string, V>, key: string, value: V): void {
    const before = table.get(key);
    table.set(key, value);
    this.#undo.push(() => (before === undefined ? table.delete(key) : table.set(key, before)));
  }

  #drop(key: string): void {
    const before = this.#unique.get(key);
    this.#unique.delete(key);
    if (before !== undefined) this.#undo.push(() => this.#unique.set(key, before));
  }

  #add(index: Map<string, string[]>, key: string, id: string): void {
    this.#put(index, key, [...(index.get(key) ?? []), id]);
  }
}

/** One text for several values, whatever characters are in them. */
function keyOf(...values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}

function approvalKeys(row: ApprovalRow): Map<string, string> {
  const keys = new Map([
    // The page may authenticate several times under the order number of one link.
    ["approvals_oid", keyOf(row.mid, row.oid, row.authTid ?? "")],
    ["approvals_attempt", keyOf(row.mid, row.orderId, row.attemptNo)],
  ]);
  if (row.tid !== null) keys.set("approvals_tid", keyOf(row.mid, row.tid));
  if (row.authTid !== null) keys.set("approvals_auth_tid", keyOf(row.mid, row.authTid));
  if (isOneOf(liveApprovalStates, row.state)) keys.set("approvals_one_live", keyOf(row.mid, row.orderId));
  return keys;
}

function cancelKeys(row: CancelRow): Map<string, string> {
  const keys = new Map([["cancels_seq", keyOf(row.approvalId, row.seq)]]);
  if (row.cancelTid !== null) keys.set("cancels_tid", keyOf(row.mid, row.cancelTid));
  if (isOneOf(openCancelStates, row.state)) keys.set("cancels_one_open", row.approvalId);
  if (row.state === "done" && row.operation === "payments.cancel")
    keys.set("cancels_one_full", row.approvalId);
  return keys;
}

function isOneOf(states: readonly string[], state: string): boolean {
  return states.includes(state);
}

function checkApproval({ oid, price, remaining, held, openCancel, state, tid }: ApprovalRow): void {
  check(/^[A-Za-z0-9_-]{1,40}$/.test(oid), "an oid is one the gateway takes");
  check(Number.isSafeInteger(price) && price > 0, "a price is more than nothing");
  check(0 <= remaining && remaining <= price, "what remains is part of the price");
  check(0 <= held && held <= remaining, "what is held is part of what remains");
  check(held === 0 || openCancel !== null, "what is held belongs to a cancel");
  check(state === "approved" || remaining === 0, "only an approved payment has something to cancel");
  check(state !== "approved" || tid !== null, "an approved payment has a tid");
}

function checkCancel({ cancelPrice, confirmPrice }: CancelRow): void {
  check(Number.isSafeInteger(cancelPrice) && cancelPrice > 0, "a cancel gives something back");
  check(Number.isSafeInteger(confirmPrice) && confirmPrice >= 0, "what remains is not negative");
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new LedgerError("broken-rule", `A row would break the rule that ${rule}`);
}
