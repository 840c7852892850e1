import type { PagePayType } from "@payapi/core/notifications";
import { attemptWithTid, isSameAccount } from "./attempts.js";
import { isOutdated } from "./deadlines.js";
import { bookedFor, whatExplains } from "./escrow-cancels.js";
import type { Reported } from "./facts.js";
import { type DepositReport, depositAfter, isAnotherMoment } from "./facts.js";
import type { NotificationFact, NotificationOutcome, NotificationReason } from "./notification-rows.js";
import type { Draft } from "./order.js";
import type { ApprovalRow, CancelRow, LinkRow } from "./rows.js";
import { isAnothers } from "./settle-approval.js";

/** The data by which a notification is judged. */
export interface Situation extends Omit<NotificationFact, "reported" | "kind"> {
  readonly reported: Omit<Reported, "oid" | "what"> & {
    readonly oid: string;
    readonly what: Exclude<Reported["what"], "unrecognised">;
  };
  readonly draft: Draft;
}

/** Converts the notification to the report of a deposit. */
export function depositReport(situation: Situation): DepositReport {
  const { kind, dedupeKey, fingerprint } = situation.row;
  const event = isBeside(situation) ? `${dedupeKey} ${fingerprint}` : dedupeKey;
  return { channel: kind, event, at: situation.reported.at };
}

/** Returns whether the same event arrived before with another body. If an operator releases it, the earlier one may be a stranger's. */
function isBeside({ row, isReleased }: Situation): boolean {
  return row.beside && !isReleased;
}

/** The link with the notification's order number. */
export function linkOf({ draft, reported }: Situation): LinkRow | undefined {
  return draft.order.links.find(({ oid }) => oid === reported.oid);
}

/** What to do with a notification. */
export type Judgement =
  | { readonly to: "pay"; readonly attempt: ApprovalRow | undefined; readonly isOutdated: boolean }
  | { readonly to: "reverse"; readonly attempt: ApprovalRow | undefined }
  | { readonly to: "await"; readonly link: LinkRow }
  /** Money for a link, by another method than the link was made for: booked, and the order needs review. */
  | { readonly to: "book" }
  | { readonly to: "complete" | "flag" | "again"; readonly attempt: ApprovalRow }
  | { readonly to: "explain"; readonly attempt: ApprovalRow; readonly cancel: CancelRow }
  | ({ readonly to: "keep"; readonly attempt: ApprovalRow | undefined } & Omit<
      NotificationOutcome,
      "orderId"
    >);

/** Judges a notification by the order alone; the gateway's texts are not used. */
export function judge(situation: Situation): Judgement {
  switch (situation.reported.what) {
    case "paid":
      return judgePaid(situation);
    case "issued":
      return judgeIssued(situation);
    case "reversed":
      return judgeReversed(situation);
    case "cancelled":
    case "accepted":
      return judgeCancelled(situation);
    case "nothing":
      return keep("ignored", null, undefined);
  }
}

function judgePaid(situation: Situation): Judgement {
  const { draft, reported, believed, reportedOtherwise } = situation;
  const { order } = draft;
  const own = order.approvals.filter(({ oid }) => oid === reported.oid);
  const withTid = attemptWithTid(order.approvals, reported.oid, reported.tid);
  const attempt = withTid ?? own.find(isRunning) ?? own.at(-1);
  const differs = whatDiffers(situation, attempt, withTid !== undefined);
  const confirms = withTid?.state === "approved" && differs === undefined;
  if (!believed) {
    // A second deposit to one account confirms no known deposit.
    return confirms && !reportedOtherwise
      ? keep("known", null, withTid)
      : keep("quarantined", "source-not-listed", attempt);
  }
  if (isBeside(situation)) {
    // The same event with another body: only its time can show that it is another deposit.
    const isAnother = differs === undefined && attempt !== undefined && isAnotherMoment(attempt, reported.at);
    return isAnother ? { to: "again", attempt } : keep("mismatch", "other-content", attempt);
  }
  if (differs === "pay-type-differs" && isOfPage(situation)) return { to: "book" };
  if (differs !== undefined) return keep("mismatch", differs, attempt);
  if (attempt !== undefined && depositAfter(attempt, depositReport(situation)) === "another") {
    return { to: "again", attempt };
  }
  // An operator's word is settled by this proof.
  if (confirms && withTid.settledBy !== "operator") return { to: "complete", attempt: withTid };
  return { to: "pay", attempt, isOutdated: paysTooLate(situation, attempt) };
}

/** A running call was requested at its own price. */
function paysTooLate(situation: Situation, attempt: ApprovalRow | undefined): boolean {
  const paid = attempt ?? linkOf(situation);
  if (paid === undefined || (attempt !== undefined && isRunning(attempt))) return false;
  return isOutdated(situation.draft.order, paid);
}

function judgeReversed(situation: Situation): Judgement {
  const { reported, believed, draft } = situation;
  const { order } = draft;
  const withTid = attemptWithTid(order.approvals, reported.oid, reported.tid);
  const attempt = withTid ?? order.approvals.findLast(({ oid }) => oid === reported.oid);
  if (!believed) return keep("quarantined", "source-not-listed", attempt);
  const differs = whatDiffers(situation, attempt, withTid !== undefined);
  if (differs === "pay-type-differs" && isOfPage(situation)) return { to: "reverse", attempt: undefined };
  if (differs !== undefined && !(differs === "amount-differs" && isRestOf(withTid, situation))) {
    return keep("mismatch", differs, attempt);
  }
  if (attempt !== withTid) return keep("mismatch", "tid-differs", attempt);
  return { to: "reverse", attempt };
}

