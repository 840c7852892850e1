const won = new Intl.NumberFormat("ko-KR");
const korean = (date: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("ko-KR", {
    timeZone: "Asia/Seoul",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...date,
  });
const time = korean({ year: "numeric", month: "long", day: "numeric" });
const shortTime = korean({ month: "2-digit", day: "2-digit", second: "2-digit" });

export function formatWon(amount: number): string {
  return `${won.format(amount)}원`;
}

/** A time in Korean time, in every time zone of the server: `2026년 11월 23일 09:30`. */
export function formatKoreanTime(at: Date): string {
  return time.format(at);
}

/** `11. 23. 09:30:12`, for tables. */
export function formatShortKoreanTime(at: Date): string {
  return shortTime.format(at);
}

/** `20261123`, the day in Korea. */
export function koreanDay(at: Date): string {
  return new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10).replaceAll("-", "");
}

/** `01012345678` as `010-1234-5678`; other numbers as they are. */
export function formatTel(tel: string): string {
  return tel.replace(/^(02|0\d{2})(\d{3,4})(\d{4})$/, "$1-$2-$3");
}
