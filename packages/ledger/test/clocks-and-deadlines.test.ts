import type { LogEntry } from "@payapi/core/handler";
import { expect, it, onTestFinished, vi } from "vitest";
import { type LedgerMerchant, type LedgerOptions, memoryLedger, openLedger } from "../src/index.js";
import {
  type LedgerTimers,
  openTimedLedger,
  type TimedLedgerOptions,
  timedMemoryLedger,
} from "../src/internal.js";
import { databaseUrl, ownSchema, payapi, sql } from "./database.js";
import { unreliableProxy } from "./unreliable-proxy.js";

const order = { orderId: "order-1", price: 1_000, payType: "card" };

/** The process's own time, with a time of day that can be set. */
function timers() {
  let offMs = 0;
  const own: LedgerTimers = {
    monotonic: () => performance.now(),
    wall: () => Date.now() + offMs,
    wait: () => new Promise(() => {}),
  };
  const set = (ms: number) => {
    offMs = ms;
  };
  return { ...own, set };
}

async function setUp(options: TimedLedgerOptions = {}) {
  const own = await ownSchema();
  const clock = timers();
  const warnings: LogEntry[] = [];
  const ledger = await own.ledger({
    timers: clock,
    logger: (warning) => void warnings.push(warning),
    ...options,
  });
  const reserve = async (orderId = order.orderId) => {
    const reservation = await ledger.store.reserveApproval({ ...order, orderId });
    if (reservation.status !== "reserved") throw new Error("Refused");
    return reservation.call;
  };
  return { schema: own.schema, ledger, clock, warnings, reserve };
}

const minute = 60_000;
const skewed = { code: "clock-skew", message: expect.stringContaining("time server") };

it.each([6 * minute, -6 * minute, 26 * 60 * minute])(
  "a ledger sends nothing when the process's clock is %i ms off",
  async (offMs) => {
    const { ledger, clock, reserve } = await setUp({ secrets: { current: "0".repeat(64) } });
    const call = await reserve();
    clock.set(offMs);
    await expect(ledger.store.markSending(call)).rejects.toMatchObject(skewed);
    const key = await ledger.store.reserveKey({ customerId: "alice" });
    if (key.status !== "reserved") throw new Error("Refused");
    await expect(ledger.store.markKeySending(key.call)).rejects.toMatchObject(skewed);
    // Outcomes of earlier calls are still written.
    expect((await ledger.store.settle(call, { outcome: "not-sent" })).status).toBe("not-sent");
    clock.set(0);
    await ledger.store.markSending(await reserve());
  },
);

it("a ledger refuses to open when the clocks differ too much, and closes its connections", async () => {
  const { schema } = await ownSchema();
  const clock = timers();
  clock.set(-6 * minute);
  const url = `${databaseUrl}?application_name=${schema}`;
  await expect(openTimedLedger({ payapi, database: url, schema, timers: clock })).rejects.toMatchObject(
    skewed,
  );
  const open = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1";
  await expect.poll(() => sql(open, [schema]), { timeout: 30_000 }).toEqual([{ count: 0 }]);
  const ledger = await openTimedLedger({
    payapi,
    database: url,
    schema,
    timers: clock,
    maxSkewMs: 7 * minute,
  });
  await ledger.close();
});

it("a ledger warns once from a difference of one minute, and a throwing logger costs no payment", async () => {
  const { ledger, clock, warnings, reserve } = await setUp();
  clock.set(0.9 * minute);
  await ledger.store.markSending(await reserve("a"));
  expect(warnings).toEqual([]);
  clock.set(2 * minute);
  await ledger.store.markSending(await reserve("b"));
  await ledger.store.markSending(await reserve("c"));
  // Less than two minutes by as long as the database took to answer.
  expect(warnings[0]?.skewMs).toSatisfy((skewMs: number) => skewMs > minute && skewMs <= 2 * minute);
  expect(warnings).toEqual([
    {
      level: "warn",
      code: "clock-skew",
      message: expect.any(String),
      skewMs: expect.any(Number),
      maxSkewMs: 300_000,
    },
  ]);

  const deaf = await setUp({
    logger: () => {
      throw new Error("Nobody listens");
    },
  });
  deaf.clock.set(2 * minute);
  await deaf.ledger.store.markSending(await deaf.reserve());
});

it("a ledger without a logger writes to the console", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  const clock = timers();
  const ledger = timedMemoryLedger({ payapi, timers: clock });
  clock.set(2 * minute);
  const reservation = await ledger.store.reserveApproval(order);
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining("clocks"), expect.objectContaining({ code: "clock-skew" })],
  ]);
});

it("a ledger refuses to send a call after a pause that only the wall clock shows", async () => {
  const clock = timers();
  // The machine stood still in the middle of the transaction, and its other clock with it.
  const { ledger, reserve } = await setUp({
    timers: clock,
    maxPauseMs: 2_000,
    clock: () => {
      clock.set(2_500);
      return new Date();
    },
  });
  const call = await reserve();
  clock.set(0);
  await expect(ledger.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
});

/** How long after it was marked a call is overdue, and how long closing waits for it. */
async function deadlineOf(merchant: LedgerMerchant, options: LedgerOptions = {}) {
  const { schema } = await ownSchema();
  const ledger = await openLedger({ payapi: merchant, database: databaseUrl, schema, ...options });
  onTestFinished(() => ledger.close());
  const reservation = await ledger.store.reserveApproval(order);
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  const [row] = await sql(
    `SELECT extract(epoch FROM deadline_at - sending_at)::int AS seconds FROM "${schema}".approvals`,
  );
  await ledger.store.settle(reservation.call, { outcome: "not-sent" });
  return row.seconds;
}

it.each([
  [{}, {}, 60],
  [{ timeoutMs: 300_000 }, {}, 300],
  [{ timeoutMs: 10_000 }, {}, 10],
  [{ timeoutMs: 300_000 }, { callTimeoutMs: 400_000 }, 400],
])("a client with %j and options %j has a call deadline of %i s", async (client, options, seconds) => {
  expect(await deadlineOf({ ...payapi, ...client }, { maxPauseMs: 60_000, ...options })).toBe(seconds);
});

it("a ledger rejects a deadline shorter than the client's timeout", async () => {
  const merchant = { ...payapi, timeoutMs: 300_000 };
  const refused = { code: "invalid-argument", message: expect.stringContaining("callTimeoutMs") };
  const given = { payapi: merchant, database: databaseUrl, callTimeoutMs: 299_999 };
  await expect(openLedger(given)).rejects.toMatchObject(refused);
  expect(() => memoryLedger({ payapi: merchant, callTimeoutMs: 1 })).toThrow(
    expect.objectContaining(refused),
  );
});

it("a ledger warns when it opens if the way to its database takes a large part of maxPauseMs", async () => {
  const proxy = await unreliableProxy(databaseUrl);
  const own = await ownSchema();
  const warnings: LogEntry[] = [];
  const logger = (warning: LogEntry) => void warnings.push(warning);
  await own.ledger({ logger, maxPauseMs: 60_000 }, proxy.url);
  expect(warnings).toEqual([]);
  proxy.delay(150);
  await own.ledger({ logger, maxPauseMs: 500 }, proxy.url);
  expect(warnings).toEqual([
    {
      level: "warn",
      code: "slow-database",
      message: expect.any(String),
      roundTripsMs: expect.any(Number),
      maxPauseMs: 500,
    },
  ]);
});
