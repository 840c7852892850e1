import { LedgerError } from "../errors.js";
import type { LinkRow, LinkRows } from "../payment-page/link-rows.js";
import { UniqueConflict } from "../store.js";
import { type Undoable, UndoMap } from "./undo-map.js";

export function createMemoryLinks(): { table: Undoable; rows: LinkRows } {
  const table = new UndoMap<LinkRow>();

  function put(row: LinkRow): LinkRow | undefined {
    checkLink(row);
    const others = table.select(({ token, mid }) => token !== row.token && mid === row.mid);
    const ofOrder = others.filter(({ orderId }) => orderId === row.orderId);
    if (others.some(({ oid }) => oid === row.oid)) throw new UniqueConflict("links_oid");
    if (ofOrder.some(({ linkNo }) => linkNo === row.linkNo)) throw new UniqueConflict("links_number");
    if (isLive(row) && ofOrder.some(isLive)) throw new UniqueConflict("links_one_live");
    table.set(row.token, row);
    return table.get(row.token);
  }

  return {
    table,
    rows: {
      byToken: async (mid, token) => {
        const row = table.get(token);
        return row?.mid === mid ? row : undefined;
      },
      byOid: async (mid, oid) => table.select((row) => row.mid === mid && row.oid === oid)[0],
      lock: async (mid, orderId) =>
        table.select((row) => row.mid === mid && row.orderId === orderId).sort((a, b) => a.linkNo - b.linkNo),
      insert: async (row) => {
        if (table.get(row.token) !== undefined) return undefined;
        try {
          return put({ ...row, state: "making", url: null, closedAt: null });
        } catch (error) {
          if (error instanceof UniqueConflict) return undefined;
          throw error;
        }
      },
      move: async (token, from, change) => {
        const row = table.get(token);
        return row !== undefined && from.includes(row.state) ? put({ ...row, ...change }) : undefined;
      },
    },
  };
}

function isLive({ state }: LinkRow): boolean {
  return state !== "closed";
}

function checkLink({ token, oid, price, state, url }: LinkRow): void {
  const holds =
    /^[A-Za-z0-9_-]{22}$/.test(token) &&
    /^[A-Za-z0-9_-]{1,30}$/.test(oid) &&
    Number.isSafeInteger(price) &&
    price > 0 &&
    (state !== "open" || url !== null);
  if (!holds) throw new LedgerError("broken-rule", "A row would break a rule about links");
}
