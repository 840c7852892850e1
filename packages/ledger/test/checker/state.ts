import type { Answers, Fact } from "../../src/domain/decide.js";
import type { Changes } from "../../src/domain/order.js";
import type { ApprovalRow, CancelRow, LedgerAccount, LinkRow, Order } from "../../src/domain/rows.js";

/**
 * One movement of money at the gateway, as the checker knows it. `proved`: a trusted report named it. `likely`: a report that proves
 * less, such as a success without a usable amount; it may be missing in the books, but then the order must not look settled.
 */
export interface Movement {
  readonly id: string;
  /** Its transaction: no more of it is refunded than was paid. */
  readonly of: string;
  /** Won from the buyer to the gateway; negative for refunds. */
  readonly won: number;
  readonly certainty: "proved" | "likely";
  /** A wrong amount in a reply: the books have one of the two amounts, once, and the order needs review. */
  readonly misreported?: number;
}

/** One order as the ledger has it, and the checker's own knowledge of it. */
export interface State {
  readonly order: Order;
  readonly books: Readonly<Record<LedgerAccount, number>>;
  /** The movements at the gateway that a report named. */
  readonly movements: readonly Movement[];
  /** Reports that arrived before: notifications by their key, outcomes by the call's id. */
  readonly heard: readonly string[];
  /** Calls that were marked as sending, once for each time. */
  readonly sent: readonly string[];
  /** The amount that the shop requested last. */
  readonly asked: number | undefined;
  /** Events that may occur once. */
  readonly reported: readonly string[];
  readonly now: number;
}

/** A step that may happen to an order. */
export interface Step {
  readonly label: string;
  readonly fact: Fact;
  /**
   * `command`: a call is requested or marked as sending. `report`: a trusted report. `silence`: a silent call is ended. `stranger`: a
   * notification from an unlisted source. `resolution`: an operator's resolution or review note.
   */
  readonly source: "command" | "report" | "silence" | "stranger" | "resolution";
  /** The movements that it reports, if it is accepted. */
  readonly tells?: readonly Movement[];
  /** The movements that were reported before and did not happen, by id, if it is accepted. */
  readonly untells?: readonly string[];
  readonly hears?: string;
  readonly sends?: string;
  readonly asks?: number;
  /** A notification that differs from the request: nothing may be booked, and an event must report it. */
  readonly mustAlarm?: boolean;
  /** A resolution that must be refused, and why. */
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
    reported: [],
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

/** Adds reported movements: a likely one becomes proved, and a repeated one adds nothing. */
export function withReported(known: readonly Movement[], added: readonly Movement[]): readonly Movement[] {
  const all = new Map(known.map((each) => [each.id, each]));
  for (const each of added) {
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
 * The parts of a state that determine its successors, as text: states with the same text are merged. Times count only as before or
 * after now.
 */
export function keyOf({ order, books, movements, heard, sent, asked, reported, now }: State): string {
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
    reported,
  ]);
}

/** One applied step. */
export interface Taken {
  readonly before: State;
  readonly step: Step;
  readonly after: State;
  readonly changes: Changes;
  readonly answer: unknown;
}
