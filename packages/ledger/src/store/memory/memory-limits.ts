import type { RateLimitRow, RateLimitRows, RequestRow, RequestRows, RunningRequest } from "../limit-rows.js";
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

export function createMemoryRequests(): { table: UndoMap<RequestRow>; rows: RequestRows } {
  const table = new UndoMap<RequestRow>();
  const placeOf = (mid: string, id: string) => JSON.stringify([mid, id]);
  function running({ mid, id, fingerprint }: RunningRequest): RequestRow | undefined {
    const row = table.get(placeOf(mid, id));
    const isIt = row?.answer === null && (fingerprint === undefined || row.fingerprint === fingerprint);
    return isIt ? row : undefined;
  }
  return {
    table,
    rows: {
      beginRequest: async (row, now) => {
        const before = table.get(placeOf(row.mid, row.id));
        if (before !== undefined && before.endsAt > now) return before;
        table.set(placeOf(row.mid, row.id), row);
        return undefined;
      },
      keepAnswer: async (request, answer, endsAt) => {
        const row = running(request);
        if (row !== undefined) table.set(placeOf(row.mid, row.id), { ...row, answer, endsAt });
      },
      forgetRequest: async (request) => {
        const row = running(request);
        if (row !== undefined) table.delete(placeOf(row.mid, row.id));
      },
      removeEndedRequests: async (mid, now, limit) =>
        table.prune(limit, (row) => row.mid === mid && row.endsAt <= now),
    },
  };
}
