import type { InboxKey, InboxReading, InboxRow, InboxWriting } from "./inbox-rows.js";
import { MemoryTable } from "./memory-table.js";
import { UniqueConflict } from "./store.js";

export function inboxTable(): MemoryTable<InboxRow> {
  return new MemoryTable(
    (row) => row.id,
    (row) => {
      const key = [row.mid, row.dedupeKey, row.listed];
      return new Map([
        ["inbox_body", JSON.stringify([...key, row.fingerprint])],
        ...(row.beside ? [] : [["inbox_first", JSON.stringify(key)] as const]),
      ]);
    },
  );
}

/** The operations of the port about notifications. Whatever goes in or out is a copy. */
export function memoryInbox(inbox: MemoryTable<InboxRow>): InboxReading & InboxWriting {
  const find = ({ mid, dedupeKey, listed }: InboxKey, holds: (row: InboxRow) => boolean) =>
    inbox
      .all()
      .find((row) => row.mid === mid && row.dedupeKey === dedupeKey && row.listed === listed && holds(row));
  const put = (row: InboxRow) => structuredClone(inbox.put(structuredClone(row)));
  return {
    newestNotifications: async (mid, { limit, before = Number.POSITIVE_INFINITY, effect }) =>
      structuredClone(
        inbox
          .all()
          .filter((row) => row.mid === mid && row.position < before)
          .filter((row) => effect === undefined || row.effect === effect)
          .reverse()
          .slice(0, limit),
      ),
    insertNotification: async (row) => {
      try {
        return put({ ...row, position: inbox.size + 1, repeats: 0 });
      } catch (error) {
        if (error instanceof UniqueConflict) return undefined;
        throw error;
      }
    },
    notificationByKey: async (key) => structuredClone(find(key, (row) => !row.beside)),
    countRepeat: async (key, fingerprint) => {
      const row = find(key, (other) => other.fingerprint === fingerprint);
      if (row !== undefined) put({ ...row, repeats: row.repeats + 1 });
    },
    judgeNotification: async (id, verdict) => {
      const row = inbox.get(id);
      if (row !== undefined) put({ ...row, ...verdict });
    },
    reportedOtherwise: async ({ mid, kind, event, tid, dedupeKey }) =>
      inbox
        .all()
        .some(
          (row) =>
            row.mid === mid &&
            row.tid === tid &&
            row.kind === kind &&
            row.event === event &&
            row.listed &&
            row.dedupeKey !== dedupeKey &&
            (row.effect === "applied" || row.effect === "known"),
        ),
  };
}
