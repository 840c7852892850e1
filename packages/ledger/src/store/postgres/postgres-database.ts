import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import type { ComparedDatabase, DatabaseReading, DatabaseRows } from "../port.js";
import { milliseconds, type Queries, type TextRow } from "./connection.js";

/**
 * What is compared with the database that was accepted: `server`, all of it; `tables`, for servers that do not say more, only
 * what a dump that was restored differs in.
 */
export type DatabaseIdentity = "server" | "tables";

export function checkDatabaseIdentity(identity: DatabaseIdentity = "server"): DatabaseIdentity {
  if (identity !== "server" && identity !== "tables") {
    throw new LedgerError("invalid-argument", 'databaseIdentity must be "server" or "tables"');
  }
  return identity;
}

/**
 * The cluster and its timeline. A standby that took over and a restore to a point in time have another timeline. It is that of
 * the log being written: the one in the control file is only as new as the last checkpoint.
 */
const serverParts = [
  "(SELECT system_identifier FROM pg_control_system())",
  "left(pg_walfile_name(pg_current_wal_lsn()), 8)",
];

/** As SQL. A dump that was restored has another database or another table. */
export function identityOf(schema: string, identity: DatabaseIdentity): string {
  const parts = [
    ...(identity === "server" ? serverParts : ["'tables'"]),
    "(SELECT oid FROM pg_database WHERE datname = current_database())",
    `'${schema}.approvals'::regclass::oid`,
  ];
  return `concat_ws('/', ${parts.join(", ")})`;
}

/** @throws LedgerError `unsafe-database` when this server or role does not let us know; the message says what to do */
export async function checkServerIdentity(query: Queries["query"]): Promise<void> {
  await query(`SELECT ${serverParts.join(", ")}`).catch(explainRefused);
}

/** As SQL: one row with the database that answers and the newest entry about what was accepted. */
export function comparison(schema: string, databaseIdentity: DatabaseIdentity): string {
  return `SELECT ${identityOf(schema, databaseIdentity)} AS current, identity, ${milliseconds("at")} AS at, actor, evidence,
      NOT EXISTS (SELECT FROM ${schema}.databases AS earlier WHERE earlier.id < newest.id) AS is_first
    FROM ${schema}.databases AS newest ORDER BY id DESC LIMIT 1`;
}

/** The row of {@link comparison}. */
export function readComparison(row: TextRow | undefined): ComparedDatabase {
  const { current, identity, at, actor, evidence, is_first } = row ?? {};
  if (current == null || identity == null || at == null || actor == null || evidence == null) {
    throw new LedgerError("broken-rule", "No database was ever accepted");
  }
  const accepted = { identity, at: new Date(Number(at)), actor, evidence };
  return { identity: current, accepted, isFirst: is_first === "t" };
}

/** As SQL: whether the database that answers is the one that was accepted last. */
export function isAcceptedIn(schema: string, databaseIdentity: DatabaseIdentity): string {
  return `${identityOf(schema, databaseIdentity)} = (SELECT identity FROM ${schema}.databases ORDER BY id DESC LIMIT 1)`;
}

export function postgresDatabaseReading(
  schema: string,
  { query, alongside }: Queries,
  databaseIdentity: DatabaseIdentity,
): DatabaseReading {
  return {
    async compare() {
      const [row] =
        alongside === undefined
          ? await query(comparison(schema, databaseIdentity)).catch(explainRefused)
          : [alongside];
      return readComparison(row);
    },
  };
}

export function postgresDatabase(
  schema: string,
  queries: Queries,
  databaseIdentity: DatabaseIdentity,
): DatabaseRows {
  return {
    ...postgresDatabaseReading(schema, queries, databaseIdentity),
    async accept({ identity, at, actor, evidence }) {
      await queries.query(
        `INSERT INTO ${schema}.databases (identity, at, actor, evidence) VALUES ($1, $2, $3, $4)`,
        [identity, at, actor, evidence],
      );
    },
  };
}

/** How a server says no to a function: not in this state, not supported, not there, or in words of its own. */
const refusals = ["55000", "0A000", "42883", "XX000", "P0001"];

export function explainRefused(error: unknown): never {
  const sqlState = error instanceof LedgerUnavailableError ? (error.sqlState ?? "") : "";
  // Everybody may ask unless a provider took the right away.
  const { message = "" } =
    ((error instanceof Error ? error.cause : undefined) as Partial<Error> | undefined) ?? {};
  if (sqlState === "42501" && message.includes("function")) {
    throw new LedgerError(
      "unsafe-database",
      "The ledger's role may not ask which server this is: GRANT EXECUTE ON FUNCTION pg_control_system(), pg_current_wal_lsn(), pg_walfile_name(pg_lsn) to it",
      { cause: error },
    );
  }
  if (refusals.includes(sqlState)) {
    throw new LedgerError(
      "unsafe-database",
      'This server does not say which timeline it writes (pg_current_wal_lsn), so no failover or restore would be noticed. A standby does not, nor does Amazon Aurora unless rds.logical_replication is on. To do without, give databaseIdentity: "tables" to migrateLedger and openLedger, and compare with the gateway\'s console after every failover and restore by yourself',
      { cause: error },
    );
  }
  throw error;
}
