import { makeRecordedCancel, makeRecordedKeyDeletion, type PayApi, type RecordedCall } from "@payapi/core";
import { retryKeyDeletion, settleKeyDeletion } from "./billing-keys/delete-key.js";
import type { KeyRow, KeyTransition } from "./billing-keys/key-rows.js";
import type { LedgerContext } from "./context.js";
import { LedgerUnavailableError } from "./errors.js";
import { markSending } from "./mark-sending.js";
import { speakingAttempt } from "./order-view.js";
import { reserveNetworkCancel } from "./payment-page/reserve-network-cancel.js";
import { claimRepeat, markRepeat, settleRepeat } from "./repeat-cancel.js";
import { repeatWaitsMs } from "./repeat-waits.js";
import { findOrder, groupByOrder } from "./reports.js";
import { settle } from "./settle.js";
import type { ApprovalRow, CancelRow, DueRepeat } from "./store.js";

/** The part of core's `PayApi` that `recover()` calls the gateway with. */
export type LedgerGateway = Pick<PayApi, "payments" | "billing">;

/** What `recover()` did at the gateway. */
export interface GatewayRecovery {
  /** Unknown approvals of the payment page that a network cancel undid: their orders are free again. */
  readonly networkCancelled: number;
  /** Unknown full cancels that were repeated. */
  readonly repeated: number;
  /** How many of them that ended, as given back. */
  readonly cancelled: number;
  /** Stopped billing keys that the gateway has now deleted. */
  readonly keysDeleted: number;
}

type Count = { -readonly [Name in keyof GatewayRecovery]: number };

/** How many calls are under way at once, and how many may stay without an answer before the gateway counts as away. */
const sideBySide = 4;
const silentCalls = 3;
const batchSize = 200;
/** Calls that reached the gateway, and all there were: it may have been away for long. */
const networkTries = { sent: 3, all: 10 };
const keyTries = 3;
/** Whoever learnt that an approval is unknown is about to cancel it itself. */
const ownerWaitMs = 60_000;

/** Ends at the gateway what can be ended there; each call is recorded as one of the shop's own would be. */
export async function recoverAtGateway(
  context: LedgerContext,
  gateway: LedgerGateway,
  errors: unknown[],
): Promise<GatewayRecovery> {
  const count: Count = { networkCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
  const tasks = [
    ...(await unknownApprovals(context)).map((orderId) => async () => {
      const outcome = await networkCancel(context, gateway, orderId);
      if (outcome === "succeeded") count.networkCancelled++;
      return outcome;
    }),
    ...(await dueRepeats(context)).map((due) => async () => {
      const outcome = await repeatCancel(context, gateway, due);
      if (outcome !== undefined) count.repeated++;
      if (outcome === "succeeded") count.cancelled++;
      return outcome;
    }),
    ...(await stoppedKeys(context)).map((key) => async () => {
      const outcome = await deleteKey(context, gateway, key);
      if (outcome === "succeeded") count.keysDeleted++;
      return outcome;
    }),
  ];
  await runAll(tasks, errors);
  return count;
}

type Outcome = RecordedCall["outcome"]["outcome"] | undefined;

async function runAll(tasks: (() => Promise<Outcome>)[], errors: unknown[]): Promise<void> {
  let silent = 0;
  async function work(): Promise<void> {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      if (silent >= silentCalls) return;
      try {
        const outcome = await task();
        if (outcome === undefined) continue;
        silent = outcome === "unknown" || outcome === "not-sent" ? silent + 1 : 0;
      } catch (error) {
        errors.push(error);
        // Without a database nothing could be recorded.
        if (error instanceof LedgerUnavailableError && error.sqlState === undefined) return;
      }
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work));
}

function unknownApprovals(context: LedgerContext): Promise<readonly string[]> {
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const rows = await tx.ordersRows(context.mid, await tx.unsettledOrders(context.mid, now));
    return [...groupByOrder(rows)].flatMap(([orderId, order]) => {
      const attempt = speakingAttempt(order.approvals);
      return attempt !== undefined && mayNetworkCancel(attempt, order.cancels, now) ? [orderId] : [];
    });
  });
}

