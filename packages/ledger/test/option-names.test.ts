import { expect, it } from "vitest";
import { memoryLedger, migrateLedger, openLedger } from "../src/index.js";
import { createLedger, createMemoryStore } from "../src/internal.js";

const payapi = { mid: "m", environment: "sandbox" } as const;
// It must neither connect nor resolve the host name.
const database = "postgres://nobody@database.invalid/none";
const secret = Buffer.alloc(32, 7).toString("base64");
const ledger = memoryLedger({ payapi });
const on = {};

it.each<[what: string, call: (options: never) => unknown, options: object, message: string]>([
  [
    "openLedger",
    openLedger,
    { payapi, database, jurnal: "/x" },
    "jurnal is not a known option; did you mean journal?",
  ],
  [
    "openLedger",
    openLedger,
    { payapi, database, secrets: { curent: secret } },
    "secrets.curent is not a known option; did you mean current?",
  ],
  ["memoryLedger", memoryLedger, { payapi, secret }, "secret is not a known option; did you mean secrets?"],
  ["openLedger", openLedger, { payapi, database, clock: () => new Date() }, "clock is not a known option"],
  ["memoryLedger", memoryLedger, { payapi, timers: {} }, "timers is not a known option"],
  [
    "createLedger",
    (options) => createLedger(payapi, createMemoryStore(), options),
    { callTimeout: 1 },
    "callTimeout is not a known option; did you mean callTimeoutMs?",
  ],
  [
    "migrateLedger",
    (options) => migrateLedger(database, options),
    { shema: "shop" },
    "shema is not a known option; did you mean schema?",
  ],
  [
    "startWorker",
    ledger.operations.startWorker,
    { consumer: "shop", on, interval: 1_000 },
    "interval is not a known option; did you mean intervalMs?",
  ],
  [
    "runOnce",
    ledger.operations.runOnce,
    { consumer: "shop", on: { aproved: () => {} } },
    "on.aproved is not a known kind of event; did you mean approved?",
  ],
])("%s rejects an unknown option name: %#", async (_what, call, options, message) => {
  const error: unknown = await Promise.resolve()
    .then(() => call(options as never))
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "LedgerError", code: "invalid-argument" });
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain(secret);
});

it("known option names may be undefined", () => {
  const nothing = { secrets: undefined, logger: undefined } as object;
  expect(memoryLedger({ payapi, ...nothing })).toBeDefined();
});

it.each([[undefined], [null], ["postgres://nobody@database.invalid/none"], [[]]])(
  "%j is rejected as options",
  async (options) => {
    const refused = {
      code: "invalid-argument",
      message: expect.stringContaining("options must be an object"),
    };
    await expect(openLedger(options as never)).rejects.toMatchObject(refused);
    expect(() => memoryLedger(options as never)).toThrow(expect.objectContaining(refused));
    expect(() => ledger.operations.startWorker(options as never)).toThrow(expect.objectContaining(refused));
    await expect(ledger.operations.runOnce(options as never)).rejects.toMatchObject(refused);
  },
);

it("secrets of another type are rejected", async () => {
  const options = { payapi, database, secrets: secret };
  const refused = { code: "invalid-argument", message: expect.stringContaining("secrets must be an object") };
  await expect(openLedger(options as never)).rejects.toMatchObject(refused);
});
