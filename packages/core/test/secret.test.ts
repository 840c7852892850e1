import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSecret, maskCardNumbers, PayApiError, Secret } from "../src/index.js";
import { holdsCardDigits } from "../src/secret.js";

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

  it("finds the same numbers as a search of every part of a row of digits", () => {
    const isCard = (digits: readonly number[]) => {
      const [first = 0, { length }] = [digits[0], digits];
      const issued =
        length === 16
          ? [2, 3, 4, 5, 6, 9].includes(first)
          : [3, 6].includes(first) || (length === 13 && first === 4);
      const sum = digits
        .toReversed()
        .reduce(
          (all, digit, at) => all + (at % 2 === 0 ? digit : ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0)),
          0,
        );
      return issued && sum % 10 === 0;
    };
    const bySearch = (digits: readonly number[]) =>
      digits.some((_, start) =>
        [13, 14, 15, 16, 17, 18, 19].some(
          (length) => start + length <= digits.length && isCard(digits.slice(start, start + length)),
        ),
      );
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.array(digit, { minLength: 10, maxLength: 24 }), (digits) => {
        expect(holdsCardDigits(digits)).toBe(bySearch(digits));
      }),
      { numRuns: 2_000, seed: 20261201 },
    );
  });

  it("looks at each digit once, however long the row is", () => {
    for (const length of [300, 60_000]) {
      let reads = 0;
      // No part of it passes the check of a card number, so all of it is searched.
      const digits = new Proxy({ length } as ArrayLike<number>, {
        get(target, name) {
          if (name === "length") return target.length;
          reads += 1;
          return 1;
        },
      });
      expect(holdsCardDigits(digits)).toBe(false);
      expect(reads).toBe(length);
    }
  });
});
