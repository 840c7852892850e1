import { type OptionNames, optionProblems } from "@payapi/core/internal";
import type { Pool } from "pg";
import { LedgerError, type LedgerWarning, refuseOptions } from "../../errors.js";
import { type Queries, transact } from "./connection.js";
import { type Database, defaultSchema, openPool, quotedSchema } from "./pool.js";
import {
  checkDatabaseIdentity,
  checkServerIdentity,
  type DatabaseIdentity,
  identityOf,
} from "./postgres-database.js";
import { schemaSql } from "./schema.generated.js";

/** What a migration did: the versions before and after, equal when there was nothing to do. */
export interface Migration {
  readonly from: number;
  readonly to: number;
}

/** Every migration in order; the number of a migration is its place, from 1. Its SQL names the schema `payapi`. */
const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: "0001-schema", sql: schemaSql },
];

/** The version this package works with. */
export const expectedVersion = migrations.length;

/** How the tables are brought up to date. */
export interface MigrateOptions {
  /** Where the tables are (default: `payapi`). */
  readonly schema?: string;
  /** As for `openLedger`, and the same. */
  readonly databaseIdentity?: DatabaseIdentity;
}

const optionNames = { schema: true, databaseIdentity: true } satisfies OptionNames<MigrateOptions>;

/**
 * Brings the ledger's tables to the version this package works with, or changes nothing. Safe to run at any time and
 * from several processes at once. Needs the right to create a schema only while there is something to do.
 *
 * @param database a connection string or a pool
 * @throws LedgerError `not-migrated` when the tables belong to a newer version of this package, `unsafe-database` when the
 * server does not say which one it is
 * @throws LedgerUnavailableError when the database cannot be reached, or refuses
 */
export async function migrateLedger(database: Database, options: MigrateOptions = {}): Promise<Migration> {
  refuseOptions(
    optionProblems(options, { names: optionNames, documented: "the type MigrateOptions of @payapi/ledger" }),
  );
  const schema = quotedSchema(options.schema ?? defaultSchema);
  const databaseIdentity = checkDatabaseIdentity(options.databaseIdentity);
  const { pool, close } = openPool(database);
  try {
    return await transact(pool, "migrate", (queries) => migrate(schema, queries, databaseIdentity));
  } finally {
    await close();
  }
}

async function migrate(
  schema: string,
  { query, startedAt }: Queries,
  databaseIdentity: DatabaseIdentity,
): Promise<Migration> {
  // Two processes starting at once take turns, however long the first one takes; the second one finds everything done.
  await query("SELECT pg_advisory_xact_lock(hashtext('payapi ledger'), hashtext($1))", [schema]);
  const from = await versionOf(schema, query);
  if (from > expectedVersion) throw newerThanThis();
  if (from === expectedVersion) return { from, to: from };
  if (databaseIdentity === "server") await checkServerIdentity(query);
  await query(
    `CREATE SCHEMA IF NOT EXISTS ${schema};
     CREATE TABLE IF NOT EXISTS ${schema}.migrations
       (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  for (const [index, { name, sql }] of migrations.entries()) {
    const version = index + 1;
    if (version <= from) continue;
    await query(sql.replaceAll("payapi.", `${schema}.`));
    await query(`INSERT INTO ${schema}.migrations VALUES ($1, $2, $3)`, [version, name, startedAt]);
  }
  if (from === 0) {
    await query(
      `INSERT INTO ${schema}.databases (identity, at, actor, evidence)
       SELECT ${identityOf(schema, databaseIdentity)}, now(), 'migration', 'the database in which the tables were made'`,
    );
  }
  return { from, to: expectedVersion };
}

/** 0 when there is nothing yet. */
export async function versionOf(schema: string, query: Queries["query"]): Promise<number> {
  const [table] = await query("SELECT to_regclass($1) AS name", [`${schema}.migrations`]);
  if (table?.name == null) return 0;
  const [row] = await query(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`);
  return Number(row?.version);
}

export function newerThanThis(): LedgerError {
  return new LedgerError(
    "not-migrated",
    "The ledger's tables belong to a newer version of @payapi/ledger: update the package",
  );
}

/**
 * Whoever may look sees every receiver of the log and not what kind it is; of logical ones the slots tell. Standbys below the
 * database, as providers have them, are not seen at all.
 */
const standbys = `SELECT FROM pg_stat_replication AS receiver WHERE NOT EXISTS (
  SELECT FROM pg_replication_slots AS slot WHERE slot.active_pid = receiver.pid AND slot.slot_type = 'logical')`;

const asynchronousStandby: LedgerWarning = {
  code: "asynchronous-standby",
  message:
    "The ledger's database has a standby and waits for none (synchronous_standby_names is empty): if it takes over, the last payments may be gone, and nothing is sent until somebody compared",
};

/**
 * Refuses a database that could forget what it confirmed, and tables of another version.
 *
 * @throws LedgerError `unsafe-database` or `not-migrated`; the message says what to do
 */
export async function checkDatabase(
  pool: Pool,
  schema: string,
  onWarning: (warning: LedgerWarning) => void,
): Promise<void> {
  await transact(pool, "read", async ({ query }) => {
    const [server] = await query(
      `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS pages, current_setting('server_encoding') AS encoding,
         pg_is_in_recovery() AS recovering,
         current_setting('synchronous_standby_names') = '' AND EXISTS (${standbys}) AS asynchronous`,
    );
    if (Number(server?.version) < 150_000) throw unsafe("PostgreSQL 15 or newer is needed");
    if (server?.fsync !== "on") throw unsafe("fsync is off, so a power cut would lose payments: turn it on");
    if (server?.pages !== "on")
      throw unsafe("full_page_writes is off, so a power cut would lose payments: turn it on");
    if (server?.encoding !== "UTF8")
      throw unsafe("its encoding is not UTF8, so it cannot keep the gateway's Korean messages: use another");
    if (server?.recovering !== "f") throw unsafe("this is a standby: connect to the primary");
    if (server?.asynchronous === "t") onWarning(asynchronousStandby);

    const version = await versionOf(schema, query);
    if (version > expectedVersion) throw newerThanThis();
    if (version < expectedVersion) {
      const state = version === 0 ? "do not exist" : `have version ${version}, not ${expectedVersion}`;
      throw new LedgerError(
        "not-migrated",
        `The ledger's tables ${state} in schema ${schema}: run migrateLedger(database) before starting`,
      );
    }
  });
}

function unsafe(why: string): LedgerError {
  return new LedgerError("unsafe-database", `The ledger's database is not safe for money: ${why}`);
}
