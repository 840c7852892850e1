import type { RateLimitRow, RateLimitRows } from "../rate-limit-rows.js";
import { type Columns, columnList, readRow } from "./columns.js";
import type { Queries } from "./connection.js";

const attemptColumns: Columns<RateLimitRow> = {
  key: ["key", "text"],
  count: ["count", "whole"],
  endsAt: ["ends_at", "time"],
};

export function postgresRateLimits(schema: string, { query }: Queries): RateLimitRows {
  const table = `${schema}.attempt_counters`;
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
      // An UPDATE alone locks rows in whatever order it finds them.
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
