import type { RequestRow, RequestRows } from "../requests/request-rows.js";
import { UndoMap } from "./undo-map.js";

export function createMemoryRequests(): { table: UndoMap<RequestRow>; rows: RequestRows } {
  const table = new UndoMap<RequestRow>();
  const placeOf = (mid: string, id: string) => JSON.stringify([mid, id]);
  return {
    table,
    rows: {
      beginRequest: async (row, now) => {
        const before = table.get(placeOf(row.mid, row.id));
        if (before !== undefined && before.endsAt > now) return before;
        table.set(placeOf(row.mid, row.id), row);
        return undefined;
      },
      keepAnswer: async (mid, id, answer, endsAt) => {
        const row = table.get(placeOf(mid, id));
        if (row?.answer === null) table.set(placeOf(mid, id), { ...row, answer, endsAt });
      },
      forgetRequest: async (mid, id) => {
        if (table.get(placeOf(mid, id))?.answer === null) table.delete(placeOf(mid, id));
      },
      removeEndedRequests: async (mid, now, limit) =>
        table.prune(limit, (row) => row.mid === mid && row.endsAt <= now),
    },
  };
}
