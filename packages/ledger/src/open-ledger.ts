import type { OptionNames } from "@payapi/core/internal";
import { databaseState } from "./commands/accepted-database.js";
import { secretBytes } from "./commands/keys/secrets.js";
import { checkClock } from "./commands/reserve.js";
import { LedgerError, type LedgerWarning, warner } from "./errors.js";
import type { Ledger } from "./ledger.js";
import { contextOf, createLedger } from "./ledger.js";
import {
  checkMerchant,
  checkOptionNames,
  type LedgerMerchant,
  type LedgerOptions,
  ledgerOptionNames,
  processTimers,
  type TimedLedgerOptions,
  timesOf,
} from "./options.js";
import { replayJournal } from "./recovery/recover.js";
import { openJournal } from "./store/journal.js";
import { createMemoryStore } from "./store/memory/memory-store.js";
import type { Database } from "./store/postgres/pool.js";
import { defaultSchema } from "./store/postgres/pool.js";
import type { DatabaseIdentity } from "./store/postgres/postgres-database.js";
import { openPostgresStore } from "./store/postgres/postgres-store.js";

/** What {@link openLedger} needs. */
export interface OpenLedgerOptions extends LedgerOptions {
  /** The merchant: the `PayApi` itself, or its mid and environment. */
  readonly payapi: LedgerMerchant;
  /** A connection string, or a pool of your own, which then stays yours to end. */
  readonly database: Database;
  /** Where the tables are, `payapi`. */
  readonly schema?: string;
  /**
   * How a failover or a restore is told, after which no call is reserved or sent until `acceptDatabase`. `server`, the default: by the cluster,
   * its timeline, the database and the tables. `tables`, for servers that do not say the timeline, such as Amazon Aurora: by the
   * database and the tables alone, so that only a restored dump is noticed, **and no failover and no restored disk**.
   */
  readonly databaseIdentity?: DatabaseIdentity;
  /**
   * A folder on a disk of this machine, made if it is missing. What the gateway said yes to while the database was away is kept
   * there, and told to the database by the next `recover()` or `openLedger`. Several processes may share it.
   */
  readonly journal?: string;
}

const optionNames = {
  ...ledgerOptionNames,
  payapi: true,
  database: true,
  schema: true,
  databaseIdentity: true,
  journal: true,
} satisfies OptionNames<OpenLedgerOptions>;

/**
 * Opens the ledger in PostgreSQL. It never changes tables: {@link migrateLedger} does, at deployment.
 *
 * @throws LedgerError `not-migrated`, `unsafe-database`, `clock-skew` or `invalid-argument`
 * @throws LedgerUnavailableError when the database cannot be reached
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  checkOptionNames(options, optionNames);
  return openTimedLedger(options);
}

/** As {@link openLedger}, with a clock and timers. */
export async function openTimedLedger(given: OpenLedgerOptions & TimedLedgerOptions): Promise<Ledger> {
  const { payapi, database, schema = defaultSchema, databaseIdentity, journal, ...options } = given;
  checkMerchant(payapi);
  timesOf(options, payapi);
  if (options.secrets !== undefined) secretBytes(options.secrets);
  const kept =
    journal === undefined ? {} : { journal: await openJournal(journal, { mid: payapi.mid, schema }) };
  const warn = warner(options.onWarning, (options.timers ?? processTimers).monotonic);
  const onWarning = ({ code, message }: LedgerWarning) => warn(code, message);
  const complete = { ...options, ...kept, onWarning };
  const store = await openPostgresStore(database, schema, { databaseIdentity, onWarning });
  try {
    const context = contextOf(payapi, store, complete);
    await checkClock(context);
    // Whether it can be asked at all: a database that changed is refused only when a call is to be sent.
    await databaseState(context);
    // What cannot be told now is no reason not to open: the next `recover()` says so.
    await replayJournal(context);
    return createLedger(payapi, store, complete);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * A ledger in the memory of this process, for tests and first steps. It forgets everything when the process ends, and
 * other processes do not see it.
 *
 * @throws LedgerError `invalid-argument` in production, where forgetting a payment means charging it twice
 */
export function memoryLedger(options: { payapi: LedgerMerchant } & LedgerOptions): Ledger {
  checkOptionNames(options, { ...ledgerOptionNames, payapi: true });
  return timedMemoryLedger(options);
}

/** As {@link memoryLedger}, with a clock and timers. */
export function timedMemoryLedger(given: { payapi: LedgerMerchant } & TimedLedgerOptions): Ledger {
  const { payapi, ...options } = given;
  checkMerchant(payapi);
  if (payapi.environment === "production") {
    throw new LedgerError(
      "invalid-argument",
      "memoryLedger forgets payments and is refused in production: use openLedger",
    );
  }
  return createLedger(payapi, createMemoryStore(), options);
}
