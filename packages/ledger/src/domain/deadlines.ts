import type { ApprovalRow, CancelRow, Order } from "./rows.js";

const dayMs = 24 * 60 * 60_000;
const koreaOffsetMs = 9 * 60 * 60_000;

/** For how many days after its issue the gateway accepts deposits to a virtual account without a due time. */
const usualDays = 10;

/**
 * The due time of a virtual account. An account known only from its notification has no due time of its own: the gateway's default
 * applies, the end of the tenth day in Korea.
 */
export function accountDueAt({
  accountDueAt,
  createdAt,
}: Pick<ApprovalRow, "accountDueAt" | "createdAt">): Date {
  if (accountDueAt !== null) return accountDueAt;
  const days = Math.floor((createdAt.getTime() + koreaOffsetMs) / dayMs) + usualDays + 1;
  return new Date(days * dayMs - koreaOffsetMs);
}

/** Accounts without a due time of their own that are due by `dueBefore` were issued before this time. */
export function madeBefore(dueBefore: Date): Date {
  return new Date(dueBefore.getTime() - usualDays * dayMs);
}

/** Accounts without a due time of their own that are due from `dueSince` on were issued after this time. */
export function madeSince(dueSince: Date): Date {
  return new Date(dueSince.getTime() - (usualDays + 1) * dayMs);
}

interface Asked {
  readonly price: number;
  readonly createdAt: Date;
}

/** The links and approvals by which the shop itself asked for a price. An attempt that the page made from a link is not a request of the shop. */
function askedBy({ approvals, links }: Pick<Order, "approvals" | "links">): readonly Asked[] {
  return [...links, ...approvals.filter(({ authTid }) => authTid === null)];
}

/**
 * When a link or an approval is created: after every earlier one of its order, also if the clock was set back. So the newest price is the
 * one that was asked for last.
 */
export function createdAfter(order: Pick<Order, "approvals" | "links">, at: Date): Date {
  const last = Math.max(0, ...askedBy(order).map(({ createdAt }) => createdAt.getTime()));
  return at.getTime() > last ? at : new Date(last + 1);
}

/** Returns whether the shop has requested another amount since. Buyers may pay old virtual accounts and links after a price change. */
export function isOutdated(order: Pick<Order, "approvals" | "links">, paid: Pick<Asked, "price">): boolean {
  const last = askedBy(order).reduce<Asked | undefined>(
    (newest, each) => (newest !== undefined && newest.createdAt > each.createdAt ? newest : each),
    undefined,
  );
  return last !== undefined && last.price !== paid.price;
}

/** How long after its deadline the gateway may still carry out a call. */
const lateMs = 10 * 60_000;

/** The times from which `silentSince` computes how long a reply is awaited. */
interface SilentCall {
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  readonly createdAt: Date;
}

/** The time until which a call's reply is awaited. */
export function silentSince({ deadlineAt, settledAt, createdAt }: SilentCall): Date {
  return deadlineAt ?? settledAt ?? createdAt;
}

/** Returns whether a call was sent and its deadline has passed. */
export function isLate(
  { state, deadlineAt }: { readonly state: string; readonly deadlineAt: Date | null },
  before: Date,
): boolean {
  return state === "sending" && deadlineAt !== null && deadlineAt < before;
}

/** The time from which a check at the gateway proves that a call moved nothing. Before it, the gateway may still carry out the call. */
export function provedBySilence(since: Date): Date {
  return new Date(since.getTime() + lateMs);
}

/** How often `recover()` has tried a call at the gateway. */
export interface Tries {
  /** Tries that may have reached the gateway. */
  readonly sent: number;
  /** All tries, including those that certainly did not reach the gateway. */
  readonly all: number;
}

/** The limit of all tries, including those that did not reach the gateway. */
const most: Tries = { sent: 3, all: 10 };

/** The pause before each try; the last one applies to all later tries. */
const waitsMs = [60_000, 5 * 60_000, 30 * 60_000] as const;

/** The time of the next try: `at` plus the `wait`-th pause; `null` if no try is left. */
export function nextTryAt({ sent, all }: Tries, at: Date, wait = all): Date | null {
  if (sent >= most.sent || all >= most.all) return null;
  return new Date(at.getTime() + (waitsMs[wait] ?? waitsMs[2]));
}

/**
 * When a cancel that has become unknown may be repeated. A repeated full cancel can't refund more than its transaction's amount. A
 * repeated partial cancel could, so an operator resolves it.
 */
export function firstRepeatAt({ operation, repeats }: CancelRow, at: Date): { repeatAt?: Date | null } {
  if (operation !== "payments.cancel" || repeats > 0) return {};
  return { repeatAt: nextTryAt({ sent: 0, all: 0 }, at) };
}

/** Returns whether every allowed repeat was sent, or is about to be sent. */
export function wasRepeatedOut({ repeats }: Pick<CancelRow, "repeats">): boolean {
  return repeats >= most.sent;
}

/** Selects calls that are due by `now`, longest due first: one page of results, after the place `after`. */
export interface DuePage {
  readonly now: Date;
  readonly limit: number;
  readonly after?: DuePlace | undefined;
}

/** A position in a list sorted by due time and id. */
export interface DuePlace {
  readonly at: Date;
  readonly id: string;
}

/** How long a call may be silent, and which page of the silent calls to return: those after the id `after`. */
export interface SilenceLimits {
  readonly reservedBefore: Date;
  readonly deadlineBefore: Date;
  readonly limit: number;
  readonly after?: string | undefined;
}
