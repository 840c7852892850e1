import { secretBytes } from "./billing-keys/secrets.js";
import { databaseState } from "./database-identity/accept-database.js";
import { openJournal } from "./journal/journal.js";
import { replayJournal } from "./journal/replay-journal.js";
import { contextOf, createLedger } from "./ledger.js";
import { checkMerchant, type LedgerMerchant, type LedgerOptions, timesOf } from "./options.js";
import type { Database } from "./postgres/connection.js";
import { openPostgresStore } from "./postgres/open-store.js";
import { defaultSchema } from "./postgres/schema-name.js";
import type { Ledger } from "./public-types.js";

/** What {@link openLedger} needs. */
export interface OpenLedgerOptions extends LedgerOptions {
  /** The merchant: the `PayApi` itself, or its mid and environment. */
  readonly payapi: LedgerMerchant;
  /** A connection string, or a pool of your own, which then stays yours to end. */
  readonly database: Database;
  /** Where the tables are, `payapi`. */
  readonly schema?: string;
  /**
   * A folder on a disk of this machine, made if it is missing. What the gateway said yes to while the database was away is kept
   * there, and told to the database by the next `recover()` or `openLedger`. Several processes may share it.
   */
  readonly journal?: string;
}

/**
 * Opens the ledger in PostgreSQL. It never changes tables: {@link migrateLedger} does, at deployment.
 *
 * @throws LedgerError `not-migrated`, `unsafe-database` or `invalid-argument`
 * @throws LedgerUnavailableError when the database cannot be reached
 */
export async function openLedger({
  payapi,
  database,
  schema = defaultSchema,
  journal,
  ...options
}: OpenLedgerOptions): Promise<Ledger> {
  checkMerchant(payapi);
  timesOf(options);
  if (options.secrets !== undefined) secretBytes(options.secrets);
  const kept =
    journal === undefined ? {} : { journal: await openJournal(journal, { mid: payapi.mid, schema }) };
  const store = await openPostgresStore(database, schema);
  try {
    const context = contextOf(payapi, store, { ...options, ...kept });
    // Whether it can be asked at all: a database that changed is refused only when a call is to be sent.
    await databaseState(context);
    // What cannot be told now is no reason not to open: the next `recover()` says so.
    await replayJournal(context);
    return createLedger(payapi, store, { ...options, ...kept });
  } catch (error) {
    await store.close();
    throw error;
  }
}
