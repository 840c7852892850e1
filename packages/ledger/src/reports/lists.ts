import type { BillingKey, OrderPayment, Secret } from "@payapi/core";
import { checkLimit } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import {
  type KeySecret,
  type KeyTimelineEntry,
  type OrphanKey,
  type OrphanListOptions,
  vaultOf,
} from "../commands/key-methods.js";
import { isMasked } from "../commands/notification-entry.js";
import type { ListedNotification, NotificationListOptions } from "../commands/notifications.js";
import { type KeyRow, orphanStates, viewKey } from "../domain/billing-key.js";
import { accountDueAt, madeBefore, madeSince } from "../domain/deadlines.js";
import type { Resolution, ResolutionResult } from "../domain/facts.js";
import { type NotificationRow, notificationEffects } from "../domain/notification-rows.js";
import { given, speakingAttempt, viewOrder } from "../domain/order-status.js";
import type { ClosedReview, ReviewNote } from "../domain/resolution.js";
import { LedgerError } from "../errors.js";
import type { ListPosition } from "../store/port.js";
import type { Balance, CallInReview, ListedPayment, ListOptions, TimelineEntry } from "./payments.js";

const everything = new Date(0);

export async function listNotifications(
  context: LedgerContext,
  { effect, limit = 50, before }: NotificationListOptions = {},
): Promise<readonly ListedNotification[]> {
  checkLimit(limit);
  if (effect !== undefined && !notificationEffects.includes(effect)) {
    throw new LedgerError("invalid-argument", `effect must be one of ${notificationEffects.join(", ")}`);
  }
  const newest = {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(effect === undefined ? {} : { effect }),
  };
  return context.store.read(async (tx) => (await tx.notifications(context.mid, { newest })).map(viewRow));
}

function viewRow(row: NotificationRow): ListedNotification {
  const { id, position, kind, event, tid, fields, listed, effect, receivedAt, repeats } = row;
  const { reason, orderId, oid, price, account, occurredAt } = row;
  const { releasedAt, releasedBy, releaseEvidence } = row;
  return {
    id,
    position,
    receivedAt,
    kind: kind as ListedNotification["kind"],
    event,
    effect,
    tid,
    tidIsMasked: isMasked(tid),
    source: { listed, ...given({ address: row.source }) },
    repeats,
    fields,
    ...(releasedAt === null || releasedBy === null || releaseEvidence === null
      ? {}
      : { released: { at: releasedAt, actor: releasedBy, evidence: releaseEvidence } }),
    ...given({ reason, orderId, oid, price, account, occurredAt }),
  };
}

export async function findKey(context: LedgerContext, keyId: string): Promise<BillingKey | undefined> {
  vaultOf(context);
  return viewKey((await context.store.loadKey(context.mid, { keyId })).rows);
}

export async function revealKey(context: LedgerContext, keyId: string): Promise<Secret | undefined> {
  const vault = vaultOf(context);
  const { rows } = await context.store.loadKey(context.mid, { keyId });
  const active = rows.find(({ state }) => state === "active");
  if (active?.encryptedKey == null) return undefined;
  return vault.decrypt(active.encryptedKey, { mid: active.mid, rowId: active.id });
}

export async function billingKeys(
  context: LedgerContext,
  customerId: string,
): Promise<readonly BillingKey[]> {
  vaultOf(context);
  const { rows } = await context.store.loadKey(context.mid, { customerId });
  const ids = [...new Set(rows.map(({ keyId }) => keyId))];
  return ids
    .map((id) => viewKey(rows.filter(({ keyId }) => keyId === id)))
    .filter((key) => key !== undefined);
}

export async function orphanKeys(
  context: LedgerContext,
  options: OrphanListOptions = {},
): Promise<readonly OrphanKey[]> {
  const { limit, state } = options;
  if (limit !== undefined) checkLimit(limit);
  if (state !== undefined && !orphanStates.includes(state)) {
    throw new LedgerError("invalid-argument", `state must be one of ${orphanStates.join(", ")}`);
  }
  const rows = await context.store.read((tx) =>
    tx.keys(context.mid, { orphans: { ...options, now: context.now(tx) } }),
  );
  return rows.map(orphanOf);
}

function orphanOf(row: KeyRow & ListPosition): OrphanKey {
  const { keyId, id, position, customerId, kind, createdAt, deleteAt, resultCode, resultMessage } = row;
  return {
    id: keyId,
    callId: id,
    position,
    customerId,
    kind,
    state: row.state === "deleting" ? "deleting" : "unknown",
    createdAt,
    retrying: row.state === "deleting" && deleteAt !== null,
    ...(resultCode === null ? {} : { resultCode }),
    ...(resultMessage === null ? {} : { resultMessage }),
  };
}

