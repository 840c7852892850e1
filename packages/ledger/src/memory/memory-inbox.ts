import { type InboxKey, type InboxRow, type InboxRows, reasonsOfMoney } from "../notifications/inbox-rows.js";
import { type Undoable, UndoMap } from "./undo-map.js";

export function createMemoryInbox(): { table: Undoable; rows: InboxRows } {
  const table = new UndoMap<InboxRow>();
  let count = 0;

  const withKey = ({ mid, listed, dedupeKey }: InboxKey) =>
    table.select((row) => row.mid === mid && row.listed === listed && row.dedupeKey === dedupeKey);

  return {
    table,
    rows: {
      newest: async (mid, { limit, before = Number.POSITIVE_INFINITY, effect }) =>
        table
          .select((row) => row.mid === mid && row.position < before)
          .filter((row) => effect === undefined || row.effect === effect)
          .reverse()
          .slice(0, limit),
      insert: async (row) => {
        const others = withKey(row);
        const isThere = others.some(
          (other) => other.fingerprint === row.fingerprint || !(other.beside || row.beside),
        );
        if (isThere) return undefined;
        table.set(row.id, { ...row, position: ++count, ...nothingYet });
        return table.get(row.id);
      },
      first: async (key) => withKey(key).find(({ beside }) => !beside),
      countRepeat: async (key, fingerprint) => {
        const row = withKey(key).find((other) => other.fingerprint === fingerprint);
        if (row !== undefined) table.set(row.id, { ...row, repeats: row.repeats + 1 });
      },
      release: async (mid, id, { actor, evidence, at }) => {
        const row = table.get(id);
        if (row?.mid !== mid || row.effect !== "quarantined") return undefined;
        table.set(id, { ...row, releasedAt: at, releasedBy: actor, releaseEvidence: evidence });
        return table.get(id);
      },
      judge: async (id, verdict) => {
        const row = table.get(id);
        if (row !== undefined) table.set(id, { ...row, ...verdict });
      },
      recogniseTid: async (id, tid) => {
        const row = table.get(id);
        if (row !== undefined) table.set(id, { ...row, tid });
      },
      reportedOtherwise: async ({ mid, kind, event, tid, dedupeKey }, orderId) => {
        const others = table
          .select((row) => row.mid === mid && row.orderId === orderId && row.tid === tid)
          .filter((row) => row.kind === kind && row.event === event && row.dedupeKey !== dedupeKey);
        if (others.some(wasBelieved)) return "believed";
        return others.length > 0 ? "kept" : undefined;
      },
    },
  };
}

function wasBelieved({ listed, releasedAt, effect, reason }: InboxRow): boolean {
  const isMoney = reason !== null && (reasonsOfMoney as readonly string[]).includes(reason);
  return (listed || releasedAt !== null) && (effect === "applied" || effect === "known" || isMoney);
}

const nothingYet = { repeats: 0, releasedAt: null, releasedBy: null, releaseEvidence: null } as const;
