import type {
  AttemptRequest,
  AttemptVerdict,
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
    await inTransaction(pool, async (db) => {
      const { rows } = await db.query(
        `INSERT INTO payment_attempts AS counter (key, count, ends_at)
         SELECT key, 1, clock_timestamp() + $2 * interval '1 ms' FROM unnest($1::text[]) AS key
         ON CONFLICT (key) DO UPDATE SET
           count = CASE WHEN counter.ends_at > clock_timestamp() THEN counter.count + 1 ELSE 1 END,
           ends_at = CASE WHEN counter.ends_at > clock_timestamp() THEN counter.ends_at ELSE excluded.ends_at END
         RETURNING key, count, extract(epoch FROM ends_at - clock_timestamp()) * 1000 AS left`,
        [[...limits.keys()].sort(), request.windowMs],
      );
      const full = rows.filter(({ key, count }) => count > (limits.get(key) ?? 0));
      // Rolls back: where one counter is full, none has counted.
      if (full.length > 0) throw new Full(Math.max(...full.map(({ left }) => Math.ceil(Number(left)))));
    });
    return { allowed: true };
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

export async function forgiveAttempt(pool: Pool, keys: readonly string[]): Promise<void> {
  await inTransaction(pool, (db) =>
    db.query(
      `WITH locked AS (SELECT key FROM payment_attempts WHERE key = ANY($1) ORDER BY key COLLATE "C" FOR UPDATE)
       UPDATE payment_attempts SET count = count - 1 WHERE key IN (SELECT key FROM locked) AND count > 0`,
      [keys],
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
