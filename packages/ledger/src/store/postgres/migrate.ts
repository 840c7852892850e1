import { type OptionNames, optionProblems } from "@payapi/core/internal";
import type { Pool } from "pg";
import { LedgerError, refuseOptions } from "../../errors.js";
import { type Queries, transact } from "./connection.js";
import { type Database, defaultSchema, openPool, quotedSchema } from "./pool.js";
import {
  checkDatabaseIdentity,
  checkServerIdentity,
  type DatabaseIdentity,
  identityOf,
} from "./postgres-database.js";
import { schemaSql } from "./schema.generated.js";

/** The result of {@link migrateLedger}: the versions of the tables before and after; equal if there was nothing to do. */
export interface Migration {
  readonly from: number;
  readonly to: number;
}

/** Every migration in order; its version is its index plus 1. Its SQL names the schema `payapi`, which is replaced. */
const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: "0001-schema", sql: schemaSql },
];

/** The version this package works with. */
export const expectedVersion = migrations.length;

/** Options of {@link migrateLedger}. */
export interface MigrateOptions {
  /** The schema of the tables (default: `payapi`). */
  readonly schema?: string;
  /** How the database is identified (default: `server`). Must be the same as for `openLedger`. */
  readonly databaseIdentity?: DatabaseIdentity;
}

const optionNames = { schema: true, databaseIdentity: true } satisfies OptionNames<MigrateOptions>;

/**
 * Creates or updates the ledger's tables, in one transaction. Safe to run at any time and from several processes at once. Needs the right to create
 * a schema only if there is something to do.
 *
 * @param database a connection string or a `pg` pool
 * @throws LedgerError `not-migrated` if the tables belong to a newer version of this package, `unsafe-database` if the server hides its
 * identity
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
  // Concurrent migrations wait for each other without a time limit; the second one finds nothing to do.
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
       SELECT ${identityOf(schema, databaseIdentity)}, now(), 'migration', 'the database in which the tables were created'`,
    );
  }
  return { from, to: expectedVersion };
}

/** The version of the tables; 0 without tables. */
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
 * Rejects a database that could lose committed rows, and tables of another version.
 *
 * @throws LedgerError `unsafe-database` or `not-migrated`; the message says what to do
 */
export async function checkDatabase(pool: Pool, schema: string, allowsStandby: boolean): Promise<void> {
  await transact(pool, "read", async ({ query }) => {
    const [server] = await query(
      `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS pages, current_setting('server_encoding') AS encoding,
         pg_is_in_recovery() AS recovering`,
    );
    if (Number(server?.version) < 150_000) throw unsafe("it is older than PostgreSQL 15: upgrade it");
    if (server?.fsync !== "on") throw unsafe("fsync is off, so a power cut would lose payments: turn it on");
    if (server?.pages !== "on")
      throw unsafe("full_page_writes is off, so a power cut would lose payments: turn it on");
    if (server?.encoding !== "UTF8")
      throw unsafe(
        "its encoding is not UTF8, so it can't store the gateway's Korean messages: create a database with ENCODING 'UTF8'",
      );
    if (server?.recovering !== "f" && !allowsStandby) {
      throw unsafe("this is a standby: connect to the primary, or read with allowsStandby");
    }

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
