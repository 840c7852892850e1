import { secretBytes } from "./billing-keys/secrets.js";
import { createLedger } from "./ledger.js";
import { checkMerchant, type LedgerMerchant, type LedgerOptions, timesOf } from "./options.js";
import type { Database } from "./postgres/connection.js";
import { openPostgresStore } from "./postgres/open-store.js";
import type { Ledger } from "./public-types.js";

/** What {@link openLedger} needs. */
export interface OpenLedgerOptions extends LedgerOptions {
  /** The merchant: the `PayApi` itself, or its mid and environment. */
  readonly payapi: LedgerMerchant;
  /** A connection string, or a pool of your own, which then stays yours to end. */
  readonly database: Database;
  /** Where the tables are, `payapi`. */
  readonly schema?: string;
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
  schema,
  ...options
}: OpenLedgerOptions): Promise<Ledger> {
  checkMerchant(payapi);
  timesOf(options);
  if (options.secrets !== undefined) secretBytes(options.secrets);
  return createLedger(payapi, await openPostgresStore(database, schema), options);
}
