import type { OptionNames } from "@payapi/core";
import { LedgerError, LedgerUnavailableError } from "../errors.js";
import { checkOptionNames } from "../option-names.js";
import { UniqueConflict } from "../store.js";
import { type Database, openPool, type Queries, transact } from "./connection.js";
import { migrations } from "./migrations/index.js";
import { checkDatabaseIdentity, checkServerIdentity, type DatabaseIdentity } from "./postgres-database.js";
import { defaultSchema, quotedSchema } from "./schema-name.js";

/** What a migration did: the versions before and after, equal when there was nothing to do. */
export interface Migration {
  readonly from: number;
  readonly to: number;
}

/** The version this package works with. */
export const expectedVersion = migrations.length;

/** How the tables are brought up to date. */
export interface MigrateOptions {
  /** Where the tables are, `payapi`. */
  readonly schema?: string;
  /**
   * How long it waits for each lock on a table that is in use, in milliseconds: 5000. Payments wait behind it meanwhile, and
   * fail after 10 s.
   */
  readonly lockTimeoutMs?: number;
  /** As for `openLedger`, and the same. */
  readonly databaseIdentity?: DatabaseIdentity;
}

const optionNames = {
  schema: true,
  lockTimeoutMs: true,
  databaseIdentity: true,
} satisfies OptionNames<MigrateOptions>;

/**
 * Brings the ledger's tables to the version this package works with, or changes nothing. Safe to run at any time and
 * from several processes at once. Needs the right to create a schema only while there is something to do. However many rows
 * there are, it takes the time it needs; payments wait meanwhile, since the tables are locked until it commits.
 *
 * @param database a connection string or a pool
 * @throws LedgerError `not-migrated` when the tables belong to a newer version of this package, `unsafe-database` when the
 * server does not say which one it is, `broken-rule` when rows break a rule of the new version: the message names it
 * @throws LedgerUnavailableError with the `sqlState` 55P03 when the tables stayed in use; nothing was changed
 */
export async function migrateLedger(database: Database, options: MigrateOptions = {}): Promise<Migration> {
  checkOptionNames(options, optionNames, "the type MigrateOptions of @payapi/ledger");
  const schema = quotedSchema(options.schema ?? defaultSchema);
  const how = {
    lockTimeoutMs: checkLockTimeout(options.lockTimeoutMs ?? 5_000),
    databaseIdentity: checkDatabaseIdentity(options.databaseIdentity),
  };
  const { pool, close } = openPool(database);
  try {
    return await transact(pool, "migrate", (queries) => migrate(schema, queries, how));
  } catch (error) {
    throw explained(error);
  } finally {
    await close();
  }
}

async function migrate(
  schema: string,
  { query, startedAt }: Queries,
  { lockTimeoutMs, databaseIdentity }: Required<Omit<MigrateOptions, "schema">>,
): Promise<Migration> {
  // Two processes starting at once take turns, however long the first one takes; the second one finds everything done.
  await query("SELECT pg_advisory_xact_lock(hashtext('payapi ledger'), hashtext($1))", [schema]);
  const from = await versionOf(schema, query);
  if (from > expectedVersion) throw newerThanThis();
  if (from === expectedVersion) return { from, to: from };
  if (databaseIdentity === "server") await checkServerIdentity(query);
  await query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
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
    await query(sql(schema, databaseIdentity));
    await query(`INSERT INTO ${schema}.migrations VALUES ($1, $2, $3)`, [version, name, startedAt]);
  }
  return { from, to: expectedVersion };
}

function checkLockTimeout(ms: number): number {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > 2 ** 31 - 1) {
    throw new LedgerError(
      "invalid-argument",
      "lockTimeoutMs must be a whole number of milliseconds, at least 1",
    );
  }
  return ms;
}

function explained(error: unknown): unknown {
  if (error instanceof LedgerUnavailableError && error.sqlState === "55P03") return stillInUse(error);
  const rule = brokenRuleOf(error);
  if (rule === undefined) return error;
  return new LedgerError(
    "broken-rule",
    `Rows of this database break the rule ${rule} of the new version, so nothing was changed: the guide to the ledger's PostgreSQL says how to find them; put them right by hand, and migrate again`,
    { cause: error },
  );
}

function brokenRuleOf(error: unknown): string | undefined {
  if (error instanceof UniqueConflict) return error.constraint;
  if (!(error instanceof LedgerError) || error.code !== "broken-rule") return undefined;
  const { constraint } = error.cause as { readonly constraint?: unknown };
  return typeof constraint === "string" ? constraint : undefined;
}

function stillInUse(cause: LedgerUnavailableError): LedgerUnavailableError {
  return new LedgerUnavailableError(
    "The ledger's tables are in use by a transaction that does not end (55P03), so nothing was changed: end it, such as a backup or a forgotten session, or stop the shop, and migrate again; or give a longer lockTimeoutMs",
    cause.sqlState,
    { cause },
  );
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
