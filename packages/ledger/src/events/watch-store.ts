import type { KeyTransition } from "../billing-keys/key-rows.js";
import { viewKey } from "../billing-keys/key-view.js";
import { newId } from "../context.js";
import type { InboxVerdict, NewInboxRow } from "../notifications/inbox-rows.js";
import { given, viewOrder } from "../order-view.js";
import type { LedgerStore, LedgerTransaction, OrderRows, TransitionRow } from "../store.js";
import { eventOf } from "./derive-events.js";
import { writeData } from "./event-data.js";
import type { KeyEventKind, OrderEventKind } from "./event-types.js";

/** What a transaction wrote that may be an event, in the order it was written in. */
type Notice =
  | { readonly of: "order"; readonly line: TransitionRow }
  | { readonly of: "contradiction"; readonly approvalId: string; readonly at: Date }
  | { readonly of: "key"; readonly line: KeyTransition }
  | { readonly of: "escrow"; readonly row: NewInboxRow; readonly verdict: InboxVerdict };

/**
 * The store, with the events of each transaction written by the transaction itself. They follow from the lines it adds to
 * the timelines, so that there is no way to change an order's money and forget to tell of it.
 */
export function withEvents(mid: string, store: LedgerStore): LedgerStore {
  return {
    transaction: (work) =>
      store.transaction(async (tx) => {
        const notices: Notice[] = [];
        const result = await work(watched(tx, notices));
        await writeEvents(mid, tx, notices);
        return result;
      }),
    read: (work) => store.read(work),
    close: () => store.close(),
    ...(store.vault === undefined ? {} : { vault: store.vault }),
  };
}

function watched(tx: LedgerTransaction, notices: Notice[]): LedgerTransaction {
  const stored = new Map<string, NewInboxRow>();
  const keys = overlay(tx.keys, {
    async addKeyTransition(line: KeyTransition) {
      await tx.keys.addKeyTransition(line);
      notices.push({ of: "key", line });
    },
  });
  const inbox = overlay(tx.inbox, {
    async insert(row: NewInboxRow) {
      const inserted = await tx.inbox.insert(row);
      if (inserted !== undefined) stored.set(row.id, row);
      return inserted;
    },
    async release(...word: Parameters<LedgerTransaction["inbox"]["release"]>) {
      const released = await tx.inbox.release(...word);
      if (released !== undefined) stored.set(released.id, { ...released, listed: true });
      return released;
    },
    async judge(id: string, verdict: InboxVerdict) {
      await tx.inbox.judge(id, verdict);
      const row = stored.get(id);
      if (row?.kind === "escrow" && row.listed) notices.push({ of: "escrow", row, verdict });
    },
  });
  return overlay(tx, {
    keys,
    inbox,
    async addTransition(line: TransitionRow) {
      await tx.addTransition(line);
      notices.push({ of: "order", line });
    },
    async markContradicted(approvalId: string, at: Date) {
      const isNews = await tx.markContradicted(approvalId, at);
      if (isNews) notices.push({ of: "contradiction", approvalId, at });
      return isNews;
    },
  });
}

/** The object with some members exchanged, whatever kind of object a store made. */
function overlay<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(of, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member: unknown = Reflect.get(of, name);
      return typeof member === "function" ? member.bind(of) : member;
    },
  });
}

async function writeEvents(mid: string, tx: LedgerTransaction, notices: readonly Notice[]): Promise<void> {
  const orders = new Map<string, OrderRows>();
  const rowsOf = async (orderId: string) => {
    const rows = orders.get(orderId) ?? (await tx.ordersRows(mid, [orderId]));
    orders.set(orderId, rows);
    return rows;
  };
  const flagged = new Set<string>();
  for (const notice of notices) {
    switch (notice.of) {
      case "order": {
        const { line } = notice;
        if (!mayBeEvent(line)) break;
        const rows = await rowsOf(line.orderId);
        const kind = eventOf(line, rows);
        if (kind === undefined) break;
        // One alarm for one thing that happened, however many rows show it.
        if (kind === "needs-attention" || kind === "reversed") {
          if (flagged.has(line.orderId)) break;
          flagged.add(line.orderId);
        }
        await addOrderEvent(tx, kind, line, rows);
        break;
      }
      case "contradiction": {
        const line = lineOf(notices, notice.approvalId);
        if (line === undefined || flagged.has(line.orderId)) break;
        flagged.add(line.orderId);
        await addOrderEvent(tx, "needs-attention", line, await rowsOf(line.orderId));
        break;
      }
      case "key":
        await addKeyEvent(mid, tx, notice.line);
        break;
      case "escrow":
        await addEscrowEvent(mid, tx, notice, rowsOf);
    }
  }
}

/** Most lines say that a call is about to be made; their transactions need no further look at the order. */
function mayBeEvent({ to, what }: TransitionRow): boolean {
  return what === "notification" || what === "reversal" || (to !== "reserved" && to !== "sending");
}

/** Why an attempt was contradicted stands in the line that was written with it. */
function lineOf(notices: readonly Notice[], approvalId: string): TransitionRow | undefined {
  const lines = notices.flatMap((notice) => (notice.of === "order" ? [notice.line] : []));
  return lines.findLast((line) => line.approvalId === approvalId);
}

async function addOrderEvent(
  tx: LedgerTransaction,
  kind: OrderEventKind,
  line: TransitionRow,
  rows: OrderRows,
): Promise<void> {
  const { mid, orderId, approvalId, cancelId, at, price, tid, actor, outcome } = line;
  const { resultCode, resultMessage, failureCode: reason } = line;
  const order = viewOrder(orderId, rows);
  const said = { price, tid, actor, outcome, reason, resultCode, resultMessage };
  const data = writeData({ orderId, callId: cancelId ?? approvalId, ...said, order });
  await tx.events.addEvent({ id: newId(), mid, kind, stream: streamOf("order", orderId), at, data });
}

async function addEscrowEvent(
  mid: string,
  tx: LedgerTransaction,
  { row, verdict }: Extract<Notice, { of: "escrow" }>,
  rowsOf: (orderId: string) => Promise<OrderRows>,
): Promise<void> {
  const { orderId, effect } = verdict;
  if (orderId === null || effect === "quarantined") return;
  const order = viewOrder(orderId, await rowsOf(orderId));
  const { event: status, tid, price, receivedAt: at } = row;
  const data = writeData({ orderId, status, effect, tid, ...given({ price }), order });
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: "escrow",
    stream: streamOf("order", orderId),
    at,
    data,
  });
}

async function addKeyEvent(mid: string, tx: LedgerTransaction, line: KeyTransition): Promise<void> {
  const { keyId, rowId, to, at } = line;
  if (to !== "active" && to !== "deleted") return;
  const rows = await tx.keys.rowsOfKey(mid, keyId);
  const row = rows.find(({ id }) => id === rowId);
  // The gateway has deleted the key of an old card; that of the new one lives.
  if (row === undefined || (to === "deleted" && viewKey(rows)?.state !== "deleted")) return;
  const issued: KeyEventKind = row.replaces === null ? "key-issued" : "key-changed";
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: to === "active" ? issued : ("key-deleted" satisfies KeyEventKind),
    stream: streamOf("key", keyId),
    at,
    data: writeData({ keyId, owner: row.owner, keyKind: row.kind }),
  });
}

function streamOf(of: "order" | "key", id: string): string {
  return `${of}:${id}`;
}
