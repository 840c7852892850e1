import { LedgerError } from "../errors.js";
import { type Database, openPool, type Queries, transact } from "./connection.js";
import { migrations } from "./migrations/index.js";
import { defaultSchema, quotedSchema } from "./schema-name.js";

/** What a migration did: the versions before and after, equal when there was nothing to do. */
export interface Migration {
  readonly from: number;
  readonly to: number;
}

/** The version this package works with. */
export const expectedVersion = migrations.length;

/**
 * Brings the ledger's tables to the version this package works with, or changes nothing. Safe to run at any time and
 * from several processes at once. Needs the right to create a schema only while there is something to do.
 *
 * @param database a connection string or a pool
 * @throws LedgerError `not-migrated` when the tables belong to a newer version of this package
 */
export async function migrateLedger(
  database: Database,
  options: { readonly schema?: string } = {},
): Promise<Migration> {
  const schema = quotedSchema(options.schema ?? defaultSchema);
  const { pool, close } = openPool(database);
  try {
    return await transact(pool, "migrate", (queries) => migrate(schema, queries));
  } finally {
    await close();
  }
}

async function migrate(schema: string, { query, startedAt }: Queries): Promise<Migration> {
  // Two processes starting at once take turns; the second one finds everything done.
  await query("SELECT pg_advisory_xact_lock(hashtext('payapi ledger'), hashtext($1))", [schema]);
  const from = await versionOf(schema, query);
  if (from > expectedVersion) throw newerThanThis();
  if (from === expectedVersion) return { from, to: from };
  if (from === 0) {
    await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations
       (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
  }
  for (const [index, { name, sql }] of migrations.entries()) {
    const version = index + 1;
    if (version <= from) continue;
    await query(sql(schema));
    await query(`INSERT INTO ${schema}.migrations VALUES ($1, $2, $3)`, [version, name, startedAt]);
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
