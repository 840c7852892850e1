import { randomBytes, randomUUID } from "node:crypto";
import type { Ledger, LedgerMerchant } from "@payapi/ledger";
import {
  createLedger,
  createMemoryStore,
  type LedgerStore,
  openPostgresStore,
  openTimedLedger,
  type TimedLedgerOptions,
} from "@payapi/ledger/internal";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { databaseUrl, newSchema } from "./new-schema.js";

/** Two ledgers of one new merchant over the same data, as two processes would have them. */
export interface OpenLedgers {
  readonly ledger: Ledger;
  readonly another: Ledger;
  readonly mid: string;
  /** One more, with other options. */
  oneMore(options: TimedLedgerOptions): Promise<Ledger>;
  /** Where the data is. */
  readonly store: LedgerStore;
}

/** A kind of store, opened once for a group of tests; every `ledgers()` has a merchant of its own. */
export interface LedgerRoom {
  ledgers(options?: TimedLedgerOptions, merchant?: LedgerMerchant): Promise<OpenLedgers>;
  close(): Promise<void>;
}

/** Lets a busy machine pause; only tests about pauses set their own limit. */
export const patient = { maxPauseMs: 60_000, secrets: { current: randomBytes(32).toString("base64") } };

function newMerchant(): LedgerMerchant {
  return { mid: `mid-${randomUUID()}`, environment: "sandbox" };
}

export async function memoryRoom(): Promise<LedgerRoom> {
  return {
    async ledgers(options = {}, payapi = newMerchant()) {
      const store = createMemoryStore();
      return {
        ledger: createLedger(payapi, store, { ...patient, ...options }),
        another: createLedger(payapi, store, { ...patient, ...options }),
        mid: payapi.mid,
        oneMore: async (others) => createLedger(payapi, store, { ...patient, ...options, ...others }),
        store,
      };
    },
    close: async () => {},
  };
}

export async function postgresRoom(): Promise<LedgerRoom> {
  const { schema, drop } = await newSchema();
  // Two pools, as two processes would have them, however many ledgers the tests open on them.
  const pools = [
    new Pool({ connectionString: databaseUrl }),
    new Pool({ connectionString: databaseUrl }),
  ] as const;
  const store = await openPostgresStore(pools[0], schema);
  return {
    async ledgers(options = {}, payapi = newMerchant()) {
      const place = { payapi, schema, ...patient, ...options };
      return {
        ledger: await openTimedLedger({ ...place, database: pools[0] }),
        another: await openTimedLedger({ ...place, database: pools[1] }),
        mid: payapi.mid,
        store,
        oneMore: (others) => openTimedLedger({ ...place, database: pools[0], ...others }),
      };
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await drop();
    },
  };
}

export const rooms = [
  ["memory", memoryRoom],
  ["PostgreSQL", postgresRoom],
] as const;

/** Stands for what `get` returns at the time of use, so that a group of tests can have something new for each test. */
export function standIn<T extends object>(get: () => T): T {
  return new Proxy({} as T, { get: (_, name) => Reflect.get(get(), name) });
}

/** Opens a room for a group of tests. */
export function openedRoom(open: () => Promise<LedgerRoom>): LedgerRoom {
  let room: LedgerRoom;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());
  return standIn(() => room);
}

/** Opens a room for a group of tests, and in it two ledgers of a new merchant for each test, at a time that the tests set. */
export function freshLedgers(open: () => Promise<LedgerRoom>) {
  const room = openedRoom(open);
  let current: OpenLedgers;
  let now = new Date(0);
  const opened = (options: TimedLedgerOptions = {}) => room.ledgers({ clock: () => now, ...options });
  beforeEach(async () => {
    now = new Date("2026-05-01T00:00:00Z");
    current = await opened();
  });
  return {
    ledger: standIn(() => current.ledger),
    another: standIn(() => current.another),
    ledgers: standIn(() => current),
    /** Ledgers of one more merchant. */
    opened,
    now: () => now,
    setNow(time: Date) {
      now = time;
    },
    pass(seconds: number) {
      now = new Date(now.getTime() + seconds * 1_000);
    },
  };
}
