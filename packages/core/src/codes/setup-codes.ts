import { defineCodes } from "./code-table.js";

/**
 * Result codes that are about the merchant's own set-up, never about a card. The gateway publishes no list: these were observed in live
 * integrations or are the sandbox's. Name further ones in the option `setupCodes`.
 */
export const setupCodes = defineCodes({
  "1001": ["이미 사용된 주문번호", "Order number used before"],
  "9001": ["잘못된 API 경로", "Wrong API path"],
  "9009": ["등록되지 않은 가맹점 ID", "Unknown merchant id (mid)"],
  "9010": ["타임스탬프 오류(서버 시각 확인)", "Wrong timestamp: check the server's clock"],
  "9011": ["서명 오류(signKey 확인)", "Wrong signature: check the sign key"],
  "9012": ["복호화 오류(필드 암호화 키와 IV 확인)", "Field not decryptable: check the field key and its iv"],
  ERR206: ["서명 오류(signKey 확인)", "Wrong signature: check the sign key"],
});

/** The `PayApiError.code` of a refusal: a set-up fault, a rejected request, or any other refusal, such as a declined card. */
export type RefusalCode = "refused" | "setup-fault" | "request-rejected";

/** Codes that a 4xx may carry for a request which is right: its transaction is in another state. */
export interface RefusalContext {
  readonly httpStatus: number;
  /** The option `setupCodes`. */
  readonly furtherCodes: readonly string[];
}

/**
 * Returns why the gateway refused. HTTP 4xx means a wrong address or parameter (the guide's response codes), so it is not a declined card
 * either; but it may tell something about the buyer's input, so that attempts stay counted.
 */
export function refusalCode(
  resultCode: string,
  { httpStatus, furtherCodes }: RefusalContext,
  statesOfPayments: (code: string) => boolean,
): RefusalCode {
  if (setupCodes.has(resultCode) || furtherCodes.includes(resultCode)) return "setup-fault";
  return httpStatus >= 400 && !statesOfPayments(resultCode) ? "request-rejected" : "refused";
}

/** Returns whether a failure is about the shop's set-up or its request, and not about the buyer's card. */
export function isShopFault(code: string | undefined): boolean {
  return code === "setup-fault" || code === "request-rejected";
}
