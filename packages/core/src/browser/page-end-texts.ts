import type { PageEnd } from "../payment-page/page-end.js";

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
