import type { Pool } from "pg";
import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import type { ComparedDatabase, LedgerStore } from "../port.js";
import { milliseconds, type Queries, runAlone, type TextRow, transact } from "./connection.js";

/**
 * What identifies the accepted database: `server` uses the cluster, its timeline, the database and the tables; `tables` only the last two, for
 * servers that hide their timeline.
 */
export type DatabaseIdentity = "server" | "tables";

export function checkDatabaseIdentity(identity: DatabaseIdentity = "server"): DatabaseIdentity {
  if (identity !== "server" && identity !== "tables") {
    throw new LedgerError("invalid-argument", 'databaseIdentity must be "server" or "tables"');
  }
  return identity;
}

/**
 * The cluster and its timeline. A failover or a point-in-time restore changes the timeline. It is read from the log position being written, since
 * the control file is only as new as the last checkpoint.
 */
const serverParts = [
  "(SELECT system_identifier FROM pg_control_system())",
  "left(pg_walfile_name(pg_current_wal_lsn()), 8)",
];

/** The identity, as SQL. A restored dump has another OID of the database or of the table. */
export function identityOf(schema: string, identity: DatabaseIdentity): string {
  const parts = [
    ...(identity === "server" ? serverParts : ["'tables'"]),
    "(SELECT oid FROM pg_database WHERE datname = current_database())",
    `'${schema}.approvals'::regclass::oid`,
  ];
  return `concat_ws('/', ${parts.join(", ")})`;
}

/** @throws LedgerError `unsafe-database` if the server or the role hides the identity; the message says what to do */
export async function checkServerIdentity(query: Queries["query"]): Promise<void> {
  await query(`SELECT ${serverParts.join(", ")}`).catch(explainRefused);
}

/** As SQL: one row with the identity of the database that answers and the newest acceptance. */
export function comparison(schema: string, databaseIdentity: DatabaseIdentity): string {
  return `SELECT ${identityOf(schema, databaseIdentity)} AS current, identity, ${milliseconds("at")} AS at, actor, evidence,
      NOT EXISTS (SELECT FROM ${schema}.databases AS earlier WHERE earlier.id < newest.id) AS is_first
    FROM ${schema}.databases AS newest ORDER BY id DESC LIMIT 1`;
}

/** The row of {@link comparison}. */
export function readComparison(row: TextRow | undefined): ComparedDatabase {
  const { current, identity, at, actor, evidence, is_first } = row ?? {};
  if (current == null || identity == null || at == null || actor == null || evidence == null) {
    throw new LedgerError(
      "broken-rule",
      "The table databases has no row: migrateLedger writes the first one",
    );
  }
  const accepted = { identity, at: new Date(Number(at)), actor, evidence };
  return { identity: current, accepted, isFirst: is_first === "t" };
}

/** As SQL: whether the database that answers is the accepted one. */
export function isAcceptedIn(schema: string, databaseIdentity: DatabaseIdentity): string {
  return `${identityOf(schema, databaseIdentity)} = (SELECT identity FROM ${schema}.databases ORDER BY id DESC LIMIT 1)`;
}

/**
 * Physical standbys, as SQL. `pg_stat_replication` does not show the kind of a receiver, so logical ones are excluded by their slots. It does not
 * show replication below the database, which some providers use.
 */
const standbys = `SELECT FROM pg_stat_replication AS receiver WHERE NOT EXISTS (
  SELECT FROM pg_replication_slots AS slot WHERE slot.active_pid = receiver.pid AND slot.slot_type = 'logical')`;

export function postgresDatabase(
  pool: Pool,
  schema: string,
  databaseIdentity: DatabaseIdentity,
): Pick<LedgerStore, "compareDatabase" | "replication" | "acceptDatabase"> {
  return {
    async compareDatabase() {
      const text = `SELECT ${milliseconds("clock_timestamp()")} AS now, d.* FROM (${comparison(schema, databaseIdentity)}) AS d`;
      const row = await runAlone(pool, { text, values: [], readsOnly: true }).catch(explainRefused);
      return { ...readComparison(row), now: new Date(Number(row?.now)) };
    },

    async replication() {
      const text = `SELECT pg_is_in_recovery() AS is_standby, current_setting('synchronous_standby_names') <> '' AS is_synchronous, EXISTS (${standbys}) AS has_standby`;
      const row = await runAlone(pool, { text, values: [], readsOnly: true });
      if (row?.is_standby === "t") return "standby";
      if (row?.is_synchronous === "t") return "synchronous";
      return row?.has_standby === "t" ? "asynchronous" : "none";
    },

    async acceptDatabase({ identity, at, actor, evidence }) {
      await transact(pool, "write", ({ query }) =>
        query(`INSERT INTO ${schema}.databases (identity, at, actor, evidence) VALUES ($1, $2, $3, $4)`, [
          identity,
          at,
          actor,
          evidence,
        ]),
      );
    },
  };
}

/** SQLSTATEs with which servers refuse a function: wrong state, unsupported, missing, or a custom error. */
const refusals = ["55000", "0A000", "42883", "XX000", "P0001"];

export function explainRefused(error: unknown): never {
  const sqlState = error instanceof LedgerUnavailableError ? (error.sqlState ?? "") : "";
  // Every role may call these functions unless a provider revoked the right.
  const { message = "" } =
    ((error instanceof Error ? error.cause : undefined) as Partial<Error> | undefined) ?? {};
  if (sqlState === "42501" && message.includes("function")) {
    throw new LedgerError(
      "unsafe-database",
      "The ledger's role is not allowed to read which server this is, so a failover or restore would go unnoticed: GRANT EXECUTE ON FUNCTION pg_control_system(), pg_current_wal_lsn(), pg_walfile_name(pg_lsn) to the role",
      { cause: error },
    );
  }
  if (refusals.includes(sqlState)) {
    throw new LedgerError(
      "unsafe-database",
      'The server hides its timeline (pg_current_wal_lsn), so a failover or restore would go unnoticed. Standbys hide it, and Amazon Aurora hides it unless rds.logical_replication is on. Connect to the primary; or pass databaseIdentity: "tables" to migrateLedger and openLedger, and after every failover and restore compare the ledger with the gateway\'s console yourself',
      { cause: error },
    );
  }
  throw error;
}
