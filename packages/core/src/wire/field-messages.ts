import type { LocalizedMessage } from "../language.js";

/** The problems with a field's value, in both languages; they never contain the value. */
export const fieldMessages = {
  noObject: { en: "must be an object", ko: "객체여야 합니다" },
  missing: { en: "is missing", ko: "필수 항목입니다" },
  notForThePage: {
    en: 'must not contain : ? " & or `, which the payment page does not accept',
    ko: '결제창에서 쓸 수 없는 문자(: ? " & `)가 있습니다',
  },
  notSigned: {
    en: 'must not contain "&" or "=", since the field is signed',
    ko: '"&"와 "="는 쓸 수 없습니다',
  },
  noText: { en: "must be text", ko: "문자열이어야 합니다" },
  empty: { en: "must not be empty", ko: "비워 둘 수 없습니다" },
  controlCharacters: {
    en: "must not contain control characters, such as a line break",
    ko: "줄바꿈 같은 제어 문자는 쓸 수 없습니다",
  },
  brokenText: { en: "contains an incomplete character (a lone surrogate)", ko: "깨진 글자가 있습니다" },
  noWord: { en: "must be letters, digits, _ or -", ko: "영문자, 숫자, _, -만 쓸 수 있습니다" },
  noAmount: {
    en: "must be an amount above 0, as a whole number (not text)",
    ko: "0보다 큰 금액을 정수로 보내야 합니다(문자열 불가)",
  },
  noAmountOrZero: {
    en: "must be an amount, as a whole number (not text)",
    ko: "금액을 0 이상의 정수로 보내야 합니다(문자열 불가)",
  },
  noCardNumber: {
    en: "must be 13 to 16 digits without spaces or hyphens",
    ko: "띄어쓰기와 하이픈 없이 숫자 13~16자리여야 합니다",
  },
  noCardPrefix: {
    en: "must be exactly the first 6 digits of the card number",
    ko: "카드번호의 앞 6자리만 보내야 합니다",
  },
  noYear: { en: "must be the last two digits of the year", ko: "연도의 끝 두 자리여야 합니다" },
  noMonth: { en: "must be a month from 1 to 12", ko: "1~12 사이의 월이어야 합니다" },
  noRegistNo: {
    en: "must be a birth date of 6 digits or a business number of 10 digits",
    ko: "생년월일 6자리 또는 사업자등록번호 10자리여야 합니다",
  },
  noAscii: {
    en: "must be printable ASCII without spaces, and not empty",
    ko: "띄어쓰기 없는 영문자, 숫자, 기호여야 하며 비워 둘 수 없습니다",
  },
  noDigits: {
    en: "must be digits without spaces or hyphens",
    ko: "띄어쓰기와 하이픈 없이 숫자만 쓸 수 있습니다",
  },
  noCount: { en: "must be a whole number above 0 (not text)", ko: "0보다 큰 정수여야 합니다(문자열 불가)" },
  noPageOptions: { en: "must be name=value pairs joined with &", ko: "이름=값을 &로 이은 형식이어야 합니다" },
  noTwoDigits: { en: "must be exactly 2 digits", ko: "숫자 2자리여야 합니다" },
  noInstallments: {
    en: "must be 0 for a lump sum, or a number of months from 2 to 36",
    ko: "일시불은 0, 할부는 2~36개월이어야 합니다",
  },
  tooLittleForInstallments: {
    en: "must be 0: installments are possible from 50,000 won",
    ko: "할부는 50,000원부터 가능하므로 0이어야 합니다",
  },
  noInstallmentsForCompanies: {
    en: "must be 0: corporate cards (with a business number) have no installments",
    ko: "법인카드(사업자등록번호)는 할부를 할 수 없으므로 0이어야 합니다",
  },
  noDate: {
    en: "must be a Date, or a calendar date such as 2026-11-21",
    ko: "2026-11-21 같은 날짜여야 합니다",
  },
  noIpv4: { en: "must be an IPv4 address such as 203.0.113.7", ko: "203.0.113.7 같은 IPv4 주소여야 합니다" },
  noUrl: {
    en: "must be a full URL in ASCII; the gateway accepts no Hangul host names",
    ko: "한글이 없는 전체 URL이어야 합니다",
  },
  hangulHost: {
    en: "must not have a Hangul host name, which the gateway does not accept",
    ko: "한글 도메인은 쓸 수 없습니다",
  },
  noHttps: { en: "must be an https URL", ko: "https 주소여야 합니다" },
  urlParts: {
    en: "must not have a user name, password or fragment",
    ko: "주소에 사용자, 비밀번호, #이 없어야 합니다",
  },
  noInstallmentList: {
    en: "must list numbers of months: 1 for a lump sum, 2 to 36, or 99 to exclude the lump sum",
    ko: "개월 수의 목록이어야 합니다: 일시불은 1, 할부는 2~36, 일시불을 제외하려면 99",
  },
} as const satisfies Record<string, LocalizedMessage>;

export function tooLong(size: number): LocalizedMessage {
  return { en: `must have at most ${size} characters`, ko: `${size}자를 넘을 수 없습니다` };
}

export function oneOf(choices: readonly string[]): LocalizedMessage {
  const list = choices.map((choice) => `"${choice}"`).join(", ");
  return { en: `must be one of ${list}`, ko: `다음 중 하나여야 합니다: ${list}` };
}

export function noFieldOf(operationName: string): LocalizedMessage {
  return { en: `is not a field of ${operationName}`, ko: `${operationName}에 없는 항목입니다` };
}
