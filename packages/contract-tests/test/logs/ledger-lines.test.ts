import { randomBytes } from "node:crypto";
import type { LogEntry } from "@payapi/core/handler";
import type { callLines } from "@payapi/core/internal";
import { memoryLedger } from "@payapi/ledger";
import {
  createLedger,
  createMemoryStore,
  type LedgerLine,
  type LedgerStore,
  type LedgerTimers,
  ledgerLines,
  openTimedLedger,
  type TimedLedgerOptions,
} from "@payapi/ledger/internal";
import { expect, it, onTestFinished } from "vitest";
import { openSceneShop } from "../../src/scenes/scene-shop.js";
import { databaseUrl, newSchema, runSql } from "../ledger/new-schema.js";

type OwnLine = Exclude<LedgerLine, keyof typeof callLines>;

interface Life {
  readonly logger: (entry: LogEntry) => void;
  /** Resolves once the code was logged. */
  readonly logged: (code: OwnLine) => Promise<LogEntry>;
}

interface Case {
  /** The codes in order (default: only the code of the case). */
  readonly logs?: readonly OwnLine[];
  readonly fields?: Readonly<Record<string, unknown>>;
  happens(life: Life): Promise<unknown>;
}

const merchant = { mid: "testmid", environment: "sandbox" } as const;
const minute = 60_000;

/** Timers that do not wait, so that a worker looks again at once; its pauses are not what is tested. */
const impatient: LedgerTimers = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: () => new Promise((resolve) => setImmediate(resolve)),
};

