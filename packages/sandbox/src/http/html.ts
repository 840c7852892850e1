import { formatKoreanTime } from "../time/korean-time.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes a text safe in elements and attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** `15,000원`. */
export function won(amount: number): string {
  return `${amount.toLocaleString("ko-KR")}원`;
}

/** `2026-11-21 09:30:00` in Korean time. */
export function readableTime(time: Date): string {
  return formatKoreanTime(time).replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3 $4:$5:$6");
}
