import { LedgerError } from "./errors.js";
import type { LinkReading, LinkRow, LinkWriting } from "./link-rows.js";
import { MemoryTable } from "./memory-table.js";
import { UniqueConflict } from "./store.js";

export function linkTable(): MemoryTable<LinkRow> {
  return new MemoryTable(
    (row) => row.token,
    ({ mid, oid, orderId, linkNo, state }) =>
      new Map([
        ["links_oid", JSON.stringify([mid, oid])],
        ["links_number", JSON.stringify([mid, orderId, linkNo])],
        ...(state === "closed" ? [] : [["links_one_live", JSON.stringify([mid, orderId])] as const]),
      ]),
  );
}

/** The operations of the port about links. Whatever goes in or out is a copy. */
export function memoryLinks(links: MemoryTable<LinkRow>): LinkReading & LinkWriting {
  const find = (holds: (row: LinkRow) => boolean) => structuredClone(links.all().find(holds));
  const put = (row: LinkRow) => structuredClone(links.put(structuredClone(checked(row))));
  return {
    linkByToken: async (mid, token) => find((row) => row.mid === mid && row.token === token),
    linkByOid: async (mid, oid) => find((row) => row.mid === mid && row.oid === oid),
    lockLinks: async (mid, orderId) =>
      structuredClone(
        links
          .all()
          .filter((row) => row.mid === mid && row.orderId === orderId)
          .sort((a, b) => a.linkNo - b.linkNo),
      ),
    insertLink: async (row) => {
      if (links.get(row.token) !== undefined) return undefined;
      try {
        return put({ ...row, state: "making", url: null, closedAt: null });
      } catch (error) {
        if (error instanceof UniqueConflict) return undefined;
        throw error;
      }
    },
    moveLink: async (token, from, change) => {
      const row = links.get(token);
      return row !== undefined && from.includes(row.state) ? put({ ...row, ...change }) : undefined;
    },
  };
}

function checked(row: LinkRow): LinkRow {
  const holds =
    /^[A-Za-z0-9_-]{22}$/.test(row.token) &&
    /^[A-Za-z0-9_-]{1,30}$/.test(row.oid) &&
    Number.isSafeInteger(row.price) &&
    row.price > 0 &&
    (row.state !== "open" || row.url !== null);
  if (!holds) throw new LedgerError("broken-rule", "A link would break a rule");
  return row;
}
