import { maskCardNumbers, type OrderPayment } from "@payapi/core";
import { checkText, keptWord } from "./check-request.js";
import type { LedgerContext } from "./context.js";
import { endSilentCalls, isLate } from "./end-silent-calls.js";
import { LedgerError } from "./errors.js";
import { viewOrder } from "./order-view.js";
import { accountDueAt } from "./payment-page/account-due.js";
import { postMoney } from "./report.js";
import { retryConflicts } from "./settle.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CancelRow,
  type CancelState,
  type LedgerTransaction,
  liveApprovalStates,
  type OrderRows,
  openCancelStates,
} from "./store.js";
import { type CallRows, transitionOf } from "./transitions.js";

/** What an operator found out about a call whose outcome is unknown. */
export interface OperatorFinding {
  /** `moved`: the gateway did what the call asked for, to the won. `not-moved`: it did nothing. */
  readonly outcome: "moved" | "not-moved";
  /**
   * Which call it is about. It may be left out where only one is unknown; beside an unknown network cancel it must be
   * `approval`, since what became of the cancel means nothing before that is known.
   */
  readonly about?: "approval" | "cancel";
  /** The transaction in the gateway's console. An approval that moved needs it; a partial cancel has one of its own. */
  readonly tid?: string;
  /** Who says so. */
  readonly actor: string;
  /** What it was seen in, such as the console's page and the time; kept for ever. Not for card data. */
  readonly evidence: string;
}

/** What came of an operator's finding. */
export type OperatorSettlement =
  | { readonly status: "settled"; readonly kind: "approval" | "cancel"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason: SettlementRefusal;
      readonly order: OrderPayment | undefined;
      /** For `too-early`: when it may be settled so. */
      readonly notBefore?: Date;
    };

/** Why a finding changes nothing. */
export type SettlementRefusal =
  /** No payment of this order was ever tried. */
  | "no-such-order"
  /** The order has no call whose outcome is unknown, and no virtual account that waits for a deposit. */
  | "not-unknown"
  /**
   * An approval and the network cancel that was to undo it are both unknown: say what became of the approval, with `about`.
   * What was found out about the cancel could be taken for the payment's.
   */
  | "approval-first"
  /**
   * The gateway may still carry the call out: `not-moved` is believed 10 minutes after its deadline. Or the process that made it
   * may still hear of it: nothing is believed before `recover()` would take it for unknown.
   */
  | "too-early"
  /** An approval that moved money has a transaction id, and without it the payment could never be cancelled. */
  | "tid-missing"
  /** Another payment or cancel has this transaction id. */
  | "tid-known"
  /** A deposit came for an order that another payment lives of: release its notification, which books it. */
  | "paid-otherwise";

/** How long after its deadline a call may still be carried out by the gateway. */
const lateMs = 10 * 60_000;

/**
 * Ends an unknown call, or an account that waits for a deposit, with what an operator found out. It never overwrites a fact, and a fact that contradicts it later
 * overrules it openly: the order then needs attention.
 */
export async function settleByOperator(
  context: LedgerContext,
  orderId: string,
  finding: OperatorFinding,
): Promise<OperatorSettlement> {
  const checked = checkFinding(orderId, finding);
  await endSilentCalls(context, orderId);
  return retryConflicts(() =>
    context.store.transaction(async (tx): Promise<OperatorSettlement> => {
      const rows = await tx.lockOrder(context.mid, orderId);
      const call = unknownCall(rows, checked);
      const refusal =
        whyNotYet(context, rows, call, context.now(tx)) ??
        (await whyNot(tx, rows, call, checked, context.now(tx)));
      if (refusal !== undefined || call === undefined) {
        return {
          status: "refused",
          ...(refusal ?? { reason: "not-unknown" }),
          order: viewOrder(orderId, rows),
        };
      }
      if (call.kind === "approval") await endApproval(tx, rows, call, checked, context.now(tx));
      else await endCancel(tx, call, checked, context.now(tx));
      const order = viewOrder(orderId, await tx.ordersRows(context.mid, [orderId]));
      if (order === undefined) throw new LedgerError("broken-rule", "A settled call has no order");
      return { status: "settled", kind: call.kind, order };
    }),
  );
}

