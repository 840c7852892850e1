import { describe, expect, it } from "vitest";
import { isShopFault, setupCodes } from "../src/codes/index.js";
import { isPayApiError, type PayApiError, type PayApiErrorDetails } from "../src/index.js";
import { operationList } from "../src/operations/index.js";
import { readPageReply } from "../src/payment-page/page-reply.js";
import { decodeReply, type MerchantCodes } from "../src/wire/decode-reply.js";
import { sandboxClient } from "./support/merchant.js";

function failureOf(read: () => unknown): PayApiError {
  try {
    read();
  } catch (error) {
    if (isPayApiError(error)) return error;
    throw error;
  }
  throw new Error("the reply was a success");
}

const none: MerchantCodes = { unprovenCodes: [], setupCodes: [] };

const decoded = (resultCode: string, status = 200, codes = none) =>
  operationList.map(
    (operation) =>
      failureOf(() => {
        const body = Buffer.from(JSON.stringify({ ResultCode: resultCode, ResultMsg: "가맹점 설정" }));
        return decodeReply(operation, new Map(), { status, headers: {}, body }, codes);
      }).code,
  );
const every = (code: PayApiErrorDetails["code"]) => operationList.map(() => code);

describe("a refusal", () => {
  it.each(["1001", "9009", "9010", "9011", "9012", "ERR206"])(
    "with %s is a set-up fault for every operation",
    (code) => {
      expect(decoded(code)).toEqual(every("setup-fault"));
      expect(decoded(code, 400)).toEqual(every("setup-fault"));
      expect(setupCodes.has(code)).toBe(true);
    },
  );

  it("with HTTP 4xx and another code is a rejected request, and with HTTP 200 an ordinary refusal", () => {
    expect(decoded("9008", 400)).toEqual(every("request-rejected"));
    expect(decoded("9008")).toEqual(every("refused"));
  });

  it.each(["01", "310014"])("with HTTP 4xx and %s is about the payment's state, and ordinary", (code) => {
    expect(decoded(code, 400)).toEqual(every("refused"));
  });

  it("with a code of the merchant's own list is a set-up fault", () => {
    expect(decoded("E77", 200, { ...none, setupCodes: ["E77"] })).toEqual(every("setup-fault"));
    expect(decoded("E78", 200, { ...none, setupCodes: ["E77"] })).toEqual(every("refused"));
  });

  it("with a further set-up code that proves nothing stays unknown", () => {
    const both = { unprovenCodes: ["E77"], setupCodes: ["E77"] };
    expect(decoded("E77", 200, both)).toEqual(every("result-unproven"));
  });

  it.each([
    [200, "9011", "setup-fault"],
    [400, "01", "request-rejected"],
    [200, "01", "refused"],
  ])("of the payment page with HTTP %i and %s is %s", (status, code, expected) => {
    const reply = { status, headers: {}, body: Buffer.from(`P_STATUS=${code}&P_RMESG1=x`) };
    const options = { charset: "utf-8", isUnproven: () => false } as const;
    const error = failureOf(() => readPageReply(reply, { mid: "m", oid: "o", price: 1_000 }, options));
    expect([error.code, error.outcome]).toEqual([expected, "refused"]);
  });
});

it.each([
  ["setup-fault", true],
  ["request-rejected", true],
  ["refused", false],
  ["not-sent", false],
  [undefined, false],
])("the failure %s is the shop's own fault: %s", (code, expected) => {
  expect(isShopFault(code)).toBe(expected);
});

it("further set-up codes must look like result codes", () => {
  expect(() => sandboxClient({ setupCodes: ["a b"] })).toThrow(/setupCodes/);
});
