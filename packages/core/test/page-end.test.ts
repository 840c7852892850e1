import { describe, expect, it } from "vitest";
import { pageEndTexts } from "../src/browser/index.js";
import { readReturn } from "../src/payment-page/read-return.js";

describe("a return from the payment page without a payment", () => {
  it.each([
    ["사용자가 결제를 취소하였습니다", "cancelled"],
    ["사용자취소", "cancelled"],
    ["User cancelled", "cancelled"],
    ["결제 시간이 초과되었습니다", "expired"],
    ["시간초과로 거래가 취소되었습니다", "expired"],
    ["한도초과", "declined"],
    ["이용한도 초과", "declined"],
    ["비밀번호 오류 횟수 초과", "declined"],
    ["본인확인에 실패하였습니다", "declined"],
    ["", "declined"],
  ])("with the words %j has the reason %s", async (message, reason) => {
    const form = new URLSearchParams({ P_STATUS: "01", P_RMESG1: message });
    expect(await readReturn(form)).toMatchObject({ status: "failed", reason });
  });

  it("has a sentence for each reason in both languages, which says that nothing was charged", () => {
    for (const { ko, en } of Object.values(pageEndTexts)) {
      expect(ko).toMatch(/결제된 금액은 없습니다/);
      expect(en).toMatch(/Nothing was charged/);
    }
  });
});
