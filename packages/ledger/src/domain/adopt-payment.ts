import type { OrderPayment } from "@payapi/core";
import { addAttempt, nextAttemptNo, oidFor } from "./attempts.js";
import { atGateway, giveBackElsewhere } from "./escrow-cancels.js";
import { paymentFacts } from "./facts.js";
import { type Draft, entryOf, mismatchOf, type OperatorNote, type Report } from "./order.js";
import { viewOrder } from "./order-status.js";
import { type ApprovalRow, isLive, type Mismatch } from "./rows.js";
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
    const noted = before.approvals.find((each) => noteOf(each, found) !== undefined);
    const beside = noted ?? before.approvals.find(isLive);
    if (row !== undefined) settleApproval(draft, row, report);
    else if (beside !== undefined) noteBeside(draft, beside, found, report);
    else {
      const { oid, price, payType } = found;
      const attemptNo = attemptNoOf(draft, oid);
      const added = { id, attemptNo, oid, payType, price, state: "reserved", createdAt: at } as const;
      settleApproval(draft, addAttempt(draft, added, { actor: note.actor }), report);
    }
    giveBack(draft, row?.id ?? id, found, { at, note });
  }
  const order = viewOrder(draft.orderId, draft.order);
  if (draft.order.entries === before.entries) return { adoption: "known", order };
  return { adoption: order?.status === "needs-review" ? "locked" : "adopted", order };
}

/** A second payment of an order can't be active beside the first one: what the gateway still has of it is booked as suspense. */
function noteBeside(draft: Draft, live: ApprovalRow, found: FoundPayment, report: Report): void {
  const noted = noteOf(live, found);
  const left = found.price - found.cancelled;
  const before = noted?.booked ?? 0;
  if (noted !== undefined && (before === left || (before > 0 && before < left))) return;
  const { state } = live;
  const approval = draft.changeApproval(live.id, {
    mismatches: live.mismatches.filter((each) => each !== noted),
  });
  const call = { kind: "approval", approval } as const;
  const entry = entryOf(call, { from: state, to: state, isMismatch: true }, report);
  draft.audit(entry);
  draft.addMismatch(live.id, { ...mismatchOf(call, entry), kind: noted?.kind ?? "beside", booked: left });
  draft.requireReview(live.id, report.at);
  draft.post(call, report.at, left - before, "suspense");
}

function noteOf({ mismatches }: ApprovalRow, { tid }: FoundPayment): Mismatch | undefined {
  const isBooked = ({ kind, booked = 0 }: Mismatch) =>
    kind === "beside" || (kind === "approval" && booked > 0);
  return mismatches.find((each) => each.tid === tid && isBooked(each));
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
  id: string,
  { tid, cancelled }: FoundPayment,
  { at, note }: { readonly at: Date; readonly note: OperatorNote },
): void {
  const row = draft.order.approvals.find((each) => each.id === id);
  if (row === undefined || row.openCancel !== null) return;
  const elsewhere = row.mismatches.filter(({ kind }) => kind === "cancelled-elsewhere");
  const ours = row.state === "approved" ? row.price - row.remaining : 0;
  const known = elsewhere.reduce((sum, { booked = 0 }) => sum + booked, ours);
  const price = cancelled - known;
  if (price > 0 && atGateway(row) > 0)
    giveBackElsewhere(draft, row.id, { price, tid, at: undefined }, at, note);
}