/** A refused network cancel proves nothing, so it is tried again, later each time. */
function mayNetworkCancel(attempt: ApprovalRow, cancels: readonly CancelRow[], now: Date): boolean {
  const { state, authTid, openCancel, contradictedAt, settledBy, settledAt } = attempt;
  if (state !== "unknown" || authTid === null || openCancel !== null || contradictedAt !== null) return false;
  const earlier = cancels.filter(({ approvalId, network }) => approvalId === attempt.id && network);
  const sent = earlier.filter(({ sendingAt }) => sendingAt !== null);
  if (sent.length >= networkTries.sent || earlier.length >= networkTries.all) return false;
  const last = earlier.at(-1);
  if (last !== undefined) {
    const wait = repeatWaitsMs[Math.min(earlier.length, repeatWaitsMs.length) - 1] ?? 0;
    return (last.settledAt ?? last.createdAt).getTime() + wait <= now.getTime();
  }
  return settledBy === "recovery" || (settledAt?.getTime() ?? 0) + ownerWaitMs <= now.getTime();
}

async function networkCancel(
  context: LedgerContext,
  gateway: LedgerGateway,
  orderId: string,
): Promise<Outcome> {
  const request = { orderId, network: true, actor: "recovery" } as const;
  const reservation = await reserveNetworkCancel(context, request, mayNetworkCancel);
  if (reservation.status !== "reserved") return undefined;
  const recorded = await makeRecordedCancel(gateway, ordinary(context), reservation.call);
  return outcomeOf(recorded);
}

function dueRepeats(context: LedgerContext): Promise<readonly DueRepeat[]> {
  return context.store.read((tx) => tx.dueRepeats(context.mid, context.now(tx), batchSize));
}

async function repeatCancel(
  context: LedgerContext,
  gateway: LedgerGateway,
  due: DueRepeat,
): Promise<Outcome> {
  const repeat = await claimRepeat(context, due);
  if (repeat === undefined) return undefined;
  const record = {
    ...ordinary(context),
    markSending: () => markRepeat(context, repeat),
    settle: (_: unknown, outcome: RecordedCall["outcome"]) => settleRepeat(context, repeat, outcome),
  };
  return outcomeOf(await makeRecordedCancel(gateway, record, repeat.call));
}

function ordinary(context: LedgerContext): Parameters<typeof makeRecordedCancel>[1] {
  return {
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
  };
}

function outcomeOf({ outcome, settleError }: RecordedCall): Outcome {
  if (settleError !== undefined) throw settleError;
  return outcome.outcome;
}

function stoppedKeys(context: LedgerContext): Promise<readonly KeyRow[]> {
  if (context.vault === undefined) return Promise.resolve([]);
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const orphans = await tx.keys.orphans(context.mid, now);
    const stopped: KeyRow[] = [];
    for (const row of orphans.filter(({ state }) => state === "deleting")) {
      if (mayDelete(row, await tx.keys.keyTransitions(context.mid, row.keyId), now)) stopped.push(row);
    }
    return stopped;
  });
}

function mayDelete({ id }: KeyRow, lines: readonly KeyTransition[], now: Date): boolean {
  const own = lines.filter(({ rowId }) => rowId === id);
  const tries = own.filter(({ actor, to }) => actor === "recovery" && to === "deleting").length;
  const wait = repeatWaitsMs[tries];
  const last = own.at(-1)?.at.getTime() ?? 0;
  return tries < keyTries && wait !== undefined && last + wait <= now.getTime();
}

async function deleteKey(context: LedgerContext, gateway: LedgerGateway, { id }: KeyRow): Promise<Outcome> {
  const reservation = await retryKeyDeletion(context, id, { actor: "recovery", mayTry: mayDelete });
  if (reservation.status !== "reserved") return undefined;
  const record: Parameters<typeof makeRecordedKeyDeletion>[1] = {
    settleKeyDeletion: (call, outcome) => settleKeyDeletion(context, call, outcome),
  };
  const { outcome } = await makeRecordedKeyDeletion(gateway, record, reservation.call);
  return outcome.outcome;
}
