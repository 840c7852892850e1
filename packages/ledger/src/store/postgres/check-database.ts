import type { Pool } from "pg";
import type { LedgerWarning } from "../../commands/warnings.js";
import { LedgerError } from "../../errors.js";
import { transact } from "./connection.js";
import { expectedVersion, newerThanThis, versionOf } from "./migrate.js";

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
