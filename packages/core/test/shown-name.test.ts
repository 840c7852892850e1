import { expect, it, vi } from "vitest";
import { shownName } from "../src/secret.js";

const card = "4111111111111111";
const spaced = [...card].join("- ");

it("an option name is shown by its beginning", () => {
  expect(shownName("cardNumber")).toBe("cardNumber");
  expect(shownName("n".repeat(5_000))).toBe("n".repeat(60));
});

it.each([0, 1, 30, 44, 59])("an option name with a card number at %i is masked", (at) => {
  for (const written of [card, spaced, `${spaced}${"x".repeat(5_000)}`]) {
    const shown = shownName(`${"n".repeat(at)}${written}`);
    expect(shown).toBe(
      `${"n".repeat(at)}[redacted]${written.endsWith("x") ? "x".repeat(60) : ""}`.slice(0, 60),
    );
  }
});

/** How often a digit was looked at to show a name. */
function looksAt(name: string): number {
  const looks = vi.spyOn(String.prototype, "charCodeAt");
  try {
    shownName(name);
    return looks.mock.calls.length;
  } finally {
    looks.mockRestore();
  }
}

// Masking all of it looks at each of its digits.
it("a long option name is only checked as far as it is shown", () => {
  const short = looksAt("0".repeat(200));
  expect(short).toBeGreaterThanOrEqual(200);
  expect(looksAt("0".repeat(64 * 1024))).toBe(short);
});
