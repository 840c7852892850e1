import { expect, it } from "vitest";
import { memoryLedger } from "../src/index.js";

it("a memory ledger is refused in production", () => {
  expect(() => memoryLedger({ payapi: { mid: "m", environment: "production" } })).toThrow(/production/);
  expect(memoryLedger({ payapi: { mid: "m", environment: "test" } })).toBeDefined();
});

it.each([{ callTimeoutMs: -1 }, { maxPauseMs: 1.5 }, { settleRetryMs: Number.NaN }])(
  "a memory ledger rejects %j",
  (options) => {
    const payapi = { mid: "m", environment: "sandbox" } as const;
    expect(() => memoryLedger({ payapi, ...options })).toThrow(/whole number of milliseconds/);
  },
);

it("a memory ledger rejects a merchant without an id", () => {
  expect(() => memoryLedger({ payapi: { mid: "", environment: "sandbox" } })).toThrow(/mid/);
});
