import type { PagePayType } from "@payapi/core/notifications";
import { isOutdated } from "../payment-page/asked-since.js";
import { attemptWithTid, isSameAccount } from "../payment-page/keep-account.js";
import type { LinkRow } from "../payment-page/link-rows.js";
import type { ApprovalRow, OrderRows } from "../store.js";
import type { InboxVerdict, NotificationReason } from "./inbox-rows.js";
import type { Reported } from "./reported.js";

/** What is known when a notification is judged. */
export interface Situation {
  readonly reported: Omit<Reported, "oid" | "what"> & {
    readonly oid: string;
    readonly what: Exclude<Reported["what"], "unrecognised">;
  };
  /** Whether its source is listed; what is not is believed no more than what is known anyway. */
  readonly listed: boolean;
  readonly order: OrderRows;
  /** The link with its order number. */
  readonly link: LinkRow | undefined;
  /** Every link of the order. */
  readonly links: readonly LinkRow[];
  /** Whether any attempt has its transaction. */
  readonly tidIsKnown: boolean;
  /** Whether the same was reported of this transaction before, as another event, and taken for money. */
  readonly reportedBefore: "believed" | "kept" | undefined;
}

/** What is to be done about a notification. */
export type Judgement =
  | { readonly to: "pay"; readonly attempt: ApprovalRow | undefined; readonly isOutdated: boolean }
  | { readonly to: "reverse"; readonly attempt: ApprovalRow | undefined }
  | { readonly to: "await"; readonly link: LinkRow }
  | { readonly to: "complete" | "flag" | "again"; readonly attempt: ApprovalRow }
  | ({ readonly to: "keep"; readonly attempt: ApprovalRow | undefined } & Omit<InboxVerdict, "orderId">);

/** Judges a notification by the record alone; nothing here looks at the gateway's words. */
export function judge(situation: Situation): Judgement {
  switch (situation.reported.what) {
    case "paid":
      return judgePaid(situation);
    case "issued":
      return judgeIssued(situation);
    case "reversed":
      return judgeReversed(situation);
    case "cancelled":
      return judgeCancelled(situation);
    case "nothing":
      return keep("ignored", null, undefined);
  }
}

function judgePaid(situation: Situation): Judgement {
  const { order, reported, listed, reportedBefore } = situation;
  const own = order.approvals.filter(({ oid }) => oid === reported.oid);
  const withTid = attemptWithTid(order, reported.oid, reported.tid);
  const attempt = withTid ?? own.find(isRunning) ?? own.at(-1);
  const differs = whatDiffers(situation, attempt, withTid !== undefined);
  const confirms = withTid?.state === "approved" && differs === undefined;
  if (!listed) {
    // A second deposit to one account confirms nothing that is known.
    return confirms && reportedBefore === undefined
      ? keep("known", null, withTid)
      : keep("quarantined", "source-not-listed", attempt);
  }
  if (differs !== undefined) return keep("conflicting", differs, attempt);
  if (reportedBefore === "believed" && attempt !== undefined) return { to: "again", attempt };
  if (confirms) return { to: "complete", attempt: withTid };
  return { to: "pay", attempt, isOutdated: paysTooLate(situation, attempt) };
}

/** A call that is running was asked for at its price. */
function paysTooLate({ order, links, link }: Situation, attempt: ApprovalRow | undefined): boolean {
  const paid = attempt ?? link;
  if (paid === undefined || (attempt !== undefined && isRunning(attempt))) return false;
  return isOutdated(order, links, paid);
}

function judgeReversed(situation: Situation): Judgement {
  const { order, reported, listed } = situation;
  const withTid = attemptWithTid(order, reported.oid, reported.tid);
  const attempt = withTid ?? order.approvals.findLast(({ oid }) => oid === reported.oid);
  if (!listed) return keep("quarantined", "source-not-listed", attempt);
  const differs = whatDiffers(situation, attempt, withTid !== undefined);
  if (differs !== undefined && !(differs === "amount-differs" && isRestOf(withTid, situation))) {
    return keep("conflicting", differs, attempt);
  }
  if (attempt !== withTid) return keep("conflicting", "tid-differs", attempt);
  return { to: "reverse", attempt };
}

