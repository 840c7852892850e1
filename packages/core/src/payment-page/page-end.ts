/** Why a buyer's return from the payment page paid nothing: the buyer gave up, the payment was declined, or the time was up. */
export type PageEnd = "cancelled" | "declined" | "expired";

/** The guide lists no codes for returns without a payment, so the gateway's words decide. They come through the browser. */
export function pageEndOf(message: string): PageEnd {
  if (/시간|만료|time.?out|expire/i.test(message)) return "expired";
  return /취소|중단|포기|그만|cancel|abort|quit/i.test(message) ? "cancelled" : "declined";
}
