import type { RateLimitRow, RateLimitRows } from "../rate-limit-rows.js";
import { UndoMap } from "./undo-map.js";

export function createMemoryRateLimits(): {
  table: UndoMap<RateLimitRow & { readonly mid: string }>;
  rows: RateLimitRows;
} {
  const table = new UndoMap<RateLimitRow & { readonly mid: string }>();
  const placeOf = (mid: string, key: string) => JSON.stringify([mid, key]);
  return {
    table,
    rows: {
      countUp: async (mid, keys, { now, endsAt }) =>
        keys.map((key) => {
          const before = table.get(placeOf(mid, key));
          const runs = before !== undefined && before.endsAt > now;
          const row = runs ? { ...before, count: before.count + 1 } : { mid, key, count: 1, endsAt };
          table.set(placeOf(mid, key), row);
          return row;
        }),
      countDown: async (mid, counters) => {
        for (const { key, endsAt } of counters) {
          const row = table.get(placeOf(mid, key));
          if (row !== undefined && Number(row.endsAt) === Number(endsAt) && row.count > 0) {
            table.set(placeOf(mid, key), { ...row, count: row.count - 1 });
          }
        }
      },
      removeEndedCounters: async (mid, now, limit) =>
        table.prune(limit, (row) => row.mid === mid && row.endsAt <= now),
    },
  };
}