/** Of a deposit that was given back in part, or may have been, only the rest is left to take back. */
function isRestOf(payment: ApprovalRow | undefined, { order, reported }: Situation): boolean {
  const { price } = reported;
  if (payment?.state !== "approved" || price === undefined || price >= payment.price) return false;
  return order.cancels.some(({ approvalId }) => approvalId === payment.id);
}

function judgeIssued(situation: Situation): Judgement {
  const { order, link, reported, listed } = situation;
  if (reported.account === undefined) return keep("ignored", null, undefined);
  const attempt = attemptWithTid(order, reported.oid, reported.tid);
  const differs = whatDiffers(situation, attempt, attempt !== undefined);
  if (!listed) {
    const isKnown = attempt?.accountNumber != null && differs === undefined;
    return isKnown ? keep("known", null, attempt) : keep("quarantined", "source-not-listed", attempt);
  }
  if (differs !== undefined) return keep("conflicting", differs, attempt);
  if (attempt !== undefined) return { to: "complete", attempt };
  return link === undefined ? keep("conflicting", "pay-type-differs", undefined) : { to: "await", link };
}

/** The gateway, or somebody in its console, cancels escrow payments too; a cancel of ours explains the news of one. */
function judgeCancelled({ order, reported, listed }: Situation): Judgement {
  const approved = order.approvals.filter(({ state }) => state === "approved");
  const attempt =
    approved.findLast(({ oid }) => oid === reported.oid) ?? approved.find(({ tid }) => tid === reported.tid);
  if (attempt === undefined) return keep("ignored", null, undefined);
  const own = order.cancels.filter((row) => row.approvalId === attempt.id);
  const fits = ({ cancelPrice }: { cancelPrice: number }) =>
    reported.price === undefined || reported.price === cancelPrice;
  if (attempt.remaining === 0 || own.some((row) => row.state === "done" && fits(row))) {
    return keep("known", null, attempt);
  }
  if (!listed) return keep("quarantined", "source-not-listed", attempt);
  if (own.some((row) => row.id === attempt.openCancel && fits(row))) return keep("ignored", null, attempt);
  return { to: "flag", attempt };
}

/** In what a notification differs from what was asked for; the first of it. */
function whatDiffers(
  { reported, link, tidIsKnown }: Situation,
  attempt: ApprovalRow | undefined,
  hasItsTid: boolean,
): NotificationReason | undefined {
  const asked = attempt ?? link;
  if (reported.price !== undefined && reported.price !== asked?.price) return "amount-differs";
  if (!isSameMethod(asked?.payType, reported.payType)) return "pay-type-differs";
  if (!isSameAccount(attempt?.accountNumber ?? null, reported.account ?? null)) return "account-differs";
  if (hasItsTid) return undefined;
  if (tidIsKnown) return "tid-of-another";
  return attempt?.state === "awaiting_deposit" ? "tid-differs" : undefined;
}

const notifiedPayTypes = { card: true, vbank: true, hpp: true, bank: true } as const satisfies Record<
  PagePayType,
  true
>;

/** Links take more methods than notifications have words for: of those the gateway names what stands behind them. */
function isSameMethod(asked: string | undefined, reported: string | undefined): boolean {
  if (asked === undefined || reported === undefined || asked === reported) return asked === reported;
  // An account is no approval under another name.
  return reported !== "vbank" && !Object.hasOwn(notifiedPayTypes, asked);
}

/** Only of these nobody knows yet in which transaction they end. */
function isRunning({ state }: ApprovalRow): boolean {
  return state === "reserved" || state === "sending" || state === "unknown";
}

function keep(
  effect: InboxVerdict["effect"],
  reason: NotificationReason | null,
  attempt: ApprovalRow | undefined,
): Judgement {
  return { to: "keep", effect, reason, attempt };
}
