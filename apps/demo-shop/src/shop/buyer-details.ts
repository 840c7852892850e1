export interface BuyerDetails {
  readonly buyerName: string;
  readonly buyerTel: string;
  readonly buyerEmail: string;
}

export type BuyerErrors = Partial<Record<keyof BuyerDetails, string>>;

export function checkBuyerDetails(typed: BuyerDetails): {
  readonly buyer: BuyerDetails;
  readonly errors: BuyerErrors;
} {
  const buyer = {
    buyerName: oneLine(typed.buyerName),
    buyerTel: oneLine(typed.buyerTel).replace(/[^\d+]/g, ""),
    buyerEmail: oneLine(typed.buyerEmail),
  };
  const errors: BuyerErrors = {};
  if (buyer.buyerName === "") errors.buyerName = "주문하시는 분의 이름을 적어 주세요.";
  else if ([...buyer.buyerName].length > 30) errors.buyerName = "이름은 30자까지 적을 수 있습니다.";
  if (!/^(?:\+82|0)\d{8,10}$/.test(buyer.buyerTel)) {
    errors.buyerTel = "연락 가능한 전화번호를 적어 주세요. 예: 010-1234-5678";
  }
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(buyer.buyerEmail)) {
    errors.buyerEmail = "이메일 주소를 다시 확인해 주세요. 예: name@example.com";
  } else if (buyer.buyerEmail.length > 40) errors.buyerEmail = "이메일은 40자까지 적을 수 있습니다.";
  return { buyer, errors };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_C}\s]+/gu, " ").trim();
}
