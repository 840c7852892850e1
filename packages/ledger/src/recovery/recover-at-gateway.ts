import type { CallOutcome, PaymentResult } from "@payapi/core";
import { type CancellingStore, cancelPayment, deleteBillingKey } from "@payapi/core/internal";
import { findOrder } from "../commands/change-order.js";
import type { LedgerContext, LedgerGateway } from "../commands/context.js";
import { settleKeyDeletion } from "../commands/keys/delete-key.js";
import { claimKeyDeletion } from "../commands/keys/recover-keys.js";
import {
  claimRepeat,
  markRepeat,
  markSending,
  reserveDueNetCancel,
  settleRepeat,
} from "../commands/reserve.js";
import { settle } from "../commands/settle.js";
import type { DuePage, DuePlace } from "../domain/deadlines.js";
import { nextTryAt } from "../domain/deadlines.js";
import type { ApprovalRow, CancelRow } from "../domain/rows.js";
import { LedgerUnavailableError } from "../errors.js";
import type { DueCall, LedgerReading } from "../store/port.js";

/** One run of `recover()`: until when it goes on, and what went wrong in it. */
export interface RecoveryRun {
  /** Once this is `false`, nothing more begins; what has begun ends. */
  mayGoOn(): boolean;
  readonly errors: unknown[];
}

/** One thing to be ended at the gateway; `undefined` if there was nothing to be done after all. */
export type Task = () => Promise<CallOutcome["outcome"] | undefined>;

/** How many calls are under way at once, and how many may stay without an answer before the gateway counts as away. */
const sideBySide = 4;
const silentCalls = 3;
/** A run that takes long keeps this process from ending other calls; the next one goes on. */
const callsPerRun = 200;
const pageSize = 50;

/** What is due, page by page and the longest due first: nothing that cannot be ended stands before the rest. */
export async function* dueTasks<Due extends DuePlace>(
  context: LedgerContext,
  find: (tx: LedgerReading, page: DuePage) => Promise<readonly Due[]>,
  end: (due: Due) => ReturnType<Task>,
): AsyncGenerator<Task, void> {
  let after: Due | undefined;
  for (;;) {
    const page = await context.store.read((tx) => find(tx, { now: context.now(tx), limit: pageSize, after }));
    for (const due of page) yield () => end(due);
    after = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/** Runs tasks of several kinds, each kind in its turn, so that many of one do not keep the others waiting. */
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
      // The last moment to stop: finding the task took its time.
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

/** Without a database nothing could be recorded. */
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

/** What `recover()` did at the gateway. */
export interface GatewayRecovery {
  /** Unknown approvals of the payment page that a net cancel undid: their orders are free again. */
  readonly netCancelled: number;
  /** Unknown full cancels that were repeated. */
  readonly repeated: number;
  /** How many of them that ended, as given back. */
  readonly cancelled: number;
  /** Stopped billing keys that the gateway has now deleted. */
  readonly keysDeleted: number;
}

type Count = { -readonly [Name in keyof GatewayRecovery]: number };
type Outcome = CallOutcome["outcome"] | undefined;

/** Whoever learnt that an approval is unknown is about to cancel it itself. */
const ownerWaitMs = 60_000;

/** Ends at the gateway what can be ended there; each call is recorded as one of the shop's own would be. */
export async function recoverAtGateway(
  context: LedgerContext,
  gateway: LedgerGateway,
  run: RecoveryRun,
): Promise<GatewayRecovery> {
  const { mid } = context;
  const count: Count = { netCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
  const kinds = [
    dueTasks(
      context,
      (tx, page) => tx.dueNetCancels(mid, page),
      async (due) => {
        const outcome = await netCancel(context, gateway, due);
        if (outcome === "succeeded") count.netCancelled++;
        return outcome;
      },
    ),
    dueTasks(
      context,
      (tx, page) => tx.dueRepeats(mid, page),
      async (due) => {
        const outcome = await repeatCancel(context, gateway, due);
        if (outcome !== undefined && outcome !== "not-sent") count.repeated++;
        if (outcome === "succeeded") count.cancelled++;
        return outcome;
      },
    ),
  ];
  if (context.vault !== undefined) {
    kinds.push(
      dueTasks(
        context,
        (tx, page) => tx.keys.dueDeletions(mid, page),
        async (due) => {
          const outcome = await deleteKey(context, gateway, due);
          if (outcome === "succeeded") count.keysDeleted++;
          return outcome;
        },
      ),
    );
  }
  await runTasks(kinds, run);
  return count;
}

async function netCancel(
  context: LedgerContext,
  gateway: LedgerGateway,
  { orderId }: DueCall,
): Promise<Outcome> {
  const ledger: CancellingStore = {
    ...ordinary(context),
    reserveCancel: (request) => reserveDueNetCancel(context, request, netCancelDueAt),
  };
  return outcomeOf(await cancelPayment(gateway, ledger, { orderId, network: true, actor: "recovery" }));
}

/** A refused net cancel proves nothing, so it is tried again, later each time. */
function netCancelDueAt(attempt: ApprovalRow, cancels: readonly CancelRow[]): Date | null {
  const earlier = cancels.filter(({ approvalId, network }) => approvalId === attempt.id && network);
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
  return outcomeOf(await cancelPayment(gateway, ledger, { orderId: call.orderId }));
}

function ordinary(context: LedgerContext): Omit<CancellingStore, "reserveCancel"> {
  return {
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
  };
}

function outcomeOf(result: PaymentResult): Outcome {
  if (result.status === "not-reserved") return undefined;
  if (result.status === "not-recorded" && result.error !== undefined) throw result.error;
  return result.outcome.outcome;
}

async function deleteKey(context: LedgerContext, gateway: LedgerGateway, { id }: DuePlace): Promise<Outcome> {
  const call = await claimKeyDeletion(context, id);
  if (call === undefined) return undefined;
  const ledger: Parameters<typeof deleteBillingKey>[1] = {
    settleKeyDeletion: (reserved, outcome) => settleKeyDeletion(context, reserved, outcome),
  };
  const result = await deleteBillingKey(gateway, ledger, async () => ({ status: "reserved", call }));
  return result.status === "not-reserved" ? undefined : result.outcome.outcome;
}