/** Returns whether the amount is the rest of a deposit after the refunds that were, or may have been, carried out. */
function isRestOf(payment: ApprovalRow | undefined, { draft, reported }: Situation): boolean {
  if (payment?.state !== "approved" || reported.price === undefined) return false;
  const refunds = draft.order.cancels
    .filter(({ approvalId, sendingAt }) => approvalId === payment.id && sendingAt !== null)
    .flatMap((cancel) => {
      const won = mayHaveRefunded(payment, cancel);
      return won.length === 0 ? [] : [won];
    });
  // Only the last cancel can be without a proof, so this stays small.
  const rests = refunds.reduce<readonly number[]>(
    (left, won) => [...new Set(left.flatMap((rest) => won.map((each) => rest - each)))],
    [payment.price],
  );
  return refunds.length > 0 && rests.includes(reported.price);
}

/** Won that a sent cancel may have refunded; empty if it refunded nothing. */
function mayHaveRefunded(payment: ApprovalRow, cancel: CancelRow): readonly number[] {
  const { id, state, cancelPrice, reportedPrice } = cancel;
  switch (state) {
    case "done":
      return [cancelPrice];
    case "sending":
    case "unknown":
      return [0, cancelPrice];
    case "mismatch":
      return [0, cancelPrice, reportedPrice ?? cancelPrice, bookedFor(payment, id)];
    default:
      return [];
  }
}

function judgeIssued(situation: Situation): Judgement {
  const { reported, believed, draft } = situation;
  const link = linkOf(situation);
  if (reported.account === undefined) return keep("ignored", null, undefined);
  const attempt = attemptWithTid(draft.order.approvals, reported.oid, reported.tid);
  const differs = whatDiffers(situation, attempt, attempt !== undefined);
  if (!believed) {
    const isKnown = attempt?.accountNumber != null && differs === undefined;
    return isKnown ? keep("known", null, attempt) : keep("quarantined", "source-not-listed", attempt);
  }
  if (differs !== undefined) return keep("mismatch", differs, attempt);
  if (attempt !== undefined) return { to: "complete", attempt };
  return link === undefined ? keep("mismatch", "pay-type-differs", undefined) : { to: "await", link };
}

/** The payment that a refund of escrow money is of. */
export function refundedBy(
  approvals: readonly ApprovalRow[],
  { oid, tid }: Pick<Reported, "oid" | "tid">,
): ApprovalRow | undefined {
  const approved = approvals.filter(({ state }) => state === "approved");
  return approved.findLast((row) => row.oid === oid) ?? approved.find((row) => row.tid === tid);
}

/** Judges the refund of an escrow payment: by a cancel of the shop, or in the gateway's console. */
function judgeCancelled({ draft, reported, believed }: Situation): Judgement {
  const { order } = draft;
  const attempt = refundedBy(order.approvals, reported);
  if (attempt === undefined) return keep("ignored", null, undefined);
  if (attempt.remaining === 0) return keep("known", null, attempt);
  const own = order.cancels.filter(
    ({ operation }) => reported.what === "cancelled" || operation === "escrow.confirmRejection",
  );
  const cause = whatExplains(own, attempt, reported);
  if (cause === "known") return keep("known", null, attempt);
  if (!believed) {
    return cause?.state === "done"
      ? keep("known", null, attempt)
      : keep("quarantined", "source-not-listed", attempt);
  }
  return cause === undefined ? { to: "flag", attempt } : { to: "explain", attempt, cancel: cause };
}

/** Returns the first difference between a notification and the request. */
function whatDiffers(
  situation: Situation,
  attempt: ApprovalRow | undefined,
  hasItsTid: boolean,
): NotificationReason | undefined {
  const { reported, draft } = situation;
  const asked = attempt ?? linkOf(situation);
  if (reported.price !== undefined && reported.price !== asked?.price) return "amount-differs";
  if (!isSameMethod(asked?.payType, reported.payType)) return "pay-type-differs";
  if (!isSameAccount(attempt?.accountNumber ?? null, reported.account ?? null)) return "account-differs";
  if (hasItsTid) return undefined;
  if (isAnothers(draft, undefined, reported.tid)) return "tid-of-another";
  return attempt?.state === "awaiting_deposit" ? "tid-differs" : undefined;
}

/** A transaction that the page made for one of the order's links, and that no attempt has: the page offered a method on its own. */
function isOfPage(situation: Situation): boolean {
  const { draft, reported } = situation;
  return linkOf(situation) !== undefined && !isAnothers(draft, undefined, reported.tid);
}

const notifiedPayTypes = { card: true, vbank: true, hpp: true, bank: true } as const satisfies Record<
  PagePayType,
  true
>;

/** Links accept more methods than notifications have names for; a notification names the underlying method. */
export function isSameMethod(asked: string | undefined, reported: string | undefined): boolean {
  if (asked === undefined || reported === undefined || asked === reported) return asked === reported;
  // The issue of a virtual account is not an approval.
  return reported !== "vbank" && !Object.hasOwn(notifiedPayTypes, asked);
}

/** Returns whether the attempt's final transaction id is still unknown. */
function isRunning({ state }: ApprovalRow): boolean {
  return state === "reserved" || state === "sending" || state === "unknown";
}

function keep(
  effect: NotificationOutcome["effect"],
  reason: NotificationReason | null,
  attempt: ApprovalRow | undefined,
): Judgement {
  return { to: "keep", effect, reason, attempt };
}
