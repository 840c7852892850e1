import type { DatabaseReading, DatabaseRows } from "../database-identity/database-rows.js";
import { LedgerError, LedgerUnavailableError } from "../errors.js";
import { milliseconds, type Queries } from "./connection.js";

/**
 * As SQL: the cluster, its timeline, the database and the table. A standby that took over and a restore to a point in time
 * have another timeline, a dump that was restored has another table. The timeline is that of the log being written: the
 * one in the control file is only as new as the last checkpoint.
 */
function identityOf(schema: string): string {
  const parts = [
    "(SELECT system_identifier FROM pg_control_system())",
    "left(pg_walfile_name(pg_current_wal_lsn()), 8)",
    "(SELECT oid FROM pg_database WHERE datname = current_database())",
    `'${schema}.approvals'::regclass::oid`,
  ];
  return `concat_ws('/', ${parts.join(", ")})`;
}

export function postgresDatabaseReading(schema: string, { query }: Queries): DatabaseReading {
  return {
    async compare() {
      const [row] = await query(
        `SELECT ${identityOf(schema)} AS current, identity, ${milliseconds("at")} AS at, actor, evidence
         FROM ${schema}.databases ORDER BY id DESC LIMIT 1`,
      ).catch(explainDenied);
      const { current, identity, at, actor, evidence } = row ?? {};
      if (current == null || identity == null || at == null || actor == null || evidence == null) {
        throw new LedgerError("broken-rule", "No database was ever accepted");
      }
      return { identity: current, accepted: { identity, at: new Date(Number(at)), actor, evidence } };
    },
  };
}

export function postgresDatabase(schema: string, queries: Queries): DatabaseRows {
  return {
    ...postgresDatabaseReading(schema, queries),
    async accept({ identity, at, actor, evidence }) {
      await queries.query(
        `INSERT INTO ${schema}.databases (identity, at, actor, evidence) VALUES ($1, $2, $3, $4)`,
        [identity, at, actor, evidence],
      );
    },
  };
}

/** Everybody may ask unless a provider took the right away. */
function explainDenied(error: unknown): never {
  if (error instanceof LedgerUnavailableError && error.sqlState === "42501") {
    throw new LedgerError(
      "unsafe-database",
      "The ledger's role may not ask which database it is: GRANT EXECUTE ON FUNCTION pg_control_system() to it",
      { cause: error },
    );
  }
  throw error;
}
