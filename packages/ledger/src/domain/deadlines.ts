import type { ApprovalRow, CancelRow, Order } from "./rows.js";

const dayMs = 24 * 60 * 60_000;
const koreaOffsetMs = 9 * 60 * 60_000;

/** How many days after it was asked for the gateway takes deposits to an account that names no time of its own. */
const usualDays = 10;

/**
 * Until when a virtual account may be paid. An account known only by its notification has no due time of its own: the gateway's default
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

/** Accounts without a due time of their own that are due by `dueBefore` were made before this. */
export function madeBefore(dueBefore: Date): Date {
  return new Date(dueBefore.getTime() - usualDays * dayMs);
}

/** Accounts without a due time of their own that are due from `dueSince` were made after this. */
export function madeSince(dueSince: Date): Date {
  return new Date(dueSince.getTime() - (usualDays + 1) * dayMs);
}

interface Asked {
  readonly price: number;
  readonly createdAt: Date;
}

/** The links and approvals by which the shop itself asked for a price. What the page made of a link is no request of the shop's own. */
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

/** Whether the shop asked for another amount since: accounts and links may be paid long after the order became dearer. */
export function isOutdated(order: Pick<Order, "approvals" | "links">, paid: Pick<Asked, "price">): boolean {
  const last = askedBy(order).reduce<Asked | undefined>(
    (newest, each) => (newest !== undefined && newest.createdAt > each.createdAt ? newest : each),
    undefined,
  );
  return last !== undefined && last.price !== paid.price;
}

/** How long after its deadline a call may still be carried out by the gateway. */
const lateMs = 10 * 60_000;

/** The times that say when a call's reply is no longer waited for. */
interface SilentCall {
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  readonly createdAt: Date;
}

/** When a call's reply is no longer waited for. */
export function silentSince({ deadlineAt, settledAt, createdAt }: SilentCall): Date {
  return deadlineAt ?? settledAt ?? createdAt;
}

/** Whether a call was sent and should have been answered before a time. */
export function isLate(
  { state, deadlineAt }: { readonly state: string; readonly deadlineAt: Date | null },
  before: Date,
): boolean {
  return state === "sending" && deadlineAt !== null && deadlineAt < before;
}

/** From when on an operator who found nothing at the gateway may say that nothing was done: before, it may yet be. */
export function provedBySilence(since: Date): Date {
  return new Date(since.getTime() + lateMs);
}

/** How often `recover()` has tried to end one thing at the gateway. */
export interface Tries {
  /** Tries that may have reached the gateway. */
  readonly sent: number;
  /** Those that surely did not among them. */
  readonly all: number;
}

/** A gateway that was not reached has not answered anything: such tries do not count as sent, but have an end too. */
const most: Tries = { sent: 3, all: 10 };

/** How long after the one before each try comes; the last wait is that of all later ones. */
const waitsMs = [60_000, 5 * 60_000, 30 * 60_000] as const;

/** When the next try may come, with the `wait`-th pause after `at`; `null` when no try is left. */
export function nextTryAt({ sent, all }: Tries, at: Date, wait = all): Date | null {
  if (sent >= most.sent || all >= most.all) return null;
  return new Date(at.getTime() + (waitsMs[wait] ?? waitsMs[2]));
}

/**
 * When a cancel that is unknown from now on may be repeated. A full cancel is bounded by its transaction, so that the same one
 * again gives back no more. A partial one is not: it stays an operator's.
 */
export function firstRepeatAt({ operation, repeats }: CancelRow, at: Date): { repeatAt?: Date | null } {
  if (operation !== "payments.cancel" || repeats > 0) return {};
  return { repeatAt: nextTryAt({ sent: 0, all: 0 }, at) };
}

/** Whether every identical repeat there may be was sent, or is about to be. */
export function wasRepeatedOut({ repeats }: Pick<CancelRow, "repeats">): boolean {
  return repeats >= most.sent;
}

/** What is due by `now`, the longest due first: one page of it, after the place `after`. */
export interface DuePage {
  readonly now: Date;
  readonly limit: number;
  readonly after?: DuePlace | undefined;
}

/** A place in a list by when things are due, and then by id. */
export interface DuePlace {
  readonly at: Date;
  readonly id: string;
}

/** How long a call may be silent; then one page of those that are, after the one with the id `after`. */
export interface SilenceLimits {
  readonly reservedBefore: Date;
  readonly deadlineBefore: Date;
  readonly limit: number;
  readonly after?: string | undefined;
}
