const OFFSET_MS = 9 * 60 * 60 * 1000;

/** `YYYYMMDDhhmmss` in Korean time (UTC+9, no summer time), or `undefined` if there is no such moment. */
export function parseKoreanTime(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second) - OFFSET_MS);
  // Date.UTC rolls 31 February over into March; only a round trip tells a real date.
  return formatKoreanTime(time) === text ? time : undefined;
}

/** `YYYYMMDDhhmmss` in Korean time, whatever the host's zone is. */
export function formatKoreanTime(time: Date): string {
  return new Date(time.getTime() + OFFSET_MS).toISOString().replace(/\D/g, "").slice(0, 14);
}
