import type { OrderPayment } from "@payapi/core";
import { addAttempt, nextAttemptNo, oidFor } from "./attempts.js";
import { giveBackElsewhere } from "./escrow-cancels.js";
import { paymentFacts } from "./facts.js";
import { type Draft, noteMismatch, type OperatorNote } from "./order.js";
import { speakingAttempt, viewOrder } from "./order-status.js";
import { type ApprovalRow, isLive } from "./rows.js";
import { isAnothers, settleApproval } from "./settle-approval.js";

/** A payment at the gateway, as its console or a process that made it reports. */
export interface FoundPayment {
  /** The order number at the gateway. */
  readonly oid: string;
  readonly tid: string;
  /** Won that were approved. */
  readonly price: number;
  /** Won that were cancelled since. */
  readonly cancelled: number;
  /** The gateway's name of the payment method, such as `card`. */
  readonly payType: string;
}

/**
 * What a found payment means for the ledger. `known`: the ledger has it. `adopted`: it was missing, and the order is paid now. `locked`: the
 * order contradicts it, so it needs review.
 */
export type Adoption = "known" | "adopted" | "locked";

/** Adds a payment that the ledger lost, or settles its attempt. Found again, it changes nothing. */
export function adoptPayment(
  draft: Draft,
  {
    found,
    newId: id,
    at,
    note,
  }: {
    readonly found: FoundPayment;
    readonly newId: string;
    readonly at: Date;
    readonly note: OperatorNote;
  },
): { readonly adoption: Adoption; readonly order: OrderPayment | undefined } {
  const before = draft.order;
  const row = attemptOf(before.approvals, found);
  const facts = paymentFacts(found.tid, found.price);
  const report = { facts, by: "operator", at, note } as const;
  const isUndone = row?.state === "net_cancelled" && found.cancelled >= found.price;
  if (!isUndone && !(row === undefined && isAnothers(draft, undefined, found.tid))) {
    const live = speakingAttempt(before.approvals);
    if (row !== undefined) settleApproval(draft, row, report);
    else if (live !== undefined && isLive(live)) {
      // A second payment of an order can't live beside the first one.
      const isNoted = live.mismatches.some(({ kind, tid }) => kind === "approval" && tid === found.tid);
      if (!isNoted) {
        const call = { kind: "approval", approval: live } as const;
        noteMismatch(draft, call, report, found.price);
        draft.requireReview(live.id, at);
        draft.post(call, at, found.price, "suspense");
      }
    } else {
      const { oid, price, payType } = found;
      const attemptNo = attemptNoOf(draft, oid);
      const added = { id, attemptNo, oid, payType, price, state: "reserved", createdAt: at } as const;
      settleApproval(draft, addAttempt(draft, added, { actor: note.actor }), report);
    }
    giveBack(draft, found, { at, note });
  }
  const order = viewOrder(draft.orderId, draft.order);
  if (draft.order.entries === before.entries) return { adoption: "known", order };
  return { adoption: order?.status === "needs-review" ? "locked" : "adopted", order };
}

/** The attempt that a found payment belongs to: the one with its transaction, or one of its order number without any. */
function attemptOf(
  approvals: readonly ApprovalRow[],
  { oid, tid }: Pick<FoundPayment, "oid" | "tid">,
): ApprovalRow | undefined {
  return (
    approvals.find((row) => row.tid === tid || row.authTid === tid) ??
    approvals.findLast((row) => row.oid === oid && row.tid === null)
  );
}

/** The number that the lost attempt had, so that its order number is never used again. */
function attemptNoOf(draft: Draft, oid: string): number {
  const { approvals } = draft.order;
  const had = Number(/[-_](\d{1,9})$/.exec(oid)?.[1]);
  const isFree = had > 0 && !approvals.some(({ attemptNo }) => attemptNo === had);
  return isFree && oidFor(draft.orderId, had) === oid ? had : nextAttemptNo(draft);
}

/** Cancels that the ledger lost, or that were made in the console. An open cancel of ours locks the order already. */
function giveBack(
  draft: Draft,
  { tid, cancelled }: FoundPayment,
  { at, note }: { readonly at: Date; readonly note: OperatorNote },
): void {
  const row = draft.order.approvals.find((each) => each.tid === tid);
  if (row?.state !== "approved" || row.openCancel !== null) return;
  const elsewhere = row.mismatches.filter(({ kind }) => kind === "cancelled-elsewhere");
  const known = elsewhere.reduce((sum, { booked = 0 }) => sum + booked, row.price - row.remaining);
  const price = cancelled - known;
  if (price > 0) giveBackElsewhere(draft, row.id, { price, tid, at: undefined }, at, note);
}
