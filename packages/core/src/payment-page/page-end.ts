/** Why a buyer's return from the payment page paid nothing: the buyer gave up, the payment was declined, or the time was up. */
export type PageEnd = "cancelled" | "declined" | "expired";

/** A sentence for the buyer about each {@link PageEnd}, in Korean and English. */
export const pageEndTexts: Readonly<Record<PageEnd, { readonly ko: string; readonly en: string }>> = {
  cancelled: {
    ko: "결제를 그만두셨습니다. 결제된 금액은 없습니다.",
    en: "You cancelled the payment. Nothing was charged.",
  },
  declined: {
    ko: "결제가 승인되지 않았습니다. 결제된 금액은 없습니다. 다른 결제수단을 이용해 주세요.",
    en: "The payment was declined. Nothing was charged. Please use another payment method.",
  },
  expired: {
    ko: "결제 시간이 지났습니다. 결제된 금액은 없습니다. 다시 결제해 주세요.",
    en: "The payment timed out. Nothing was charged. Please try again.",
  },
};

/** The guide lists no codes for returns without a payment, so the gateway's words decide. They come through the browser. */
export function pageEndOf(message: string): PageEnd {
  if (/시간|만료|time.?out|expire/i.test(message)) return "expired";
  return /취소|중단|포기|그만|cancel|abort|quit/i.test(message) ? "cancelled" : "declined";
}