function closing<Closable extends { close(): Promise<void> }>(ledger: Closable): Closable {
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A ledger in a PostgreSQL schema of its own. */
async function postgres(options: TimedLedgerOptions, schema?: string) {
  const own = schema === undefined ? await newSchema() : { schema, drop: async () => {} };
  onTestFinished(own.drop);
  const more = { maxPauseMs: minute, closeTimeoutMs: 0, ...options };
  const ledger = closing(
    await openTimedLedger({ payapi: merchant, database: databaseUrl, schema: own.schema, ...more }),
  );
  return { ledger, schema: own.schema };
}

/** A ledger over a store that answers a worker's question about standbys in turn. */
function watched({ logger }: Life, answers: ("asynchronous" | "synchronous")[]) {
  const memory = createMemoryStore();
  const replication = async () => (answers.length > 1 ? answers.shift() : answers[0]) ?? "none";
  const store: LedgerStore = { ...memory, replication };
  const ledger = closing(createLedger(merchant, store, { logger, timers: impatient, closeTimeoutMs: 0 }));
  ledger.operations.startWorker({ consumer: "shop", on: {} });
}

/** A ledger at a time that the test sets, with a reserved approval. */
async function reserved({ logger }: Life) {
  let now = new Date("2026-05-01T00:00:00Z");
  const ledger = closing(
    createLedger(merchant, createMemoryStore(), { logger, clock: () => now, closeTimeoutMs: 0 }),
  );
  const request = { orderId: "order-1", price: 1_000, payType: "card" };
  const reservation = await ledger.store.reserveApproval(request);
  if (reservation.status === "refused") throw new Error(reservation.reason);
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  return { ledger, call: reservation.call, pass };
}

/** A call that nobody settles. */
async function silentCall(life: Life, isSent: boolean) {
  const { ledger, call, pass } = await reserved(life);
  if (isSent) await ledger.store.markSending(call);
  pass(10 * minute);
  await ledger.operations.recover();
}

/** Delivers an event to a handler that fails so many times. */
async function failingHandler(life: Life, times: number) {
  const { ledger, call, pass } = await reserved(life);
  await ledger.store.markSending(call);
  await ledger.store.settle(call, { outcome: "succeeded", tid: "T1", price: 1_000 });
  const approved = () => Promise.reject(new RangeError("card 4111111111111111"));
  for (let time = 0; time < times; time++) {
    await ledger.operations.runOnce({ consumer: "shop", on: { approved } });
    pass(60 * minute);
  }
}

const cases: Record<OwnLine, Case> = {
  "clock-skew": {
    fields: { skewMs: expect.any(Number), maxSkewMs: 300_000 },
    happens: ({ logger }) =>
      postgres({ logger, timers: { ...impatient, wall: () => Date.now() + 2 * minute } }),
  },
  "slow-database": {
    fields: { roundTripsMs: expect.any(Number), maxPauseMs: 0 },
    happens: ({ logger }) => postgres({ logger, maxPauseMs: 0 }),
  },
  "asynchronous-standby": {
    happens: (life) => {
      watched(life, ["asynchronous"]);
      return life.logged("asynchronous-standby");
    },
  },
  "standby-lost": {
    logs: ["asynchronous-standby", "standby-lost"],
    happens: (life) => {
      watched(life, ["synchronous", "asynchronous"]);
      return life.logged("standby-lost");
    },
  },
  "database-changed": {
    fields: { seen: expect.any(String) },
    async happens({ logger }) {
      const { schema } = await postgres({ logger });
      const values = "VALUES ('before', now(), 'lee', 'test')";
      await runSql(`INSERT INTO "${schema}".databases (identity, at, actor, evidence) ${values}`);
      await postgres({ logger }, schema);
    },
  },
  "recovered-unknown": {
    fields: { orderId: "order-1", kind: "approval", callId: expect.any(String) },
    happens: (life) => silentCall(life, true),
  },
  "recovered-not-sent": {
    fields: { orderId: "order-1", kind: "approval", callId: expect.any(String) },
    happens: (life) => silentCall(life, false),
  },
  "recovery-failed": {
    fields: { error: "Error" },
    happens: (life) => {
      const memory = createMemoryStore();
      const staleCalls = () => Promise.reject(new Error("password=hunter2"));
      const store: LedgerStore = {
        ...memory,
        read: (work) => memory.read((tx) => work({ ...tx, staleCalls })),
      };
      const ledger = closing(createLedger(merchant, store, { logger: life.logger, closeTimeoutMs: 0 }));
      ledger.operations.startWorker({ consumer: "shop", on: {} });
      return life.logged("recovery-failed");
    },
  },
  "delivery-failed": {
    fields: { consumer: "shop", error: "LedgerError", reason: "consumer-removed" },
    async happens(life) {
      const ledger = closing(
        createLedger(merchant, createMemoryStore(), { logger: life.logger, closeTimeoutMs: 0 }),
      );
      await ledger.operations.runOnce({ consumer: "shop", on: {} });
      ledger.operations.startWorker({ consumer: "shop", on: {}, intervalMs: 1 });
      await expect.poll(() => ledger.events.consumers()).toMatchObject([{ consumer: "shop" }]);
      await ledger.events.removeConsumer("shop");
      await life.logged("delivery-failed");
    },
  },
  "event-failed": {
    fields: {
      consumer: "shop",
      eventId: expect.any(String),
      kind: "approved",
      orderId: "order-1",
      tries: 1,
      error: "RangeError",
    },
    happens: (life) => failingHandler(life, 1),
  },
  "event-dead": {
    logs: [...Array<OwnLine>(9).fill("event-failed"), "event-dead"],
    fields: {
      consumer: "shop",
      eventId: expect.any(String),
      orderId: "order-1",
      tries: 10,
      error: "RangeError",
    },
    happens: (life) => failingHandler(life, 10),
  },
};

it.each(Object.entries(cases))(
  "the ledger's log has one entry for %s",
  async (name, { logs, fields, happens }) => {
    const code = name as OwnLine;
    const entries: LogEntry[] = [];
    let hear = () => {};
    const logger = (entry: LogEntry) => {
      entries.push(entry);
      hear();
    };
    const logged = (wanted: OwnLine) =>
      new Promise<LogEntry>((resolve) => {
        hear = () => {
          const found = entries.find((entry) => entry.code === wanted);
          if (found !== undefined) resolve(found);
        };
        hear();
      });
    await happens({ logger, logged });
    expect(entries.map((entry) => entry.code)).toEqual(logs ?? [code]);
    const { level, message } = ledgerLines[code];
    expect(entries.at(-1)).toMatchObject({ level, code, message, ...fields });
    expect(JSON.stringify(entries)).not.toMatch(/4111111111111111|hunter2/);
  },
);

it("a recovery whose call the gateway rejects for the shop's set-up logs it once, and repeats the cancel later", async () => {
  const secrets = { current: randomBytes(32).toString("base64") };
  let now = new Date();
  const shop = await openSceneShop({
    openLedger: async (payapi, logger) => memoryLedger({ payapi, secrets, logger, closeTimeoutMs: 0 }),
  });
  onTestFinished(() => shop.close());
  const entries: LogEntry[] = [];
  const store = createMemoryStore();
  const options = {
    logger: (entry: LogEntry) => void entries.push(entry),
    clock: () => now,
    closeTimeoutMs: 0,
  };
  const wrong = closing(createLedger(shop.wronglySigning, store, options));
  const right = closing(createLedger(shop.payapi, store, options));
  const orderId = await shop.paidWithLostCancel(right);
  for (let times = 0; times < 2; times++) {
    now = new Date(now.getTime() + 30 * minute);
    await wrong.operations.recover();
  }
  expect(
    entries.map(({ level, code, operation, resultCode }) => [level, code, operation, resultCode]),
  ).toEqual([["error", "setup-fault", "payments.cancel", "9011"]]);
  expect(JSON.stringify(entries)).not.toContain("another-sign-key");
  now = new Date(now.getTime() + 60 * minute);
  await right.operations.recover();
  expect(await right.payments.find(orderId)).toMatchObject({ status: "cancelled" });
});
