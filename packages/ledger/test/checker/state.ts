import type { Answers, Fact } from "../../src/domain/decide.js";
import type { Changes } from "../../src/domain/order.js";
import type { Account, ApprovalRow, CancelRow, LinkRow, Order } from "../../src/domain/rows.js";

/**
 * One movement of money at the gateway, as the checker knows it. `proved`: a report that the ledger believes named it. `likely`: a report
 * that proves less than that, such as a yes without an amount that can be believed; it may be in the books or not, and then the order
 * must not look settled.
 */
export interface Movement {
  readonly id: string;
  /** The transaction it belongs to: of each, no more goes back than came. */
  readonly of: string;
  /** Won from the buyer to us; negative: back. */
  readonly won: number;
  readonly certainty: "proved" | "likely";
  /** Won that a reply named wrongly: the books have one of the two amounts, once, and the order needs review. */
  readonly misreported?: number;
}

/** One order as the ledger has it, beside what the checker knows of it without the ledger's help. */
export interface State {
  readonly order: Order;
  readonly books: Readonly<Record<Account, number>>;
  /** What happened at the gateway, as far as any report told. */
  readonly movements: readonly Movement[];
  /** Events that came once: notifications by their key, what a call said by its id. */
  readonly heard: readonly string[];
  /** Calls whose sending was allowed, once for each time. */
  readonly sent: readonly string[];
  /** What the shop asked for last. */
  readonly asked: number | undefined;
  /** Kinds of events that may be told once. */
  readonly told: readonly string[];
  readonly now: number;
}

/** One thing that may happen to an order. */
export interface Step {
  readonly label: string;
  readonly fact: Fact;
  /**
   * `command`: somebody asks for a call, or is about to send it. `report`: somebody who is believed says what happened. `silence`: nobody
   * said anything. `stranger`: a notification from a source that is not listed. `resolution`: an operator looked.
   */
  readonly source: "command" | "report" | "silence" | "stranger" | "resolution";
  /** What it tells of the gateway, if it is accepted. */
  readonly tells?: readonly Movement[];
  readonly hears?: string;
  readonly sends?: string;
  readonly asks?: number;
  /** A notification that names something else than what was asked for: nothing may be booked, and somebody must be told. */
  readonly mustAlarm?: boolean;
  /** A resolution that may not be believed, and why. */
  readonly mustRefuse?: string;
}

export type Decide = (order: Order, fact: Fact) => { changes: Changes; answer: Answers[Fact["kind"]] };

export const start = Date.parse("2026-05-01T03:00:00Z");
export const hour = 60 * 60_000;
export const mid = "checker";
export const orderId = "o";

export function emptyState(): State {
  const order: Order = {
    mid,
    orderId,
    version: 0,
    entries: 0,
    reviewed: false,
    approvals: [],
    cancels: [],
    links: [],
    taken: { tids: ["T-other"], cancelTids: ["C-other"] },
  };
  return {
    order,
    books: { gateway: 0, paid: 0, suspense: 0 },
    movements: [],
    heard: [],
    sent: [],
    asked: undefined,
    told: [],
    now: start,
  };
}

/** The order after its changes were saved. */
export function saved(order: Order, changes: Changes): Order {
  return {
    ...order,
    version: order.version + 1,
    entries: changes.entries,
    reviewed: changes.reviewed,
    approvals: merge(order.approvals, changes.approvals, ({ id }) => id),
    cancels: merge(order.cancels, changes.cancels, ({ id }) => id),
    links: merge(order.links, changes.links, ({ token }) => token),
  };
}

function merge<Row>(rows: readonly Row[], changed: readonly Row[], idOf: (row: Row) => string): Row[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  for (const row of changed) byId.set(idOf(row), row);
  return [...byId.values()];
}

/** Adds what was told: what was likely becomes proved, and the same again adds nothing. */
export function withTold(known: readonly Movement[], told: readonly Movement[]): readonly Movement[] {
  const all = new Map(known.map((each) => [each.id, each]));
  for (const each of told) {
    const before = all.get(each.id);
    if (before?.certainty === "proved" && each.misreported === undefined) continue;
    all.set(each.id, { ...before, ...each });
  }
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function sum(movements: readonly Movement[]): number {
  return movements.reduce((won, each) => won + each.won, 0);
}

/**
 * What of a state decides what may come of it, as text: states with the same text are merged. Times are kept only as far as a decision
 * looks at them, as before or after now.
 */
export function keyOf({ order, books, movements, heard, sent, asked, told, now }: State): string {
  const when = (date: Date | null) =>
    date === null ? 0 : date.getTime() > now ? 2 : date.getTime() + hour / 6 > now ? 1 : 3;
  const is = (date: Date | null) => (date === null ? 0 : 1);
  const made = [...order.links, ...order.approvals.filter(({ authTid }) => authTid === null)]
    .map((row) => ({ name: "token" in row ? row.token : row.id, at: row.createdAt.getTime() }))
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name);
  const call = (row: ApprovalRow | CancelRow) => [
    row.state,
    row.settledBy,
    row.resultCode,
    row.failureCode,
    row.reportedPrice,
    is(row.sendingAt),
    when(row.deadlineAt),
    row.settledAt === null || row.deadlineAt !== null ? 0 : when(row.settledAt),
  ];
  const approval = (row: ApprovalRow) => [
    row.id,
    row.oid,
    row.price,
    ...call(row),
    row.tid,
    row.authTid,
    row.remaining,
    row.held,
    row.openCancel,
    is(row.mismatchAt),
    row.mismatches,
    row.deposits,
    row.approvedAt?.getTime(),
    when(row.netCancelAt),
    row.accountNumber,
    when(row.accountDueAt),
  ];
  const cancel = (row: CancelRow) => [
    row.id,
    row.operation,
    row.netCancel,
    row.cancelPrice,
    ...call(row),
    row.cancelTid,
    row.reportedRemaining,
    row.repeats,
    row.unsentRepeats,
    when(row.repeatAt),
    row.cancelledAt?.getTime() === undefined ? 0 : row.cancelledAt.getTime() < start ? 1 : 2,
  ];
  const link = (row: LinkRow) => [row.token, row.price, row.payType, row.state, when(row.openUntil)];
  return JSON.stringify([
    order.approvals.map(approval),
    order.cancels.map(cancel),
    order.links.map(link),
    made,
    order.reviewed,
    books,
    movements.map(({ id, won, certainty, misreported }) => [id, won, certainty, misreported]),
    [...heard].sort(),
    [...sent].sort(),
    asked,
    told,
  ]);
}

/** One step, taken. */
export interface Taken {
  readonly before: State;
  readonly step: Step;
  readonly after: State;
  readonly changes: Changes;
  readonly answer: unknown;
}
