import * as codes from "@payapi/core/codes";
import { describe, expect, it } from "vitest";
import facts from "../../src/facts/codes.json" with { type: "json" };

/** Tables whose names in the guide are Korean. */
const korean = [
  ["acquirers", codes.acquirers, facts.acquirers],
  ["banks and issuers", codes.banksAndIssuers, facts.banksAndIssuers],
  ["the payment window's cards", codes.cardWindowCodes, facts.cardWindowCodes],
  ["couriers", codes.couriers, facts.couriers],
  ["billing periods", codes.payPeriods, facts.payPeriods],
] as const;

/** Tables that we hold in English. */
const english = [
  ["escrow results", codes.escrowResults, facts.escrowResult],
  ["escrow states in notifications", codes.escrowNotificationStates, facts.escrowNotificationStatus],
] as const;

describe.each([...korean, ...english])("%s", (_name, table, listed) => {
  it("has the guide's codes and no others", () => {
    expect([...table.codes].sort()).toEqual(Object.keys(listed).sort());
    for (const code of Object.keys(listed)) expect(table.lookUp(code).known).toBe(true);
  });

  it.each(["", "zz", "toString", "__proto__"])("returns the unknown code %j unchanged", (code) => {
    expect(table.lookUp(code)).toEqual({ code, ko: code, en: code, known: false });
  });
});

it.each(korean)("%s have the guide's names", (_name, table, listed) => {
  for (const [code, name] of Object.entries(listed)) expect(table.lookUp(code).ko, code).toBe(name);
});

it.each(english)("%s mean what the guide says", (_name, table, listed) => {
  for (const [code, meaning] of Object.entries(listed)) {
    expect(table.lookUp(code).en.toLowerCase(), code).toBe(meaning.toLowerCase());
  }
});
