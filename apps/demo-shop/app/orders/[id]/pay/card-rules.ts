interface Brand {
  readonly name: string;
  readonly starts: RegExp;
  readonly lengths: readonly number[];
  /** The positions of the gaps in the printed number (default: after every four digits). */
  readonly gaps?: readonly number[];
}

const brands: readonly Brand[] = [
  { name: "Visa", starts: /^4/, lengths: [13, 16] },
  { name: "Mastercard", starts: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: "American Express", starts: /^3[47]/, lengths: [15], gaps: [4, 10] },
  { name: "Diners Club", starts: /^3(0[0-5]|[689])/, lengths: [14], gaps: [4, 10] },
  { name: "JCB", starts: /^35(2[89]|[3-8])/, lengths: [16] },
  { name: "UnionPay", starts: /^62/, lengths: [16] },
  { name: "국내전용", starts: /^9/, lengths: [15, 16] },
];

const usualGaps = [4, 8, 12];
const mostDigits = 16;

export function cardDigits(text: string): string {
  return text.replace(/\D/g, "").slice(0, mostDigits);
}

export function brandName(digits: string): string {
  return brandOf(digits)?.name ?? "";
}

export function groupCardNumber(digits: string): string {
  const gaps = brandOf(digits)?.gaps ?? usualGaps;
  return [...digits].map((digit, at) => (gaps.includes(at) ? ` ${digit}` : digit)).join("");
}

export function cardNumberError(digits: string): string | undefined {
  if (digits === "") return "카드번호를 입력해 주세요.";
  const lengths = brandOf(digits)?.lengths ?? [14, 15, 16];
  if (!lengths.includes(digits.length)) {
    return digits.length < Math.max(...lengths)
      ? `카드번호가 짧습니다. ${Math.max(...lengths)}자리를 모두 입력해 주세요.`
      : "카드번호의 자릿수를 확인해 주세요.";
  }
  return passesLuhn(digits) ? undefined : "카드번호에 잘못된 숫자가 있습니다. 다시 확인해 주세요.";
}

/** `0528` as `05/28`; a month such as `5` becomes `05`, and a year such as `2028` becomes `28`. */
export function groupExpiry(text: string): string {
  let digits = text.replace(/\D/g, "");
  if (/^[2-9]|^\s*\d\s*[/.-]/.test(text)) digits = `0${digits}`;
  const month = digits.slice(0, 2);
  let year = digits.slice(2);
  if (year.startsWith("20") && year.length > 2) year = year.length === 3 ? year : year.slice(2, 4);
  else year = year.slice(0, 2);
  return year === "" ? month : `${month}/${year}`;
}

export function expiryError(digits: string, now: Date): string | undefined {
  if (digits === "") return "유효기간을 입력해 주세요.";
  if (digits.length < 4) return "월과 연도를 두 자리씩 입력해 주세요. 예: 05/28";
  const month = Number(digits.slice(0, 2));
  const year = 2000 + Number(digits.slice(2));
  if (month < 1 || month > 12) return "월은 01부터 12까지입니다.";
  // The card is valid until the end of its month, in Korean time.
  const ends = Date.UTC(year, month, 1) - 9 * 3_600_000;
  if (ends <= now.getTime()) return "유효기간이 지난 카드입니다.";
  return year > now.getUTCFullYear() + 20 ? "유효기간의 연도를 확인해 주세요." : undefined;
}

function brandOf(digits: string): Brand | undefined {
  return brands.find(({ starts }) => starts.test(digits));
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

export const cardFields = {
  number: {
    label: "카드번호",
    autoComplete: "cc-number",
    placeholder: "0000 0000 0000 0000",
    maxLength: 19,
    format: (text: string) => groupCardNumber(cardDigits(text)),
    errorOf: cardNumberError,
  },
  expiry: {
    label: "유효기간",
    autoComplete: "cc-exp",
    placeholder: "MM/YY",
    maxLength: 7,
    format: groupExpiry,
    errorOf: (digits: string) => expiryError(digits, new Date()),
  },
};
export type CardFieldName = keyof typeof cardFields;
