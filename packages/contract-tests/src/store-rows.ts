import { randomUUID } from "node:crypto";
import {
  type ApprovalRow,
  type CancelRow,
  type Changes,
  type LedgerStore,
  type LinkRow,
  ledgerAccounts,
  type NewEvent,
  type NewNotificationRow,
  type Posting,
  type Save,
  type SaveResult,
  type TransitionRow,
} from "@payapi/ledger/internal";
import { expect } from "vitest";

export const price = 1_000;
export const at = new Date("2026-05-01T00:00:00.123Z");
export const later = (ms: number) => new Date(at.getTime() + ms);
/** A call in flight has a deadline. */
export const times = { sendingAt: at, deadlineAt: at };

/** The store under test, and a merchant of its own. */
export interface Opened {
  readonly store: LedgerStore;
  readonly mid: string;
}

/** The writes of a save that a test needs. */
export type Written = Partial<Omit<Changes, "events">> & { readonly events?: readonly NewEvent[] };

const nothing: Omit<Changes, "events"> = {
  entries: 0,
  reviewed: false,
  approvals: [],
  cancels: [],
  links: [],
  audit: [],
  postings: [],
};
const noReply = { resultCode: null, resultMessage: null, failureCode: null, reportedPrice: null };
const notYet = { settledBy: null, createdAt: at, sendingAt: null, deadlineAt: null, settledAt: null };
const consumer = "shop";
const generation = randomUUID();

