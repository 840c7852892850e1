import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isSecret, maskCardNumbers, PayApiError, Secret } from "../src/index.js";

const canary = "4929-canary-value";
const secret = new Secret(canary);

describe("Secret", () => {
  it.each<[string, () => string]>([
    ["a template", () => `${secret}`],
    ["concatenation", () => `x${String(secret)}`],
    ["JSON", () => JSON.stringify({ secret, list: [secret] })],
    ["inspect", () => inspect({ secret }, { depth: 9, showHidden: true, customInspect: true })],
    ["inspect without custom methods", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["spreading", () => inspect({ ...secret }, { showHidden: true })],
    ["cloning", () => inspect(structuredClone(secret), { showHidden: true })],
    ["own properties", () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
    [
      "an error's cause",
      () => inspect(new PayApiError({ code: "refused", message: "x", cause: { secret } }), { depth: 9 }),
    ],
    ["a format string", () => inspect([secret], { depth: 0 })],
  ])("is not shown by %s", (_, print) => expect(print()).not.toContain(canary));

  it("prints as [redacted]", () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
      "[redacted]",
      '"[redacted]"',
      "[redacted]",
    ]);
  });

  it("reveals its value by reveal()", () => {
    expect([secret.reveal(), isSecret(secret), isSecret("x"), isSecret(null)]).toEqual([
      canary,
      true,
      false,
      false,
    ]);
  });
});

describe("maskCardNumbers", () => {
  it.each([
    ["card 4111111111111111 declined", "card [redacted] declined"],
    ["4111-1111-1111-1111", "[redacted]"],
    ["4111 1111 1111 1111", "[redacted]"],
    ["378282246310005", "[redacted]"],
    ["카드 4111111111111111 12/28", "카드 [redacted]/28"],
    ["승인 20261123 4111111111111111", "승인 [redacted]"],
    ["1-4111111111111111", "[redacted]"],
    ["41111111111111110000", "[redacted]"],
    ["4111.1111.1111.1111", "[redacted]"],
    ["4111  1111  1111  1111", "[redacted]"],
    ["51 4111111111111111 거절", "[redacted] 거절"],
    ["2026-11-23 4111 1111 1111 1111", "[redacted]"],
    ["order 20261121093000", "order 20261121093000"],
    ["T0123456789", "T0123456789"],
  ])("%s", (text, masked) => expect(maskCardNumbers(text)).toBe(masked));
});
