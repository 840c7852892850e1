import type { RateLimitRow, RateLimitRows, RequestRow, RequestRows, RunningRequest } from "../limit-rows.js";
import type { Save } from "../port.js";
import { type Columns, columnList, readRow } from "./columns.js";
import type { Queries } from "./connection.js";
import { milliseconds } from "./connection.js";

const attemptColumns: Columns<RateLimitRow> = {
  key: ["key", "text"],
  count: ["count", "whole"],
  endsAt: ["ends_at", "time"],
};

export function postgresRateLimits(schema: string, { query }: Queries): RateLimitRows {
  const table = `${schema}.rate_limits`;
  return {
    async countUp(mid, keys, { now, endsAt }) {
      const rows = await query(
        `INSERT INTO ${table} AS counter (mid, key, count, ends_at)
         SELECT $1, given.key, 1, $3::timestamptz FROM unnest($2::text[]) WITH ORDINALITY AS given (key, place)
         ORDER BY given.place
         ON CONFLICT (mid, key) DO UPDATE SET
           count = CASE WHEN counter.ends_at > $4 THEN counter.count + 1 ELSE 1 END,
           ends_at = CASE WHEN counter.ends_at > $4 THEN counter.ends_at ELSE excluded.ends_at END
         RETURNING ${columnList(attemptColumns)}`,
        [mid, keys, endsAt, now],
      );
      return rows.map((row) => readRow(attemptColumns, row));
    },

    async countDown(mid, counters) {
      // Locked in order of the keys first: an UPDATE alone locks rows in any order, which could deadlock.
      await query(
        `WITH locked AS (
           SELECT counter.key, given.ends_at
           FROM unnest($2::text[], $3::timestamptz[]) WITH ORDINALITY AS given (key, ends_at, place)
           JOIN ${table} AS counter ON counter.mid = $1 AND counter.key = given.key
           ORDER BY given.place FOR UPDATE OF counter)
         UPDATE ${table} AS counter SET count = counter.count - 1 FROM locked
         WHERE counter.mid = $1 AND counter.key = locked.key AND counter.count > 0 AND counter.ends_at = locked.ends_at`,
        [mid, counters.map(({ key }) => key), counters.map(({ endsAt }) => endsAt)],
      );
    },

    async removeEndedCounters(mid, now, limit) {
      const rows = await query(
        `DELETE FROM ${table} WHERE mid = $1 AND key IN (
           SELECT key FROM ${table} WHERE mid = $1 AND ends_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING key`,
        [mid, now, limit],
      );
      return rows.length;
    },
  };
}

const requestColumns: Columns<RequestRow> = {
  mid: ["mid", "text"],
  id: ["id", "text"],
  fingerprint: ["fingerprint", "text"],
  answer: ["answer", "text"],
  endsAt: ["ends_at", "time"],
};

const running = "mid = $1 AND id = $2 AND answer IS NULL AND ($3::text IS NULL OR fingerprint = $3)";
const valuesOf = ({ mid, id, fingerprint }: RunningRequest) => [mid, id, fingerprint ?? null];

export function postgresRequests(schema: string, { query }: Queries): RequestRows {
  const table = `${schema}.idempotency_keys`;
  return {
    async beginRequest({ mid, id, fingerprint, answer, endsAt }, now) {
      const begun = await query(
        `INSERT INTO ${table} AS request (mid, id, fingerprint, answer, ends_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (mid, id) DO UPDATE
         SET fingerprint = excluded.fingerprint, answer = excluded.answer, ends_at = excluded.ends_at
         WHERE request.ends_at <= $6
         RETURNING id`,
        [mid, id, fingerprint, answer, endsAt, now],
      );
      if (begun.length > 0) return undefined;
      // ON CONFLICT has locked the row without updating it, so it can't be deleted before it is read.
      const [row] = await query(
        `SELECT ${columnList(requestColumns)} FROM ${table} WHERE mid = $1 AND id = $2`,
        [mid, id],
      );
      return row && readRow(requestColumns, row);
    },

    async keepAnswer(request, answer, endsAt) {
      await query(`UPDATE ${table} SET answer = $4, ends_at = $5 WHERE ${running}`, [
        ...valuesOf(request),
        answer,
        endsAt,
      ]);
    },

    async forgetRequest(request) {
      await query(`DELETE FROM ${table} WHERE ${running}`, valuesOf(request));
    },

    async removeEndedRequests(mid, now, limit) {
      const rows = await query(
        `DELETE FROM ${table} WHERE mid = $1 AND id IN (
           SELECT id FROM ${table} WHERE mid = $1 AND ends_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
        [mid, now, limit],
      );
      return rows.length;
    },
  };
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
    const { limits, now, endsAt } = count;
    const at = `${value(now)}::timestamptz`;
    const given = `unnest(${value([...limits.keys()])}::text[], ${value([...limits.values()])}::bigint[])`;
    parts.push(
      `counted AS (INSERT INTO ${schema}.rate_limits AS counter (mid, key, count, ends_at)
       SELECT ${value(mid)}::text, given.key, 1, ${value(endsAt)}::timestamptz
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
    const { id, fingerprint, answer, endsAt } = begin.row;
    parts.push(
      `begun AS (INSERT INTO ${schema}.idempotency_keys AS request (mid, id, fingerprint, answer, ends_at)
       VALUES (${value(mid)}, ${value(id)}, ${value(fingerprint)}, ${value(answer)}, ${value(endsAt)})
       ON CONFLICT (mid, id) DO UPDATE
       SET fingerprint = excluded.fingerprint, answer = excluded.answer, ends_at = excluded.ends_at
       WHERE request.ends_at <= ${value(begin.now)}
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
    const from = () => `coalesce(${value(end.now ?? null)}::timestamptz, clock_timestamp())`;
    parts.push(
      end.answer === undefined
        ? `ended AS (DELETE FROM ${schema}.idempotency_keys WHERE ${running})`
        : `ended AS (UPDATE ${schema}.idempotency_keys SET answer = ${value(end.answer)},
             ends_at = ${from()} + ${value(end.retentionMs)}::bigint * interval '1 millisecond' WHERE ${running})`,
    );
  }
  return parts;
}
