import { dayNumberOf, formatKoreanDate, koreanDayNumber } from "../korean-time.js";

const DAYS_AROUND = 5;

/**
 * The month, `YYYYMM`, that a mobile billing key may be charged for now: the one whose day of issue is at most five
 * Korean days away. In months that lack the day of issue their last day stands for it.
 */
export function chargeableMonth(issuedAt: Date, now: Date): string | undefined {
  const dayOfIssue = Number(formatKoreanDate(issuedAt).slice(6));
  const today = formatKoreanDate(now);
  for (const offset of [-1, 0, 1]) {
    const first = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(4, 6)) - 1 + offset, 1));
    const [year, month] = [first.getUTCFullYear(), first.getUTCMonth() + 1];
    const due = dayNumberOf(year, month, dayOfIssue);
    if (Math.abs(koreanDayNumber(now) - due) <= DAYS_AROUND)
      return first.toISOString().slice(0, 7).replace("-", "");
  }
  return undefined;
}