type ApprovalCall = Extract<CallRows, { kind: "approval" }>;
type CancelCall = Extract<CallRows, { kind: "cancel" }>;

/**
 * An unknown approval is live, so there is no other. It comes before the network cancel that was to undo it: what came of
 * that one means nothing without it. An account that waits for a deposit blocks nothing, so it comes last.
 */
function unknownCall(rows: OrderRows, finding: OperatorFinding): CallRows | undefined {
  const call = firstUnknown(rows, finding);
  return finding.about === undefined || finding.about === call?.kind ? call : undefined;
}

function firstUnknown(rows: OrderRows, finding: OperatorFinding): CallRows | undefined {
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = rows.cancels.find(({ state }) => state === "unknown");
  const payment = rows.approvals.find(({ id }) => id === cancel?.approvalId);
  if (cancel !== undefined && payment !== undefined) return { kind: "cancel", approval: payment, cancel };
  const account = accountOf(rows, finding);
  return account && { kind: "approval", approval: account };
}

/** The virtual account with this transaction, if several wait; otherwise the newest. */
function accountOf({ approvals }: OrderRows, { tid }: OperatorFinding): ApprovalRow | undefined {
  const waiting = approvals.filter(({ state }) => state === "awaiting_deposit");
  return waiting.find(({ authTid }) => authTid === tid) ?? waiting.at(-1);
}

/** Nothing of the order is unknown, but a call should have been answered by now: its process may still hear of it. */
function whyNotYet(
  { times }: LedgerContext,
  { approvals, cancels }: OrderRows,
  call: CallRows | undefined,
  now: Date,
): { reason: SettlementRefusal; notBefore: Date } | undefined {
  const late = call === undefined && [...approvals, ...cancels].find((row) => isLate(row, now));
  if (!late || late.deadlineAt === null) return undefined;
  return { reason: "too-early", notBefore: new Date(late.deadlineAt.getTime() + times.sendingGraceMs) };
}

async function whyNot(
  tx: LedgerTransaction,
  rows: OrderRows,
  call: CallRows | undefined,
  { outcome, tid, about }: OperatorFinding,
  now: Date,
): Promise<{ reason: SettlementRefusal; notBefore?: Date } | undefined> {
  if (rows.approvals.length === 0) return { reason: "no-such-order" };
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined && about !== "approval" && networkCancelOf(rows, approval) !== undefined) {
    return { reason: "approval-first" };
  }
  if (call === undefined) return { reason: "not-unknown" };
  if (outcome === "not-moved") {
    const undoing = call.kind === "approval" ? networkCancelOf(rows, call.approval) : undefined;
    const silent = Math.max(
      ...[call, ...(undoing ? [undoing] : [])].map((each) => silentSince(each).getTime()),
    );
    const notBefore = new Date(silent + lateMs);
    return now < notBefore ? { reason: "too-early", notBefore } : undefined;
  }
  if (call.kind === "approval" && call.approval.state === "awaiting_deposit" && anotherLives(rows)) {
    return { reason: "paid-otherwise" };
  }
  if (tid === undefined) return call.kind === "approval" ? { reason: "tid-missing" } : undefined;
  // A transaction id that is in use was mistyped; taken as a fact, it would lock two orders.
  const { mid, authTid } = call.approval;
  const isOwn = call.kind === "approval" && tid === authTid;
  const inUse = (!isOwn && (await tx.tidIsKnown(mid, tid))) || (await tx.cancelTidIsKnown(mid, tid));
  return inUse ? { reason: "tid-known" } : undefined;
}

/** The network cancel that is to undo an unknown approval, if it did not end. */
function networkCancelOf(rows: OrderRows, approval: ApprovalRow): CancelCall | undefined {
  const open: readonly CancelState[] = openCancelStates;
  // One that went otherwise than asked has ended, and keeps its hold all the same.
  const cancel = rows.cancels.find(({ id, state }) => id === approval.openCancel && open.includes(state));
  return cancel && { kind: "cancel", approval, cancel };
}

function anotherLives({ approvals }: OrderRows): boolean {
  const live: readonly string[] = liveApprovalStates;
  return approvals.some(({ state }) => live.includes(state));
}

