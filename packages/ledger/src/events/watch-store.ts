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
  | { readonly of: "escrow" | "notification"; readonly row: NewInboxRow; readonly verdict: InboxVerdict };

type InboxNotice = Extract<Notice, { row: NewInboxRow }>;

/**
 * The store, with the events of each transaction written by the transaction itself. They follow from the lines it adds to
 * the timelines, so that there is no way to change an order's money and forget to tell of it.
 */
export function withEvents(mid: string, store: LedgerStore): LedgerStore {
  return {
    transaction: (work, options) =>
      store.transaction(async (tx) => {
        const notices: Notice[] = [];
        const result = await work(watched(tx, notices));
        await writeEvents(mid, tx, notices);
        return result;
      }, options),
    read: (work) => store.read(work),
    close: () => store.close(),
    ...(store.vault === undefined ? {} : { vault: store.vault }),
  };
}

function watched(tx: LedgerTransaction, notices: Notice[]): LedgerTransaction {
  const stored = new Map<string, NewInboxRow>();
  const released = new Set<string>();
  /** Anybody can write from a source that is not listed, as often as they like. */
  function notify(row: NewInboxRow, verdict: InboxVerdict): void {
    if (row.listed && needsAttention(verdict)) notices.push({ of: "notification", row, verdict });
  }
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
      // The same event with another body is judged by that alone.
      if (inserted !== undefined && row.beside) notify(row, row);
      return inserted;
    },
    async release(...word: Parameters<LedgerTransaction["inbox"]["release"]>) {
      const row = await tx.inbox.release(...word);
      if (row !== undefined) {
        stored.set(row.id, { ...row, listed: true });
        released.add(row.id);
      }
      return row;
    },
    async recogniseTid(id: string, tid: string) {
      await tx.inbox.recogniseTid(id, tid);
      const row = stored.get(id);
      if (row !== undefined) stored.set(id, { ...row, tid });
    },
    async judge(id: string, verdict: InboxVerdict) {
      await tx.inbox.judge(id, verdict);
      const row = stored.get(id);
      if (row?.kind === "escrow" && row.listed) notices.push({ of: "escrow", row, verdict });
      // Whoever releases one is told what became of it.
      if (row !== undefined && !released.has(id)) notify(row, verdict);
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

function needsAttention({ effect }: InboxVerdict): boolean {
  return effect === "quarantined" || effect === "conflicting";
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
        await addOrderEvent(tx, kind, kind === "approved" ? await lineOfApproval(tx, line) : line, rows);
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
        break;
      case "notification":
        // Its line in the order's timeline was the alarm.
        if (!flagged.has(notice.verdict.orderId ?? "")) await addNotificationEvent(mid, tx, notice);
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

/** A payment that a network cancel held back is told of when that one has ended, in the words of its own line. */
async function lineOfApproval(tx: LedgerTransaction, line: TransitionRow): Promise<TransitionRow> {
  if (line.what === "approval") return line;
  const lines = await tx.transitions(line.mid, line.orderId);
  const own = lines.findLast(
    ({ what, approvalId, from, to }) =>
      what === "approval" && approvalId === line.approvalId && to === "approved" && from !== to,
  );
  return own === undefined ? { ...line, cancelId: null } : { ...own, at: line.at };
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
  { row, verdict }: InboxNotice,
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

/** Nothing of the gateway's own words: whoever wants to read them looks it up. */
async function addNotificationEvent(
  mid: string,
  tx: LedgerTransaction,
  { row, verdict }: InboxNotice,
): Promise<void> {
  const { id: notificationId, kind: notificationKind, price, receivedAt: at } = row;
  const { effect, reason, orderId } = verdict;
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: "notification-needs-attention",
    stream: streamOf("notification", notificationId),
    at,
    data: writeData({ notificationId, notificationKind, effect, reason, orderId, price }),
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

function streamOf(of: "order" | "key" | "notification", id: string): string {
  return `${of}:${id}`;
}
