import type { RequestRow, RequestRows, RunningRequest } from "../request-rows.js";
import { UndoMap } from "./undo-map.js";

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
