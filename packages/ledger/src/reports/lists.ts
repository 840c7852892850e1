import type { BillingKey, OrderPayment, Secret } from "@payapi/core";
import { checkLimit } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import {
  type KeySecret,
  type KeyTimelineEntry,
  type OrphanKey,
  type OrphanListOptions,
  vaultOf,
  viewKey,
} from "../commands/keys/keys.js";
import { isMasked } from "../commands/notification-entry.js";
import type { ListedNotification, NotificationListOptions } from "../commands/notifications.js";
import { accountDueAt, madeBefore, madeSince } from "../domain/deadlines.js";
import type { Resolution } from "../domain/facts.js";
import { type NotificationRow, notificationEffects } from "../domain/notification-rows.js";
import { given, speakingAttempt, viewOrder } from "../domain/order-status.js";
import type { ClosedReview, ResolutionResult, ReviewNote } from "../domain/resolution.js";
import { LedgerError } from "../errors.js";
import { type KeyRow, orphanStates } from "../store/key-rows.js";
import type { Balance, CallInReview, ListedPayment, ListOptions, TimelineEntry } from "./payments.js";
import { groupByOrder } from "./payments.js";

const everything = new Date(0);

export async function listNotifications(
  context: LedgerContext,
  { effect, limit = 50, before }: NotificationListOptions = {},
): Promise<readonly ListedNotification[]> {
  checkLimit(limit);
  if (effect !== undefined && !notificationEffects.includes(effect)) {
    throw new LedgerError("invalid-argument", "effect must be one that a receipt has");
  }
  const page = {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(effect === undefined ? {} : { effect }),
  };
  return context.store.read(async (tx) => (await tx.newestNotifications(context.mid, page)).map(viewRow));
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

export function findKey(context: LedgerContext, id: string): Promise<BillingKey | undefined> {
  vaultOf(context);
  return context.store.read(async (tx) => viewKey(await tx.keys.rowsOfKey(context.mid, id)));
}

export async function revealKey(context: LedgerContext, id: string): Promise<Secret | undefined> {
  const vault = vaultOf(context);
  const rows = await context.store.read((tx) => tx.keys.rowsOfKey(context.mid, id));
  const active = rows.find(({ state }) => state === "active");
  if (active?.encryptedKey == null) return undefined;
  return vault.decrypt(active.encryptedKey, { mid: active.mid, rowId: active.id });
}

export async function billingKeys(
  context: LedgerContext,
  customerId: string,
): Promise<readonly BillingKey[]> {
  vaultOf(context);
  const rows = await context.store.read((tx) => tx.keys.rowsOfCustomer(context.mid, customerId));
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
    tx.keys.orphans(context.mid, { ...options, now: context.now(tx) }),
  );
  return rows.map(orphanOf);
}

function orphanOf(row: KeyRow): OrphanKey {
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
  const lines = await context.store.read((tx) => tx.keys.keyTransitions(context.mid, id));
  return lines.map(({ rowId, mid: _, keyId: __, ...line }) => {
    const present = Object.entries(line).filter(([, value]) => value !== null);
    return { callId: rowId, ...Object.fromEntries(present) } as KeyTimelineEntry;
  });
}

export async function keySecrets({ store, mid, vault }: LedgerContext): Promise<readonly KeySecret[]> {
  const counts = await store.read((tx) => tx.keys.countEncrypted(mid));
  return counts.map(({ fingerprint, keys }) => ({
    fingerprint,
    role: vault?.roleOf(fingerprint) ?? "missing",
    keys,
  }));
}

/**
 * A virtual account that was to be paid by now. Mostly the buyer did not; but a deposit is only told for about a day, and
 * whoever could not be reached that long has missed it.
 */
export interface OverdueAccount {
  readonly orderId: string;
  /** What to search the gateway's console for. */
  readonly oid: string;
  readonly tid: string;
  /** Won it waits for. */
  readonly price: number;
  /** Where the gateway told no time: the end of the tenth day after it was made, in Korea. */
  readonly dueAt: Date;
  readonly order: OrderPayment;
}

export interface OverdueOptions {
  /**
   * Only accounts that were due at this time or later: one whose deposit was never notified is among them for ever, and so is every
   * one that no buyer ever paid.
   */
  readonly dueSince?: Date;
}

/** The longest due first. Orders that were paid otherwise meanwhile are not among them. */
export async function overdueAccounts(
  context: LedgerContext,
  { dueSince = everything }: OverdueOptions = {},
): Promise<readonly OverdueAccount[]> {
  if (!Number.isFinite(dueSince.getTime())) {
    throw new LedgerError("invalid-argument", "dueSince must be a moment");
  }
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const limits = {
      dueSince,
      dueBefore: now,
      madeSince: madeSince(dueSince),
      madeBefore: madeBefore(now),
    };
    const rows = await tx.ordersRows(context.mid, await tx.overdueOrders(context.mid, limits));
    return [...groupByOrder(rows)]
      .flatMap(([orderId, of]) => {
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

/** What is known about payments, and what operators decide about them. */
export interface LedgerPayments {
  /** The payment of an order; `undefined` if none was ever tried. */
  find(orderId: string): Promise<OrderPayment | undefined>;
  /** Orders by their newest attempt, newest first. */
  list(options?: ListOptions): Promise<readonly ListedPayment[]>;
  /** Everything that ever happened to an order's payment, in order. Empty if no payment was ever tried. */
  timeline(orderId: string): Promise<readonly TimelineEntry[]>;
  /** The order's money as the double entry has it. All zero if none ever moved. */
  balance(orderId: string): Promise<Balance>;
  /** Every call whose money nobody knows, or that went otherwise than asked and nobody dealt with; the oldest first. */
  needsReview(): Promise<readonly CallInReview[]>;
  /**
   * Virtual accounts that should have been paid by now; the longest due first. Whatever buyers never paid stays among them: say since when
   * they were due.
   */
  overdueAccounts(options?: OverdueOptions): Promise<readonly OverdueAccount[]>;
  /**
   * Ends the unknown call of an order, an approval or its open cancel, with what an operator found out about it in the
   * gateway's console. A fact that contradicts it later makes the order need review.
   *
   * @throws LedgerError `invalid-argument`
   */
  resolve(orderId: string, finding: Resolution): Promise<ResolutionResult>;
  /**
   * Says that somebody dealt with an order that needs review: `needsReview()` lists it no more, until something new is heard of
   * it. Its status and the books stay as they are, and nothing is charged or cancelled for it any more.
   *
   * @throws LedgerError `invalid-argument`
   */
  closeReview(orderId: string, word: ReviewNote): Promise<ClosedReview>;
}
