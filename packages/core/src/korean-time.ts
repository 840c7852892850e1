const koreaOffsetMs = 9 * 60 * 60 * 1000;

/** Formats a date as `YYYYMMDDhhmmss` in Korean time (UTC+9, no daylight saving), independent of the host's time zone. */
export function formatKoreanTime(moment: Date): string {
  return new Date(moment.getTime() + koreaOffsetMs).toISOString().slice(0, 19).replace(/\D/g, "");
}

/** Parses `YYYYMMDD` and `hhmmss` in Korean time; `undefined` if they are not a valid date. */
export function parseKoreanTime(date: unknown, time: unknown): Date | undefined {
  if (typeof date !== "string" || typeof time !== "string") return undefined;
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(date + time);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second) - koreaOffsetMs);
  // Date.UTC rolls 31 February over into March; such a date is invalid here.
  return formatKoreanTime(moment) === date + time ? moment : undefined;
}
