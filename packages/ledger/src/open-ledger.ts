import type { OptionNames } from "@payapi/core/internal";
import { watchDatabase } from "./commands/accepted-database.js";
import { inEnvironment } from "./commands/context.js";
import { checkClock } from "./commands/reserve.js";
import { LedgerError } from "./errors.js";
import type { Ledger } from "./ledger.js";
import { contextOf, createLedger, ledgerOf } from "./ledger.js";
import {
  checkMerchant,
  checkOptionNames,
  type LedgerMerchant,
  type LedgerOptions,
  ledgerOptionNames,
  type TimedLedgerOptions,
  timesOf,
} from "./options.js";
import { replayJournal } from "./recovery/recover.js";
import { openJournal } from "./store/journal.js";
import { secretBytes } from "./store/key-vault.js";
import { createMemoryStore } from "./store/memory/memory-store.js";
import type { Database } from "./store/postgres/pool.js";
import { defaultSchema } from "./store/postgres/pool.js";
import type { DatabaseIdentity } from "./store/postgres/postgres-database.js";
import { openPostgresStore } from "./store/postgres/postgres-store.js";

/** Options of {@link openLedger}. */
export interface OpenLedgerOptions extends LedgerOptions {
  /** The merchant: the `PayApi`, or only its `mid` and `environment`. `recover()` calls the gateway only with a `PayApi`. */
  readonly payapi: LedgerMerchant;
  /** A connection string or a `pg` pool. `close()` does not end a pool that was passed in. */
  readonly database: Database;
  /** The schema of the tables (default: `payapi`). */
  readonly schema?: string;
  /**
   * How a failover or a restore is detected (default: `server`). After one, no call is reserved or sent until `acceptDatabase`.
   * `server` compares the cluster, its timeline, the database and the tables. `tables` compares only the database and the tables, for servers
   * that hide their timeline, such as Amazon Aurora: it detects a restored dump, **but not a failover or a restored disk**.
   */
  readonly databaseIdentity?: DatabaseIdentity;
  /**
   * Also opens on a standby, for reports (default: `false`). A standby can only be read: reservations are refused, and nothing is sent.
   */
  readonly allowsStandby?: boolean;
  /**
   * A folder on a disk of this machine; created if it is missing. If the gateway approves a call while the database is unreachable, the
   * result is kept there until the next `recover()` or `openLedger` writes it to the database. Several processes may share the folder.
   */
  readonly journal?: string;
}

const optionNames = {
  ...ledgerOptionNames,
  payapi: true,
  database: true,
  schema: true,
  databaseIdentity: true,
  allowsStandby: true,
  journal: true,
} satisfies OptionNames<OpenLedgerOptions>;

/**
 * Opens the ledger in PostgreSQL. It does not create or change tables: run {@link migrateLedger} at deployment.
 *
 * @throws LedgerError `not-migrated`, `unsafe-database`, `other-environment`, `clock-skew` or `invalid-argument`
 * @throws LedgerUnavailableError when the database cannot be reached
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  checkOptionNames(options, optionNames);
  return openTimedLedger(options);
}

/** As {@link openLedger}, with a clock and timers. */
export async function openTimedLedger(given: OpenLedgerOptions & TimedLedgerOptions): Promise<Ledger> {
  const {
    payapi,
    database,
    schema = defaultSchema,
    databaseIdentity,
    allowsStandby,
    journal,
    ...options
  } = given;
  checkMerchant(payapi);
  timesOf(options, payapi);
  if (options.secrets !== undefined) secretBytes(options.secrets);
  const kept =
    journal === undefined ? {} : { journal: await openJournal(journal, { mid: payapi.mid, schema }) };
  const store = inEnvironment(
    payapi,
    await openPostgresStore(database, schema, { databaseIdentity, allowsStandby }),
  );
  try {
    const context = contextOf(payapi, store, { ...options, ...kept });
    await checkClock(context);
    // Fails if the server hides its identity. A database that changed is warned about, and refused when a call is reserved.
    await watchDatabase(context)();
    // An entry that can't be replayed does not stop the ledger from opening: the next `recover()` rejects with it.
    await replayJournal(context);
    return ledgerOf(context);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Opens a ledger in the memory of this process, for tests and first steps. Its data is lost when the process ends, and other
 * processes do not see it.
 *
 * @throws LedgerError `invalid-argument` in production, where a lost payment could be charged twice
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
      "memoryLedger loses payments when the process ends, so it is refused in production: use openLedger",
    );
  }
  return createLedger(payapi, inEnvironment(payapi, createMemoryStore()), options);
}
