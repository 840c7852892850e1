import type { Book } from "../book/book.js";
import { formatKoreanTime } from "../korean-time.js";
import { findTestCard, passesLuhn, type TestCard } from "../test-cards.js";
import { type Declined, decline } from "./service.js";

/** The test card behind a number that is still valid, or why there is none. */
export function readCard(number: string, expires: string, now: Date): TestCard | Declined {
  if (!passesLuhn(number)) return decline("badCardNumber");
  const card = findTestCard(number);
  if (!card) return decline("notATestCard");
  return expires < formatKoreanTime(now).slice(0, 6) ? decline("expired") : card;
}

/** What is refused whatever pays: an order number that was approved before, and too high a tax. */
export function checkOrder(
  order: {
    readonly oid: string;
    readonly price: number;
    readonly tax?: number;
  },
  { book, mid, duplicateOid }: { readonly book: Book; readonly mid: string; readonly duplicateOid: string },
): Declined | undefined {
  if (duplicateOid === "refuse" && book.hasOid(mid, order.oid)) return decline("duplicateOid");
  return (order.tax ?? 0) * 10 > order.price ? decline("taxTooHigh") : undefined;
}
