import type { CallOutcome, PaymentResult } from "@payapi/core";
import {
  type CancellingStore,
  cancelPayment,
  deleteBillingKey,
  logDeletion,
  logOutcome,
} from "@payapi/core/internal";
import { claimKeyDeletion, settleKeyDeletion } from "../commands/billing-keys.js";
import { findOrder } from "../commands/change-order.js";
import type { LedgerContext, LedgerGateway } from "../commands/context.js";
import {
  claimRepeat,
  markRepeat,
  markSending,
  reserveDueNetCancel,
  settleRepeat,
} from "../commands/reserve.js";
import { settle } from "../commands/settle.js";
import { nextTryAt } from "../domain/deadlines.js";
import type { ApprovalRow, CancelRow } from "../domain/rows.js";
import { LedgerUnavailableError } from "../errors.js";
import type { DueCall, DueKind } from "../store/port.js";

/** One run of `recover()`. */
export interface RecoveryRun {
  /** Once this is `false`, no further call begins; calls in flight are settled. */
  mayGoOn(): boolean;
  readonly errors: unknown[];
}

/** One call to the gateway; resolves to its outcome, or to `undefined` if no call was needed. */
export type Task = () => Promise<CallOutcome["outcome"] | undefined>;

/** How many calls run at once, and after how many calls without an answer the gateway counts as unreachable. */
const sideBySide = 4;
const silentCalls = 3;
/** Limits the length of a run, so that this process also ends other calls; the next run continues. */
const callsPerRun = 200;
const pageSize = 50;