/** Rows of the merchant that was opened, and short ways to write and read them. */
export function rowsFor(opened: () => Opened) {
  function attempt(orderId: string, row: Partial<ApprovalRow> = {}): ApprovalRow {
    const { attemptNo = 1 } = row;
    return {
      id: randomUUID(),
      mid: opened().mid,
      orderId,
      attemptNo,
      oid: `${orderId}-${attemptNo}`,
      payType: "card",
      price,
      state: "reserved",
      tid: null,
      authTid: null,
      applNum: null,
      partlyCancellable: null,
      approvedAt: null,
      remaining: 0,
      held: 0,
      openCancel: null,
      mismatchAt: null,
      mismatches: [],
      deposits: [],
      netCancelAt: null,
      accountNumber: null,
      accountBank: null,
      accountHolder: null,
      accountDueAt: null,
      ...noReply,
      ...notYet,
      ...row,
    };
  }

  function approved(orderId: string, row: Partial<ApprovalRow> = {}): ApprovalRow {
    return attempt(orderId, { state: "approved", tid: `tid-${orderId}`, remaining: price, ...row });
  }

  function cancel(approvalId: string, row: Partial<CancelRow> = {}): CancelRow {
    return {
      id: randomUUID(),
      mid: opened().mid,
      approvalId,
      seq: 1,
      operation: "payments.cancelPartially",
      netCancel: false,
      cancelPrice: 300,
      confirmPrice: 700,
      state: "reserved",
      cancelTid: null,
      actor: "kim",
      reportedRemaining: null,
      cancelledAt: null,
      repeats: 0,
      unsentRepeats: 0,
      repeatAt: null,
      ...noReply,
      ...notYet,
      ...row,
    };
  }

  function link(orderId: string, row: Partial<LinkRow> = {}): LinkRow {
    const { linkNo = 1 } = row;
    return {
      token: randomUUID().replaceAll("-", "").slice(0, 22),
      mid: opened().mid,
      orderId,
      linkNo,
      oid: `${orderId}-L${linkNo}`,
      payType: "card",
      price,
      state: "making",
      url: null,
      createdAt: at,
      openUntil: later(1_000),
      closedAt: null,
      ...row,
    };
  }

  function entry(approval: { id: string; orderId: string }, row: Partial<TransitionRow> = {}): TransitionRow {
    return {
      at,
      mid: opened().mid,
      orderId: approval.orderId,
      approvalId: approval.id,
      cancelId: null,
      what: "approval",
      from: null,
      to: "reserved",
      actor: null,
      outcome: null,
      price,
      tid: null,
      failureCode: null,
      resultCode: null,
      resultMessage: "정상",
      evidence: null,
      ...row,
    };
  }

  function posting(approvalId: string, gateway: number, paid: number): Posting {
    return {
      at,
      approvalId,
      cancelId: null,
      entries: [
        { account: "gateway", amount: gateway },
        { account: "paid", amount: paid },
      ],
    };
  }

  function event(orderingKey: string, data: object = {}): NewEvent {
    return {
      id: randomUUID(),
      mid: opened().mid,
      kind: "approved",
      orderingKey,
      at,
      data: JSON.stringify(data),
    };
  }

  function notification(dedupeKey: string, row: Partial<NewNotificationRow> = {}): NewNotificationRow {
    return {
      id: randomUUID(),
      mid: opened().mid,
      dedupeKey,
      beside: false,
      fingerprint: "f",
      kind: "deposit",
      event: "deposited",
      oid: "a-L1",
      tid: "t1",
      price,
      account: "1",
      occurredAt: at,
      fields: { 'a "quoted" name': "값", constructor: "x" },
      source: "203.0.113.1",
      listed: true,
      effect: "applied",
      reason: null,
      orderId: "a",
      receivedAt: at,
      ...row,
    };
  }

  /** Saves changes of an order that is at this version. */
  function save(
    orderId: string,
    version: number,
    changes: Written,
    more: Partial<Save> = {},
  ): Promise<SaveResult> {
    const { store, mid } = opened();
    const { events = [], ...rows } = changes;
    const order = { orderId, version, changes: { ...nothing, ...rows } };
    return store.save({ mid, order, ...more, events: [...events, ...(more.events ?? [])] });
  }

  async function load(orderId: string) {
    const { store, mid } = opened();
    return (await store.load(mid, orderId)).order;
  }

  /** Saves changes of an order as it is now. */
  async function change(orderId: string, changes: Written, more: Partial<Save> = {}): Promise<SaveResult> {
    return save(orderId, (await load(orderId)).version, changes, more);
  }

  /** Saves changes that have to be saved. */
  async function put(orderId: string, changes: Written, more: Partial<Save> = {}): Promise<void> {
    expect(await change(orderId, changes, more)).toBe("saved");
  }

  /** From now on events are put into a queue. */
  async function listen(): Promise<void> {
    const { store, mid } = opened();
    await store.openQueue(mid, consumer, { generation, clock: () => at, fill: null });
  }

  /** All that was written of an order, and what else its merchant has. */
  async function kept(orderId: string) {
    const { store, mid } = opened();
    const order = await load(orderId);
    return store.read(async (tx) => {
      const balance = await tx.balance(mid, orderId);
      return {
        order,
        audit: await tx.transitions(mid, orderId),
        balance: ledgerAccounts.map((account) => balance.get(account) ?? 0),
        inbox: await tx.notifications(mid, { newest: { limit: 99 } }),
        events: (await tx.consumerCounts(mid, 99))[0]?.waiting ?? 0,
      };
    });
  }

  /** The audit entries and postings of a decision about an attempt. */
  function traces(approval: { id: string; orderId: string }): Written {
    return {
      entries: 9,
      audit: [entry(approval)],
      postings: [posting(approval.id, price, -price)],
      events: [event(approval.orderId)],
    };
  }

  /** Expects that a save is refused with this error and writes nothing. */
  async function refused(orderId: string, changes: Written, error: object): Promise<void> {
    await listen();
    const before = await kept(orderId);
    const id = changes.approvals?.[0]?.id ?? changes.cancels?.[0]?.approvalId;
    const whole = { ...(id === undefined ? {} : traces({ id, orderId })), ...changes };
    const inbox = { insert: notification(randomUUID()) };
    await expect(change(orderId, whole, { inbox })).rejects.toMatchObject(error);
    expect(await kept(orderId)).toEqual(before);
  }

  return {
    attempt,
    approved,
    cancel,
    link,
    entry,
    posting,
    event,
    notification,
    save,
    load,
    change,
    put,
    listen,
    kept,
    traces,
    refused,
  };
}

/** The error of a unique constraint. */
export function conflict(constraint: string): object {
  return { name: "UniqueConflict", constraint };
}
