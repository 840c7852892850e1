import type {
  AttemptRequest,
  AttemptVerdict,
  CounterWindow,
  RememberedRequest,
  RequestBeginning,
  RequestName,
  StoredAnswer,
} from "@payapi/core";
import type { Pool } from "pg";
import { inTransaction } from "./database.js";

/** One statement counts everywhere, in one order for all processes, so that they never wait for each other in a circle. */
export async function countAttempt(pool: Pool, request: AttemptRequest): Promise<AttemptVerdict> {
  const limits = new Map(request.counters.map(({ key, limit }) => [key, limit]));
  try {
    return await inTransaction(pool, async (db): Promise<AttemptVerdict> => {
      const { rows } = await db.query(
        `INSERT INTO payment_attempts AS counter (key, count, ends_at)
         SELECT key, 1, clock_timestamp() + $2 * interval '1 ms' FROM unnest($1::text[]) AS key
         ON CONFLICT (key) DO UPDATE SET
           count = CASE WHEN counter.ends_at > clock_timestamp() THEN counter.count + 1 ELSE 1 END,
           ends_at = CASE WHEN counter.ends_at > clock_timestamp() THEN counter.ends_at ELSE excluded.ends_at END
         RETURNING key, count, extract(epoch FROM ends_at)::text AS ends,
           extract(epoch FROM ends_at - clock_timestamp()) * 1000 AS left`,
        [[...limits.keys()].sort(), request.windowMs],
      );
      const full = rows.filter(({ key, count }) => count > (limits.get(key) ?? 0));
      // Rolls back: where one counter is full, none has counted.
      if (full.length > 0) throw new Full(Math.max(...full.map(({ left }) => Math.ceil(Number(left)))));
      return { allowed: true, counted: rows.map(({ key, ends }) => ({ key, window: ends })) };
    });
  } catch (error) {
    if (error instanceof Full) return { allowed: false, retryAfterMs: Math.max(1, error.retryAfterMs) };
    throw error;
  }
}

class Full extends Error {
  constructor(readonly retryAfterMs: number) {
    super("A counter is full");
  }
}

/** What was counted in a window that is over has no place in the next one, where it would free an attempt of somebody else. */
export async function forgiveAttempt(pool: Pool, counted: readonly CounterWindow[]): Promise<void> {
  await inTransaction(pool, (db) =>
    db.query(
      `WITH locked AS (
         SELECT key, given.ends FROM payment_attempts JOIN unnest($1::text[], $2::text[]) AS given (key, ends) USING (key)
         ORDER BY key COLLATE "C" FOR UPDATE OF payment_attempts)
       UPDATE payment_attempts AS counter SET count = count - 1 FROM locked
       WHERE counter.key = locked.key AND extract(epoch FROM counter.ends_at)::text = locked.ends AND count > 0`,
      [counted.map(({ key }) => key), counted.map(({ window }) => window)],
    ),
  );
}

export function beginRequest(pool: Pool, request: RememberedRequest): Promise<RequestBeginning> {
  const { scope, key, fingerprint, leaseMs } = request;
  return inTransaction(pool, async (db): Promise<RequestBeginning> => {
    const { rowCount } = await db.query(
      `INSERT INTO payment_requests AS request (scope, key, fingerprint, ends_at)
       VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms')
       ON CONFLICT (scope, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, answer = NULL, ends_at = excluded.ends_at
       WHERE request.ends_at <= clock_timestamp()`,
      [scope, key, fingerprint, leaseMs],
    );
    if (rowCount === 1) return { status: "new" };
    // The conflict has locked the row, so it is still there.
    const { rows } = await db.query("SELECT * FROM payment_requests WHERE scope = $1 AND key = $2", [
      scope,
      key,
    ]);
    if (rows[0].fingerprint !== fingerprint) return { status: "different" };
    if (rows[0].answer === null) return { status: "in-progress" };
    return { status: "done", answer: JSON.parse(rows[0].answer) };
  });
}

export async function endRequest(
  pool: Pool,
  { scope, key }: RequestName,
  answer: StoredAnswer | undefined,
): Promise<void> {
  await inTransaction(pool, (db) =>
    answer === undefined
      ? db.query("DELETE FROM payment_requests WHERE scope = $1 AND key = $2 AND answer IS NULL", [
          scope,
          key,
        ])
      : db.query(
          `UPDATE payment_requests SET answer = $3, ends_at = now() + interval '24 hours'
           WHERE scope = $1 AND key = $2 AND answer IS NULL`,
          [scope, key, JSON.stringify(answer)],
        ),
  );
}