/** Due calls, page by page, longest due first. Pages continue after the last call, so a call that can't be ended does not block the rest. */
export async function* dueTasks(
  { store, mid, now }: LedgerContext,
  kind: DueKind,
  end: (due: DueCall) => ReturnType<Task>,
): AsyncGenerator<Task, void> {
  let after: DueCall | undefined;
  for (;;) {
    const page = await store.read((tx) => tx.dueCalls(mid, kind, { now: now(tx), limit: pageSize, after }));
    for (const due of page) yield () => end(due);
    after = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/** Runs tasks of several kinds in rotation, so that many of one kind do not delay the others. */
export async function runTasks(
  kinds: readonly AsyncGenerator<Task, void>[],
  run: RecoveryRun,
): Promise<void> {
  const { errors } = run;
  const tasks = inTurn(kinds, errors);
  let calls = 0;
  let silent = 0;
  let isAway = false;

  async function work(): Promise<void> {
    while (!isAway && silent < silentCalls && calls < callsPerRun) {
      const { value: task } = await tasks.next();
      // Checked again, since finding the task took time.
      if (task === undefined || !run.mayGoOn()) return;
      try {
        const outcome = await task();
        if (outcome === undefined) continue;
        calls++;
        silent = outcome === "unknown" || outcome === "not-sent" ? silent + 1 : 0;
      } catch (error) {
        errors.push(error);
        isAway ||= isDatabaseAway(error);
      }
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work));
}

/** Whether the database is unreachable: then no outcome could be stored. */
export function isDatabaseAway(error: unknown): boolean {
  return error instanceof LedgerUnavailableError && error.sqlState === undefined;
}

async function* inTurn(
  kinds: readonly AsyncGenerator<Task, void>[],
  errors: unknown[],
): AsyncGenerator<Task, void> {
  const left = new Set(kinds);
  while (left.size > 0) {
    for (const kind of left) {
      try {
        const next = await kind.next();
        if (next.done !== true) {
          yield next.value;
          continue;
        }
      } catch (error) {
        errors.push(error);
      }
      left.delete(kind);
    }
  }
}

/** What one run of `recover()` did at the gateway. */
export interface GatewayRecovery {
  /** Unknown approvals of the payment page that a net cancel undid; their orders may be paid again. */
  readonly netCancelled: number;
  /** Unknown full cancels that were repeated. */
  readonly repeated: number;
  /** How many of the repeated cancels succeeded. */
  readonly cancelled: number;
  /** Stopped billing keys that were deleted at the gateway. */
  readonly keysDeleted: number;
}

type Count = { -readonly [Name in keyof GatewayRecovery]: number };
type Outcome = CallOutcome["outcome"] | undefined;

/** The process whose approval became unknown cancels it itself within this time. */
const ownerWaitMs = 60_000;

/** Calls the gateway to end unknown calls and delete stopped keys. Each call is reserved, marked and settled like one of the shop's. */
export async function recoverAtGateway(
  context: LedgerContext,
  gateway: LedgerGateway,
  run: RecoveryRun,
): Promise<GatewayRecovery> {
  const count: Count = { netCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
  const kinds = [
    dueTasks(context, "net-cancel", async (due) => {
      const outcome = await netCancel(context, gateway, due);
      if (outcome === "succeeded") count.netCancelled++;
      return outcome;
    }),
    dueTasks(context, "repeat", async (due) => {
      const outcome = await repeatCancel(context, gateway, due);
      if (outcome !== undefined && outcome !== "not-sent") count.repeated++;
      if (outcome === "succeeded") count.cancelled++;
      return outcome;
    }),
  ];
  if (context.vault !== undefined) {
    kinds.push(
      dueTasks(context, "deletion", async (due) => {
        const outcome = await deleteKey(context, gateway, due);
        if (outcome === "succeeded") count.keysDeleted++;
        return outcome;
      }),
    );
  }
  await runTasks(kinds, run);
  return count;
}

async function netCancel(
  context: LedgerContext,
  gateway: LedgerGateway,
  { of: orderId }: DueCall,
): Promise<Outcome> {
  const ledger: CancellingStore = {
    ...ordinary(context),
    reserveCancel: (request) => reserveDueNetCancel(context, request, netCancelDueAt),
  };
  const request = { orderId, netCancel: true, actor: "recovery" } as const;
  return outcomeOf(context, await cancelPayment(gateway, ledger, request));
}

/** When the next net cancel is due. A refused one proves nothing, so it is tried again, with growing pauses. */
function netCancelDueAt(attempt: ApprovalRow, cancels: readonly CancelRow[]): Date | null {
  const earlier = cancels.filter(({ approvalId, netCancel }) => approvalId === attempt.id && netCancel);
  const last = earlier.at(-1);
  if (last === undefined) {
    const known = attempt.settledAt ?? attempt.createdAt;
    return new Date(known.getTime() + (attempt.settledBy === "recovery" ? 0 : ownerWaitMs));
  }
  const sent = earlier.filter(({ state }) => state !== "not_sent").length;
  const tries = { sent, all: earlier.length };
  return nextTryAt(tries, last.settledAt ?? last.createdAt, earlier.length - 1);
}

async function repeatCancel(context: LedgerContext, gateway: LedgerGateway, due: DueCall): Promise<Outcome> {
  const repeat = await claimRepeat(context, due);
  if (repeat === undefined) return undefined;
  const { call } = repeat;
  const ledger: CancellingStore = {
    ...ordinary(context),
    reserveCancel: async () => ({ status: "reserved", call }),
    markSending: () => markRepeat(context, repeat),
    settle: (_, outcome) => settleRepeat(context, repeat, outcome),
  };
  return outcomeOf(context, await cancelPayment(gateway, ledger, { orderId: call.orderId }));
}

function ordinary(context: LedgerContext): Omit<CancellingStore, "reserveCancel"> {
  return {
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
  };
}

function outcomeOf(context: LedgerContext, result: PaymentResult): Outcome {
  if (result.status === "not-reserved") return undefined;
  logOutcome(result, context.log, { actor: "recovery" });
  if (result.status === "not-recorded" && result.error !== undefined) throw result.error;
  return result.outcome.outcome;
}

async function deleteKey(context: LedgerContext, gateway: LedgerGateway, { id }: DueCall): Promise<Outcome> {
  const call = await claimKeyDeletion(context, id);
  if (call === undefined) return undefined;
  const ledger: Parameters<typeof deleteBillingKey>[1] = {
    settleKeyDeletion: (reserved, outcome) => settleKeyDeletion(context, reserved, outcome, "recovery"),
  };
  const result = await deleteBillingKey(gateway, ledger, async () => ({ status: "reserved", call }));
  if (result.status === "not-reserved") return undefined;
  logDeletion(result, context.log);
  return result.outcome.outcome;
}

/** How many stopped keys recovery still has to delete, if this process can't. */
export async function countKeysLeft({ store, mid, vault, gateway, now }: LedgerContext): Promise<number> {
  if (vault !== undefined && gateway !== undefined) return 0;
  const left = await store.read((tx) => tx.keys(mid, { orphans: { now: now(tx), state: "deleting" } }));
  return left.filter(({ deleteAt }) => deleteAt !== null).length;
}
