/** A published test card and the sandbox's result for it. */
export interface TestCard {
  readonly number: string;
  readonly brand: string;
  /** The acquirer's code, as the prefix lookup gives it (`CardCode`). */
  readonly acquirer: string;
  /** The acquirer's name (`CardName`). */
  readonly acquirerName: string;
  readonly type: "credit" | "debit" | "gift";
  /** The decline; `undefined` if the card is approved. */
  readonly decline?: { readonly code: string; readonly ko: string; readonly en: string };
}

const visa = { brand: "Visa", acquirer: "21", acquirerName: "해외비자", type: "credit" } as const;
const mastercard = {
  brand: "Mastercard",
  acquirer: "22",
  acquirerName: "해외마스터",
  type: "credit",
} as const;

const declined = (number: string, code: string, ko: string, en: string): TestCard => ({
  ...visa,
  number,
  decline: { code, ko, en },
});

/** The numbers that card networks and payment companies publish for testing; they have no accounts. */
export const testCards: readonly TestCard[] = [
  { ...visa, number: "4111111111111111" },
  { ...visa, number: "4242424242424242" },
  { ...visa, number: "4000056655665556", type: "debit" },
  { ...mastercard, number: "5555555555554444" },
  { ...mastercard, number: "5105105105105100", type: "gift" },
  {
    number: "378282246310005",
    brand: "American Express",
    acquirer: "24",
    acquirerName: "해외아멕스",
    type: "credit",
  },
  { number: "3530111333300000", brand: "JCB", acquirer: "23", acquirerName: "JCB", type: "credit" },
  {
    number: "36227206271667",
    brand: "Diners Club",
    acquirer: "25",
    acquirerName: "해외다이너스",
    type: "credit",
  },
  declined("4000000000000002", "2101", "카드사에서 승인을 거절하였습니다", "Declined by the card issuer"),
  declined("4000000000009995", "2102", "한도초과입니다", "Card limit exceeded"),
  declined("4000000000000069", "2103", "유효기간이 만료된 카드입니다", "Card expired"),
  declined("4000000000000127", "2104", "비밀번호가 일치하지 않습니다", "Wrong PIN"),
  declined(
    "4000000000000119",
    "2105",
    "카드사 처리 중 오류가 발생하였습니다",
    "Processing error at the card issuer",
  ),
  declined("4000000000009979", "2106", "분실·도난 신고된 카드입니다", "Card reported lost or stolen"),
];

/** Returns the test card with this number. */
export function findTestCard(number: string): TestCard | undefined {
  return testCards.find((card) => card.number === number);
}

/** Returns whether a number's check digit is correct. */
export function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, character, at) => {
    const digit = Number(character) * (at % 2 === 0 ? 1 : 2);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return sum % 10 === 0;
}
