import { Pool } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { memoryLedger, openLedger } from "../src/index.js";
import { databaseUrl, ownSchema, payapi, sql } from "./database.js";

const windowMs = 60_000;
const countersOf = async (schema: string) =>
  sql(`SELECT key, count::int AS count FROM "${schema}".rate_limits ORDER BY key`);

it("the ledger allows exactly the limit of 400 concurrent attempts in two processes, on counters in any order", async () => {
  const { schema } = await ownSchema();
  const sqlStates: string[] = [];
  const ledgers = await Promise.all(
    [0, 1].map(async () => {
      const pool = new Pool({ connectionString: databaseUrl });
      // Every error the server sends, also those the ledger answers with another try.
      pool.on("connect", (client) => {
        const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
        connection.on("errorMessage", ({ code }: { code: string }) => sqlStates.push(code));
      });
      onTestFinished(() => pool.end());
      return openLedger({ payapi, database: pool, schema });
    }),
  );
  const counters = [
    { key: "address", limit: 60 },
    { key: "card", limit: 37 },
    { key: "order", limit: 50 },
  ];
  const verdicts = await Promise.all(
    ledgers.flatMap((ledger, process) =>
      Array.from({ length: 200 }, (_, i) => {
        const turned = [...counters.slice((i + process) % 3), ...counters.slice(0, (i + process) % 3)];
        return ledger.store.consumeRateLimit({ counters: i % 2 ? turned : turned.toReversed(), windowMs });
      }),
    ),
  );
  expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(37);
  expect(await countersOf(schema)).toEqual(counters.map(({ key }) => ({ key, count: 37 })));
  for (const verdict of verdicts) {
    if (verdict.allowed) continue;
    expect(verdict.retryAfterMs).toBeGreaterThan(0);
    expect(verdict.retryAfterMs).toBeLessThanOrEqual(windowMs);
  }

  const counted = verdicts.find((verdict) => verdict.allowed)?.counted ?? [];
  expect(counted.map(({ key }) => key).sort()).toEqual(counters.map(({ key }) => key));
  await Promise.all(
    ledgers.flatMap((ledger) =>
      Array.from({ length: 50 }, (_, i) =>
        ledger.store.releaseRateLimit(i % 2 ? counted : counted.toReversed()),
      ),
    ),
  );
  expect(await countersOf(schema)).toEqual(counters.map(({ key }) => ({ key, count: 0 })));
  // A refused attempt rolls its own statement back, so that no counter is left incremented.
  expect(sqlStates.filter((sqlState) => sqlState !== "PL001")).toEqual([]);
});

it("the ledger releases an attempt in the window that counted it, and not in a later one", async () => {
  const { schema, ledger: open } = await ownSchema();
  let now = new Date("2026-05-01T00:00:00Z");
  const ledger = await open({ clock: () => now });
  const count = async (...keys: string[]) => {
    const counters = keys.map((key) => ({ key, limit: 2 }));
    const verdict = await ledger.store.consumeRateLimit({ counters, windowMs });
    if (!verdict.allowed) throw new Error("Not allowed");
    return verdict.counted;
  };
  const counts = async () =>
    Object.fromEntries((await countersOf(schema)).map(({ key, count }) => [key, count]));
  const longer = await count("card");
  now = new Date(now.getTime() + 1);
  const call = await count("card", "order");
  now = new Date(now.getTime() + windowMs - 1);
  // The card's window has ended and the order's ends in a moment: the call that both counted is still under way.
  const next = await count("card", "order");
  expect(await counts()).toEqual({ card: 1, order: 2 });
  await ledger.store.releaseRateLimit(call);
  expect(await counts()).toEqual({ card: 1, order: 1 });
  for (let i = 0; i < 3; i++) await ledger.store.releaseRateLimit([...longer, ...call]);
  expect(await counts()).toEqual({ card: 1, order: 0 });
  await ledger.store.releaseRateLimit(next);
  expect(await counts()).toEqual({ card: 0, order: 0 });
  now = new Date(now.getTime() + windowMs);
  await ledger.store.releaseRateLimit(next);
  await ledger.operations.recover();
  await ledger.store.releaseRateLimit(next);
  expect(await counts()).toEqual({});
});

it("the ledger removes only expired counters and idempotency keys", async () => {
  const { schema, ledger: open } = await ownSchema();
  let now = new Date("2026-05-01T00:00:00Z");
  const ledger = await open({ clock: () => now });
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  for (let i = 0; i < 450; i++)
    await ledger.store.consumeRateLimit({ counters: [{ key: `k${i}`, limit: 1 }], windowMs });
  await ledger.store.consumeRateLimit({ counters: [{ key: "later", limit: 1 }], windowMs: windowMs + 1 });
  const answer = { status: 200, headers: {}, body: "" };
  await ledger.store.beginRequest({ scope: "s", key: "lost", fingerprint: "f", leaseMs: windowMs });
  await ledger.store.beginRequest({ scope: "s", key: "done", fingerprint: "f", leaseMs: windowMs });
  await ledger.store.endRequest({ scope: "s", key: "done" }, answer);
  const left = async () => [
    (await countersOf(schema)).length,
    (await sql(`SELECT FROM "${schema}".idempotency_keys`)).length,
  ];
  pass(windowMs - 1);
  await ledger.operations.recover();
  expect(await left()).toEqual([451, 2]);
  pass(1);
  await ledger.operations.recover();
  expect(await left()).toEqual([1, 1]);
  pass(24 * 60 * 60 * 1_000 - windowMs - 1);
  await ledger.operations.recover();
  expect(await left()).toEqual([0, 1]);
  pass(1);
  await ledger.operations.recover();
  expect(await left()).toEqual([0, 0]);
});

it.each([
  { key: "k", window: "" },
  { key: "k", window: "never" },
  { key: "", window: "2026-05-01" },
])("the ledger rejects the release of %j", async (counted) => {
  await expect(memoryLedger({ payapi }).store.releaseRateLimit([counted])).rejects.toMatchObject({
    code: "invalid-argument",
  });
});

it.each([
  { counters: [{ key: "", limit: 1 }], windowMs },
  { counters: [{ key: "k", limit: -1 }], windowMs },
  { counters: [{ key: "k", limit: 1.5 }], windowMs },
  { counters: [{ key: "k", limit: 1 }], windowMs: 0 },
])("the ledger rejects the attempt %j", async (request) => {
  await expect(memoryLedger({ payapi }).store.consumeRateLimit(request)).rejects.toMatchObject({
    code: "invalid-argument",
  });
});
