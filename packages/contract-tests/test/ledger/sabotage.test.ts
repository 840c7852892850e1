import type { FullPaymentStore } from "@payapi/core";
import { createLedger, createMemoryStore } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { type StorePart, storeContract } from "../../src/store-contract/index.js";
import { keySabotages } from "./sabotages/billing-keys.js";
import { depositSabotages } from "./sabotages/deposits.js";
import { hostedPaymentSabotages } from "./sabotages/hosted-payments.js";
import { notificationSabotages } from "./sabotages/notifications.js";
import { paymentSabotages } from "./sabotages/payments.js";
import type { Sabotage, Sabotages } from "./sabotages/sabotage.js";

const sabotages: Readonly<Record<StorePart, Sabotages>> = {
  payments: paymentSabotages,
  "billing-keys": keySabotages,
  page: hostedPaymentSabotages,
  notifications: { ...notificationSabotages, ...depositSabotages },
};
const parts = Object.keys(sabotages) as StorePart[];

const payapi = { mid: "sabotaged", environment: "sandbox" } as const;
const patient = { maxPauseMs: 60_000 };

/** The contract over a store that was changed so. */
function contractOf(part: StorePart, change: Sabotage["change"]) {
  const good = createLedger(payapi, createMemoryStore(), patient);
  const store: FullPaymentStore = { ...good.store, ...change(good) };
  const open = async () => ({ store, another: store, mid: payapi.mid, close: async () => {} });
  return storeContract({ open, parts: [part] });
}

describe.each(parts)("the contract's part %s", (part) => {
  it.each(Object.entries(sabotages[part]))("catches a store in which %s", async (_, { caughtBy, change }) => {
    const caught = contractOf(part, change).cases.find(({ name }) => name === caughtBy);
    if (caught === undefined) throw new Error(`The contract has no case ${caughtBy}`);
    await expect(caught.run()).rejects.toThrow();
    const same = contractOf(part, () => ({})).cases.find(({ name }) => name === caughtBy);
    await expect(same?.run()).resolves.toBeUndefined();
  });
});

it.each(["page", "notifications"] as const)("every case of the part %s catches a sabotage", (part) => {
  const caughtBy = Object.values(sabotages[part]).map((sabotage) => sabotage.caughtBy);
  const { cases } = contractOf(part, () => ({}));
  expect(cases.map(({ name }) => name).filter((name) => !caughtBy.includes(name))).toEqual([]);
});

it("the contract's cases have unique names", () => {
  const { cases } = storeContract({
    parts,
    open: async () => {
      throw new Error("Not to be opened for their names");
    },
  });
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
