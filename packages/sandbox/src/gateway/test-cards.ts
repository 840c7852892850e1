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
  {
    ...visa,
    number: "4000000000000002",
    decline: { code: "2101", ko: "카드사에서 승인을 거절하였습니다", en: "Declined by the card issuer" },
  },
  {
    ...visa,
    number: "4000000000009995",
    decline: { code: "2102", ko: "한도초과입니다", en: "Card limit exceeded" },
  },
  {
    ...visa,
    number: "4000000000000069",
    decline: { code: "2103", ko: "유효기간이 만료된 카드입니다", en: "Card expired" },
  },
  {
    ...visa,
    number: "4000000000000127",
    decline: { code: "2104", ko: "비밀번호가 일치하지 않습니다", en: "Wrong PIN" },
  },
  {
    ...visa,
    number: "4000000000000119",
    decline: {
      code: "2105",
      ko: "카드사 처리 중 오류가 발생하였습니다",
      en: "Processing error at the card issuer",
    },
  },
  {
    ...visa,
    number: "4000000000009979",
    decline: { code: "2106", ko: "분실·도난 신고된 카드입니다", en: "Card reported lost or stolen" },
  },
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
