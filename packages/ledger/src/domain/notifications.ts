import { applyNotification } from "./apply-notification.js";
import type { Reported } from "./facts.js";
import { judge } from "./judge-notification.js";
import type { InboxVerdict, NewInboxRow } from "./notification-rows.js";
import type { Draft } from "./order.js";

/** A notification about an order, as it is to be decided about. */
export interface NotificationFact {
  readonly kind: "notification";
  readonly reported: Reported;
  /** The notification as it is kept; its verdict is what is decided. */
  readonly row: NewInboxRow;
  /** Whether its source is listed, or an operator vouches for it: what is not is believed no more than what is known anyway. */
  readonly believed: boolean;
  /** Whether an operator releases it from quarantine. */
  readonly isReleased: boolean;
  /** Whether another event reported the same about the same transaction of the order, whatever became of it. */
  readonly reportedOtherwise: boolean;
  /** For an attempt that the payment page made, and that is not known yet. */
  readonly newId: string;
}

/** What was kept of a notification, for those who are told of it. */
export interface NotificationVerdict {
  readonly row: NewInboxRow;
  readonly verdict: InboxVerdict;
  readonly isReleased: boolean;
}

/** What becomes of a notification of this order; its row, and what it does to the order. */
export function decideNotification(draft: Draft, fact: NotificationFact): InboxVerdict {
  const verdict = { ...verdictOf(draft, fact), orderId: draft.orderId };
  draft.notified({ row: fact.row, verdict, isReleased: fact.isReleased });
  return verdict;
}

function verdictOf(draft: Draft, fact: NotificationFact): Omit<InboxVerdict, "orderId"> {
  const { reported, isReleased } = fact;
  const { oid, what } = reported;
  if (what === "unrecognised") {
    // Whoever releases it has looked into it, and there is nothing more that could ever be done with it.
    return { effect: isReleased ? "ignored" : "quarantined", reason: "unrecognised" };
  }
  if (oid === undefined) throw new Error("A notification of an order names its number");
  const situation = { ...fact, reported: { ...reported, oid, what }, draft };
  return applyNotification(situation, judge(situation));
}

/** What becomes of a notification that is about no order here. */
export function verdictWithoutOrder(
  { mid, what }: Reported,
  ours: string,
  isReleased: boolean,
): InboxVerdict {
  const orderId = null;
  if (mid !== undefined && mid !== ours) return { effect: "quarantined", reason: "other-merchant", orderId };
  if (what === "unrecognised") {
    return { effect: isReleased ? "ignored" : "quarantined", reason: "unrecognised", orderId };
  }
  return what === "nothing"
    ? { effect: "ignored", reason: null, orderId }
    : { effect: "quarantined", reason: "unknown-order", orderId };
}
