import type { Pool } from "pg";
import type { RequestRow } from "../limit-rows.js";
import type { LedgerStore, Save } from "../port.js";
import { type Columns, columnList, readRow, readWhole } from "./columns.js";
import { milliseconds, runAlone, transact } from "./connection.js";

const requestColumns: Columns<RequestRow> = {
  id: ["id", "text"],
  fingerprint: ["fingerprint", "text"],
  answer: ["answer", "text"],
  endsAt: ["ends_at", "time"],
};

export function postgresLimits(pool: Pool, schema: string): Pick<LedgerStore, "request" | "removeEnded"> {
  return {
    async request(mid, id) {
      const text = `SELECT ${columnList(requestColumns)} FROM ${schema}.idempotency_keys WHERE mid = $1 AND id = $2`;
      const row = await runAlone(pool, { text, values: [mid, id], readsOnly: true });
      return row && readRow<RequestRow>(requestColumns, row);
    },

    removeEnded(mid, now, limit) {
      const ended = (table: string, key: string) =>
        `DELETE FROM ${schema}.${table} WHERE mid = $1 AND ${key} IN (
           SELECT ${key} FROM ${schema}.${table} WHERE mid = $1 AND ends_at <= ${timeOf("$2")}
           LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING 1`;
      const text = `WITH counters AS (${ended("rate_limits", "key")}), requests AS (${ended("idempotency_keys", "id")})
        SELECT greatest((SELECT count(*) FROM counters), (SELECT count(*) FROM requests)) AS removed`;
      return transact(pool, "write", async ({ query }) =>
        readWhole((await query(text, [mid, now ?? null, limit]))[0]?.removed),
      );
    },
  };
}

/** As SQL: a given time, or the current one. In whole milliseconds, which come back as they were stored. */
function timeOf(given: string): string {
  return `coalesce(${given}::timestamptz, date_trunc('milliseconds', statement_timestamp()))`;
}

interface Refusal {
  /** A condition of SQL. */
  readonly isRefused: string;
  /** A text of SQL. */
  readonly reason: string;
}

/** The parts that run before the guard, and may refuse the whole save. */
export function alongBefore(
  schema: string,
  { mid, along = {} }: Save,
  value: (given: unknown) => string,
): { readonly parts: string[]; readonly refusals: readonly Refusal[] } {
  const { count, begin } = along;
  const parts: string[] = [];
  const refusals: Refusal[] = [];
  if (count !== undefined) {
    const { limits, now, windowMs } = count;
    const at = timeOf(value(now ?? null));
    const endsAt = `${at} + ${value(windowMs)}::bigint * interval '1 millisecond'`;
    const given = `unnest(${value([...limits.keys()])}::text[], ${value([...limits.values()])}::bigint[])`;
    parts.push(
      `counted AS (INSERT INTO ${schema}.rate_limits AS counter (mid, key, count, ends_at)
       SELECT ${value(mid)}::text, given.key, 1, ${endsAt}
       FROM ${given} WITH ORDINALITY AS given (key, most, place) ORDER BY given.place
       ON CONFLICT (mid, key) DO UPDATE SET
         count = CASE WHEN counter.ends_at > ${at} THEN counter.count + 1 ELSE 1 END,
         ends_at = CASE WHEN counter.ends_at > ${at} THEN counter.ends_at ELSE excluded.ends_at END
       RETURNING key, count, ends_at)`,
      `full_counters AS (SELECT max(${milliseconds("counted.ends_at")} - ${milliseconds(at)}) AS wait
       FROM counted JOIN ${given} AS given (key, most) USING (key) WHERE counted.count > given.most)`,
    );
    const wait = "(SELECT wait FROM full_counters)";
    refusals.push({ isRefused: `(${wait} IS NOT NULL)`, reason: `concat_ws(' ', 'rate-limited', ${wait})` });
  }
  if (begin !== undefined) {
    const { id, fingerprint, leaseMs, now } = begin;
    const at = timeOf(value(now ?? null));
    parts.push(
      `begun AS (INSERT INTO ${schema}.idempotency_keys AS request (mid, id, fingerprint, answer, ends_at)
       VALUES (${value(mid)}, ${value(id)}, ${value(fingerprint)}, NULL,
         ${at} + ${value(leaseMs)}::bigint * interval '1 millisecond')
       ON CONFLICT (mid, id) DO UPDATE
       SET fingerprint = excluded.fingerprint, answer = excluded.answer, ends_at = excluded.ends_at
       WHERE request.ends_at <= ${at}
       RETURNING 1)`,
    );
    refusals.push({ isRefused: "(NOT EXISTS (SELECT FROM begun))", reason: "'request-known'" });
  }
  return { parts, refusals };
}

/** The parts that write if the guard has a row. */
export function alongAfter(
  schema: string,
  { mid, along = {} }: Save,
  value: (given: unknown) => string,
): readonly string[] {
  const { release, end } = along;
  const parts: string[] = [];
  if (release !== undefined && release.length > 0) {
    const keys = value(release.map(({ key }) => key));
    const ends = value(release.map(({ endsAt }) => endsAt));
    parts.push(
      `locked AS (SELECT counter.mid, counter.key, given.ends_at
       FROM unnest(${keys}::text[], ${ends}::timestamptz[]) WITH ORDINALITY AS given (key, ends_at, place)
       JOIN ${schema}.rate_limits AS counter ON counter.mid = ${value(mid)} AND counter.key = given.key
       WHERE EXISTS (SELECT FROM guard) ORDER BY given.place FOR UPDATE OF counter)`,
      `released AS (UPDATE ${schema}.rate_limits AS counter SET count = counter.count - 1 FROM locked
       WHERE counter.mid = locked.mid AND counter.key = locked.key AND counter.count > 0
         AND counter.ends_at = locked.ends_at)`,
    );
  }
  if (end !== undefined) {
    const { id, fingerprint } = end.request;
    const running = `mid = ${value(mid)} AND id = ${value(id)} AND answer IS NULL
      AND (${value(fingerprint ?? null)}::text IS NULL OR fingerprint = ${value(fingerprint ?? null)})
      AND EXISTS (SELECT FROM guard)`;
    parts.push(
      end.answer === undefined
        ? `ended AS (DELETE FROM ${schema}.idempotency_keys WHERE ${running})`
        : `ended AS (UPDATE ${schema}.idempotency_keys SET answer = ${value(end.answer)},
             ends_at = ${timeOf(value(end.now ?? null))} + ${value(end.retentionMs)}::bigint * interval '1 millisecond' WHERE ${running})`,
    );
  }
  return parts;
}
