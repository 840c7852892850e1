import type { ApprovalRow, KeyTransition, TransitionRow } from "@payapi/ledger/internal";
import type { Transaction } from "@payapi/sandbox";
import { isReview } from "./reviews.js";

const running = ["reserved", "sending", "unknown"];
const alarms = ["approved_mismatch", "approved_no_tid", "mismatch"];
const live = [...running, "approved", ...alarms];

/** Whether an order has at most one approval in this state. */
export function isLive(state: string): boolean {
  return live.includes(state);
}

/** Whether the call's outcome is not known yet. */
export function isRunning(state: string): boolean {
  return running.includes(state);
}

/** Whether no money moved in this state. */
export function movedNothing(state: string): boolean {
  return ["not_sent", "declined", "settled_not_moved"].includes(state);
}

/** Whether money moved in this state, but not as requested. */
export function isAlarm(state: string): boolean {
  return alarms.includes(state);
}

/** Whether an operation charges money with an order number of the shop. */
export function isCharge(operation: string | undefined): boolean {
  return (
    operation === "cards.approve" || operation === "billing.charge" || operation === "billing.chargeMobile"
  );
}

/** Whether an operation charges or refunds money. */
export function movesMoney(operation: string): boolean {
  const isRefund = operation.startsWith("payments.cancel") || operation === "escrow.confirmRejection";
  return isCharge(operation) || operation === "page.approve" || isRefund;
}

/** The page may authenticate several payments with the order number of one link; their transaction ids distinguish them. */
export function isOf(row: Pick<ApprovalRow, "oid" | "authTid">, { oid, tid }: Transaction): boolean {
  return row.authTid === null ? oid === row.oid : tid === row.authTid;
}

/** Whether a payment is as requested, and was not made for another link. */
export function isAsAsked(row: Pick<ApprovalRow, "oid" | "price">, { oid, price }: Transaction): boolean {
  return oid === row.oid && price === row.price;
}

/** The order that one of the shop's order numbers belongs to. */
export function orderOf(oid: string): string {
  return oid.slice(0, oid.lastIndexOf("-"));
}

// Stated independently, from the state machines and not from the ledger's code.
const ended = ["approved", ...alarms, "declined", "not_sent", "unknown"];
const approval: Readonly<Record<string, readonly string[]>> = {
  start: ["reserved", "awaiting_deposit", "not_sent"],
  reserved: ["sending", "not_sent", "unknown", "approved", "declined", "mismatch"],
  sending: ended,
  unknown: [...ended, "settled_not_moved", "net_cancelled"],
  approved: ["approved"],
  awaiting_deposit: ["approved", "mismatch"],
  declined: ["mismatch"],
  not_sent: ["mismatch"],
  // A reply may confirm what an operator stated.
  settled_not_moved: ["settled_not_moved", "mismatch"],
  net_cancelled: ["net_cancelled", "mismatch"],
  mismatch: [],
  approved_mismatch: [],
  approved_no_tid: [],
};

const cancel: Readonly<Record<string, readonly string[]>> = {
  start: ["reserved"],
  reserved: ["sending", "not_sent"],
  sending: ["done", "refused", "not_sent", "unknown", "mismatch"],
  unknown: ["done", "refused", "not_sent", "unknown", "mismatch", "settled_not_moved", "sending"],
  settled_not_moved: ["settled_not_moved", "mismatch"],
  refused: ["mismatch"],
  not_sent: ["mismatch"],
  done: ["done"],
  mismatch: [],
};

/** The first illegal step of a call. */
export function illegalSteps(transitions: readonly TransitionRow[]): string | undefined {
  const states = new Map<string, string>();
  for (const line of transitions) {
    const { what, approvalId, cancelId, from, to } = line;
    if ((what !== "approval" && what !== "cancel") || isReview(line)) continue;
    const call = cancelId ?? approvalId;
    const before = states.get(call) ?? "start";
    const table = what === "cancel" ? cancel : approval;
    if ((from ?? "start") !== before) return `a ${what} that is ${before} left ${from} for ${to}`;
    if (table[before]?.includes(to) !== true) return `a ${what} went from ${before} to ${to}`;
    states.set(call, to);
  }
  return undefined;
}

const key: Readonly<Record<string, readonly string[]>> = {
  start: ["reserved", "active"],
  reserved: ["sending", "failed", "active"],
  sending: ["active", "failed", "unknown"],
  unknown: ["active", "failed", "deleting"],
  active: ["deleting"],
  failed: ["deleting"],
  deleting: ["deleting", "deleted"],
  deleted: [],
};

/** The first illegal step of a billing key. */
export function illegalKeySteps(
  steps: readonly Pick<KeyTransition, "rowId" | "from" | "to">[],
): string | undefined {
  const states = new Map<string, string>();
  for (const { rowId, from, to } of steps) {
    const before = states.get(rowId) ?? "start";
    if ((from ?? "start") !== before) return `a key that is ${before} left ${from} for ${to}`;
    if (key[before]?.includes(to) !== true) return `a key went from ${before} to ${to}`;
    states.set(rowId, to);
  }
  return undefined;
}
