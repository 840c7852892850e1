import type { ApprovalRow } from "./rows.js";

const dayMs = 24 * 60 * 60_000;
const koreaOffsetMs = 9 * 60 * 60_000;

/** How many days after it was asked for the gateway takes deposits to an account that names no time of its own. */
const usualDays = 10;

/**
 * Until when a virtual account may be paid. Of one that is known by its notification alone nobody told: then as the gateway does where it
 * is not asked otherwise, to the end of the tenth day in Korea.
 */
export function accountDueAt({
  accountDueAt,
  createdAt,
}: Pick<ApprovalRow, "accountDueAt" | "createdAt">): Date {
  if (accountDueAt !== null) return accountDueAt;
  const days = Math.floor((createdAt.getTime() + koreaOffsetMs) / dayMs) + usualDays + 1;
  return new Date(days * dayMs - koreaOffsetMs);
}

/** Any account that is due by then without a time of its own was made before this. */
export function madeBefore(dueBefore: Date): Date {
  return new Date(dueBefore.getTime() - usualDays * dayMs);
}

/** Any account that is due from then on without a time of its own was made after this. */
export function madeSince(dueSince: Date): Date {
  return new Date(dueSince.getTime() - (usualDays + 1) * dayMs);
}
