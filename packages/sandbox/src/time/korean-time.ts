const OFFSET_MS = 9 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** `YYYYMMDDhhmmss` in Korean time (UTC+9, no summer time), or `undefined` if it is invalid. */
export function parseKoreanTime(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second) - OFFSET_MS);
  // Date.UTC rolls 31 February over into March; only a round trip tells a real date.
  return formatKoreanTime(time) === text ? time : undefined;
}

/** Formats a time as `YYYYMMDDhhmmss` in Korean time, independent of the host's zone. */
export function formatKoreanTime(time: Date): string {
  return new Date(time.getTime() + OFFSET_MS).toISOString().replace(/\D/g, "").slice(0, 14);
}

/** `YYYYMMDD` in Korean time. */
export function formatKoreanDate(time: Date): string {
  return formatKoreanTime(time).slice(0, 8);
}

/** The last second of the Korean day that comes `days` after the given moment's. */
export function endOfKoreanDay(time: Date, days: number): Date {
  return new Date((koreanDayNumber(time) + days + 1) * DAY_MS - 1000 - OFFSET_MS);
}

/** Counts Korean days, so that two moments' days can be subtracted. */
export function koreanDayNumber(time: Date): number {
  return Math.floor((time.getTime() + OFFSET_MS) / DAY_MS);
}

/** Counts a calendar day as {@link koreanDayNumber} does; a day the month does not have becomes its last. */
export function dayNumberOf(year: number, month: number, day: number): number {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Math.floor(Date.UTC(year, month - 1, Math.min(day, last)) / DAY_MS);
}