export async function keyTimeline(context: LedgerContext, id: string): Promise<readonly KeyTimelineEntry[]> {
  const transitions = await context.store.read((tx) => tx.keyTransitions(context.mid, id));
  return transitions.map(({ rowId, mid: _, keyId: __, ...transition }) => {
    const present = Object.entries(transition).filter(([, value]) => value !== null);
    return { callId: rowId, ...Object.fromEntries(present) } as KeyTimelineEntry;
  });
}

export async function keySecrets({ store, mid, vault }: LedgerContext): Promise<readonly KeySecret[]> {
  const counts = await store.read((tx) => tx.countEncrypted(mid));
  return counts.map(({ fingerprint, keys }) => ({
    fingerprint,
    role: vault?.roleOf(fingerprint) ?? "missing",
    keys,
  }));
}

/**
 * An unpaid virtual account past its due date. Usually the buyer did not pay. But the gateway repeats the notification of a deposit only for
 * about a day, so a shop that was down longer has missed it.
 */
export interface OverdueAccount {
  readonly orderId: string;
  /** The order number to search for in the gateway's console. */
  readonly oid: string;
  readonly tid: string;
  /** The amount to be deposited, in won. */
  readonly price: number;
  /** When the deposit was due. If the gateway gave no date: the end of the tenth day after the issue, in Korean time. */
  readonly dueAt: Date;
  readonly order: OrderPayment;
}

/** Which overdue accounts to list. */
export interface OverdueOptions {
  /** Only accounts due at this time or later (default: all). Unpaid accounts stay on the list forever. */
  readonly dueSince?: Date;
}

/** Lists overdue accounts, longest due first, without orders that were paid by other means. */
export async function overdueAccounts(
  context: LedgerContext,
  { dueSince = everything }: OverdueOptions = {},
): Promise<readonly OverdueAccount[]> {
  if (!Number.isFinite(dueSince.getTime())) {
    throw new LedgerError("invalid-argument", "dueSince must be a valid Date");
  }
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const limits = {
      dueSince,
      dueBefore: now,
      madeSince: madeSince(dueSince),
      madeBefore: madeBefore(now),
    };
    const found = await tx.orders(context.mid, { overdue: limits });
    return found
      .flatMap(({ orderId, ...of }) => {
        const order = viewOrder(orderId, of);
        const speaks = speakingAttempt(of.approvals);
        if (order === undefined || speaks?.state !== "awaiting_deposit") return [];
        return of.approvals.flatMap((row) => {
          const { state, oid, authTid, price } = row;
          const dueAt = accountDueAt(row);
          return state === "awaiting_deposit" && authTid !== null && dueAt >= dueSince && dueAt < now
            ? [{ orderId, oid, tid: authTid, price, dueAt, order }]
            : [];
        });
      })
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  });
}

/** Reads payments, and takes what operators decide about them. */
export interface LedgerPayments {
  /** The payment of an order; `undefined` without an attempt. */
  find(orderId: string): Promise<OrderPayment | undefined>;
  /** Payments by the newest attempt of each order, newest first. */
  list(options?: ListOptions): Promise<readonly ListedPayment[]>;
  /** The history of an order's payment, oldest entry first; empty without an attempt. */
  timeline(orderId: string): Promise<readonly TimelineEntry[]>;
  /** The order's balances in the double-entry book, in won; zero if no money moved. */
  balance(orderId: string): Promise<Balance>;
  /** Calls that an operator has to look up: their outcome is unknown, or the order needs review. Oldest first. */
  needsReview(): Promise<readonly CallInReview[]>;
  /** Unpaid virtual accounts past their due date, longest due first. Accounts that are never paid stay on the list, so pass `dueSince`. */
  overdueAccounts(options?: OverdueOptions): Promise<readonly OverdueAccount[]>;
  /**
   * Ends an order's unknown call, an approval or its open cancel, with what an operator found in the gateway's console. If a later fact
   * contradicts the resolution, the order needs review.
   *
   * @throws LedgerError `invalid-argument`
   */
  resolve(orderId: string, resolution: Resolution): Promise<ResolutionResult>;
  /**
   * Closes the review of an order: `needsReview()` no longer lists it until a new fact arrives. The order's status and postings stay, and
   * it can't be charged or cancelled any more.
   *
   * @throws LedgerError `invalid-argument`
   */
  closeReview(orderId: string, note: ReviewNote): Promise<ClosedReview>;
}