/** From when on nobody waits for the call's reply any more, or for a deposit. */
function silentSince(call: CallRows): Date {
  if (call.kind === "approval" && call.approval.state === "awaiting_deposit") {
    return accountDueAt(call.approval);
  }
  const row: ApprovalRow | CancelRow = call.kind === "approval" ? call.approval : call.cancel;
  return row.deadlineAt ?? row.settledAt ?? row.createdAt;
}

async function endApproval(
  tx: LedgerTransaction,
  rows: OrderRows,
  { approval }: ApprovalCall,
  finding: OperatorFinding,
  at: Date,
): Promise<void> {
  const moved = finding.outcome === "moved";
  const to: ApprovalState = moved ? "approved" : "settled_not_moved";
  const row = await tx.moveApproval(approval.id, [approval.state], {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(moved
      ? {
          tid: finding.tid ?? null,
          remaining: approval.price,
          // A network cancel that did not end goes on as the cancel of the payment.
          held: approval.openCancel === null ? 0 : approval.price,
        }
      : {}),
  });
  if (row === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  const call = { kind: "approval", approval: row } as const;
  await addLine(tx, call, finding, to, at, approval.state);
  if (moved) await postMoney(tx, call, at, row.price, "paid");
  const undoing = moved ? undefined : networkCancelOf(rows, row);
  if (undoing !== undefined) await endCancel(tx, undoing, finding, at);
}

async function endCancel(
  tx: LedgerTransaction,
  { approval, cancel }: CancelCall,
  finding: OperatorFinding,
  at: Date,
): Promise<void> {
  const moved = finding.outcome === "moved";
  const to: CancelState = moved ? "done" : "settled_not_moved";
  const row = await tx.moveCancel(cancel.id, openCancelStates, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(moved ? { cancelTid: finding.tid ?? null } : {}),
  });
  if (row === undefined) throw new LedgerError("broken-rule", "A locked cancel changed its state");
  const payment = moved
    ? await tx.takeHold(approval.id, cancel.id)
    : await tx.releaseHold(approval.id, cancel.id);
  if (payment === undefined) throw new LedgerError("broken-rule", "An unknown cancel has lost its hold");
  if (moved && payment.remaining !== cancel.confirmPrice) {
    throw new LedgerError("broken-rule", "Another amount remains than the cancel confirmed");
  }
  const call = { kind: "cancel", approval: payment, cancel: row } as const;
  await addLine(tx, call, finding, to, at, cancel.state);
  // A network cancel of what was no payment gave nothing back.
  if (moved && approval.state === "approved") await postMoney(tx, call, at, -row.cancelPrice, "paid");
}

function addLine(
  tx: LedgerTransaction,
  call: CallRows,
  { actor, evidence, tid }: OperatorFinding,
  to: ApprovalState | CancelState,
  at: Date,
  from: ApprovalState | CancelState,
): Promise<void> {
  return tx.addTransition({
    ...transitionOf(call, { at, from, to, actor }),
    tid: tid ?? null,
    evidence,
  });
}

function checkFinding(orderId: string, { outcome, about, tid, ...word }: OperatorFinding): OperatorFinding {
  checkText("orderId", orderId, 200);
  const { actor, evidence } = keptWord(word);
  if (outcome !== "moved" && outcome !== "not-moved") {
    throw new LedgerError("invalid-argument", 'outcome must be "moved" or "not-moved"');
  }
  if (about !== undefined && about !== "approval" && about !== "cancel") {
    throw new LedgerError("invalid-argument", 'about must be "approval" or "cancel"');
  }
  if (tid !== undefined && outcome === "not-moved") {
    throw new LedgerError("invalid-argument", "tid belongs to money that moved");
  }
  if (tid !== undefined && (!/^[\x21-\x7e]{1,40}$/.test(tid) || maskCardNumbers(tid) === "[redacted]")) {
    throw new LedgerError(
      "invalid-argument",
      "tid must be a transaction id as the gateway's console shows it",
    );
  }
  return {
    outcome,
    ...(about === undefined ? {} : { about }),
    actor,
    evidence,
    ...(tid === undefined ? {} : { tid }),
  };
}
