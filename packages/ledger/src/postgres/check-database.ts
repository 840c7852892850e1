import type { Pool } from "pg";
import { LedgerError } from "../errors.js";
import { transact } from "./connection.js";
import { expectedVersion, newerThanThis, versionOf } from "./migrate.js";

/**
 * Refuses a database that could forget what it confirmed, and tables of another version.
 *
 * @throws LedgerError `unsafe-database` or `not-migrated`; the message says what to do
 */
export async function checkDatabase(pool: Pool, schema: string): Promise<void> {
  await transact(pool, "read", async ({ query }) => {
    const [server] = await query(
      `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS pages, current_setting('server_encoding') AS encoding,
         pg_is_in_recovery() AS recovering`,
    );
    if (Number(server?.version) < 150_000) throw unsafe("PostgreSQL 15 or newer is needed");
    if (server?.fsync !== "on") throw unsafe("fsync is off, so a power cut would lose payments: turn it on");
    if (server?.pages !== "on")
      throw unsafe("full_page_writes is off, so a power cut would lose payments: turn it on");
    if (server?.encoding !== "UTF8")
      throw unsafe("its encoding is not UTF8, so it cannot keep the gateway's Korean messages: use another");
    if (server?.recovering !== "f") throw unsafe("this is a standby: connect to the primary");

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
