import type { Pool } from "pg";
import { inTransaction } from "./database.js";

/**
 * Ends the calls whose process fell silent: at start and every minute, in any number of processes. What was never marked was
 * not sent, since marking it fails from now on; what was marked may have been.
 */
export async function recover(pool: Pool): Promise<void> {
  for (const table of ["payment_approvals", "payment_cancels"]) {
    await inTransaction(pool, async (db) => {
      await db.query(
        `UPDATE ${table} SET state = 'not-sent'
         WHERE state = 'reserved' AND created_at < now() - interval '1 minute'`,
      );
      // Longer than the timeoutMs of createPayApi, 60 seconds: until then the process may still get a reply.
      await db.query(
        `UPDATE ${table} SET state = 'unknown'
         WHERE state = 'sending' AND sending_at < now() - interval '90 seconds'`,
      );
    });
  }
  for (const table of ["payment_attempts", "payment_requests"]) {
    await inTransaction(pool, (db) => db.query(`DELETE FROM ${table} WHERE ends_at < now()`));
  }
}
