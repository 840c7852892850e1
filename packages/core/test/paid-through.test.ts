import { expect, it } from "vitest";
import { acquirers, banksAndIssuers, cardWindowCodes, paidThrough } from "../src/codes/index.js";

it.each([
  ["card", "11", acquirers.lookUp("11")],
  ["card", "54", cardWindowCodes.lookUp("54")],
  ["bank", "04", banksAndIssuers.lookUp("04")],
  ["vbank", "04", banksAndIssuers.lookUp("04")],
  ["bank", "BW", { code: "BW", ko: "뱅크월렛", en: "Bank Wallet", known: true }],
  ["hpp", "010", { code: "010", ko: "휴대폰 010", en: "Mobile phone 010", known: true }],
  ["hpp", "SKT", { code: "SKT", ko: "휴대폰 SKT", en: "Mobile phone SKT", known: false }],
] as const)(
  "a payment by %s with the code %s is named by the table of its method",
  (payType, code, named) => {
    expect(paidThrough(payType, code)).toEqual(named);
  },
);

it("one code names a card company for cards and a bank for transfers", () => {
  const [card, bank] = [paidThrough("card", "11"), paidThrough("bank", "11")];
  expect([card.known, bank.known]).toEqual([true, true]);
  expect(card.ko).not.toBe(bank.ko);
});

it.each(["card", "bank", "vbank"] as const)(
  "an unknown code of a payment by %s is its own name",
  (payType) => {
    expect(paidThrough(payType, "ZZ")).toEqual({ code: "ZZ", ko: "ZZ", en: "ZZ", known: false });
  },
);
