import type { OptionNames } from "@payapi/core/internal";
import { LedgerError } from "../../errors.js";
import { checkOptionNames } from "../../option-names.js";
import { type Queries, transact } from "./connection.js";
import { type Database, openPool } from "./pool.js";
import {
  checkDatabaseIdentity,
  checkServerIdentity,
  type DatabaseIdentity,
  identityOf,
} from "./postgres-database.js";
import { defaultSchema, quotedSchema } from "./postgres-store.js";
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
  checkOptionNames(options, optionNames, "the type MigrateOptions of @payapi/ledger");
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
