import { addAttemptOfPage, completeAccount } from "./attempts.js";
import { addNotice, giveBackElsewhere } from "./escrow-cancels.js";
import type { Reported } from "./facts.js";
import { factsOf, withReport } from "./facts.js";
import type { Judgement, Situation } from "./judge-notification.js";
import { depositReport, isSameMethod, judge, linkOf, refundedBy } from "./judge-notification.js";
import type { NotificationFact, NotificationOutcome, NotificationReason } from "./notification-rows.js";
import type { Draft } from "./order.js";
import { transitionOf } from "./order.js";
import { type AccountFields, type ApprovalRow, isLive, type Mismatch, type TransitionKind } from "./rows.js";
import { settleApproval } from "./settle-approval.js";

type Verdict = Omit<NotificationOutcome, "orderId">;

/** Decides about a notification of this order: its row, and its effect on the order. */
export function decideNotification(draft: Draft, fact: NotificationFact): NotificationOutcome {
  const verdict = { ...verdictOf(draft, fact), orderId: draft.orderId };
  draft.notified({ row: fact.row, verdict, isReleased: fact.isReleased });
  return verdict;
}

function verdictOf(draft: Draft, fact: NotificationFact): Omit<NotificationOutcome, "orderId"> {
  const { reported, isReleased } = fact;
  const { oid, what } = reported;
  if (what === "unrecognised") {
    // The operator who releases it has reviewed it; it has no further effect.
    return { effect: isReleased ? "ignored" : "quarantined", reason: "unrecognised" };
  }
  if (oid === undefined) throw new Error("A notification of an order names its number");
  const rest = what === "accepted" ? refundedBy(draft.order.approvals, reported)?.remaining : undefined;
  const price = rest ?? reported.price;
  const situation = { ...fact, reported: { ...reported, oid, what, price }, draft };
  return applyNotification(situation, judge(situation));
}

/** Decides about a notification that matches no order. */
export function verdictWithoutOrder(
  { mid, what }: Reported,
  ours: string,
  isReleased: boolean,
): NotificationOutcome {
  const orderId = null;
  if (mid !== undefined && mid !== ours) return { effect: "quarantined", reason: "other-merchant", orderId };
  if (what === "unrecognised") {
    return { effect: isReleased ? "ignored" : "quarantined", reason: "unrecognised", orderId };
  }
  return what === "nothing"
    ? { effect: "ignored", reason: null, orderId }
    : { effect: "quarantined", reason: "unknown-order", orderId };
}

/** Applies a judgement to the order. */
function applyNotification(situation: Situation, judgement: Judgement): Verdict {
  const { draft, row } = situation;
  const at = row.receivedAt;
  switch (judgement.to) {
    case "keep": {
      const { effect, reason, attempt } = judgement;
      // Unlisted sources write no audit entries, and another body of the same event says nothing about the order.
      if (effect === "mismatch" && reason !== null && reason !== "other-content" && attempt !== undefined) {
        addEntry(situation, attempt, "notification", reason);
      }
      return { effect, reason };
    }
    case "complete":
      completeAccount(
        draft,
        withMethod(situation, withDeposit(situation, judgement.attempt)),
        accountOf(situation),
      );
      return { effect: "known", reason: null };
    case "await":
      add(situation);
      return { effect: "applied", reason: null };
    case "flag": {
      giveBackElsewhere(draft, judgement.attempt.id, situation.reported, at);
      return { effect: "mismatch", reason: "cancelled-elsewhere" };
    }
    case "explain": {
      const { attempt, cancel } = judgement;
      if (addNotice(draft, attempt, cancel, { notified: situation.reported, at })) {
        return { effect: "mismatch", reason: "amount-differs" };
      }
      return { effect: cancel.state === "done" ? "known" : "ignored", reason: null };
    }
    case "book": {
      const { effect, reason } = pay(situation, add(situation), { at, isOutdated: true });
      return { effect, reason: reason === "duplicate" ? reason : "pay-type-differs" };
    }
    case "again":
      return payAgain(situation, judgement.attempt);
    case "reverse":
      return reverse(situation, judgement.attempt ?? add(situation));
    case "pay":
      return pay(situation, judgement.attempt ?? add(situation), { at, isOutdated: judgement.isOutdated });
  }
}

function pay(
  situation: Situation,
  attempt: ApprovalRow,
  { at, isOutdated }: { readonly at: Date; readonly isOutdated: boolean },
): Verdict {
  const { draft } = situation;
  const { price, tid, applNum, payType, partlyCancellable, at: paidAt } = situation.reported;
  const row = completeAccount(draft, withDeposit(situation, attempt), accountOf(situation));
  const facts = factsOf({
    outcome: "succeeded",
    tid,
    ...(price === undefined ? {} : { price }),
    ...(applNum === undefined ? {} : { applNum }),
    ...(payType === undefined ? {} : { payType }),
    ...(partlyCancellable === undefined ? {} : { partlyCancellable }),
    ...(paidAt === undefined ? {} : { at: paidAt }),
  });
  const isBesideAnother = draft.order.approvals.some((other) => other.id !== row.id && isLive(other));
  const step = settleApproval(draft, row, { facts, by: "notification", at, isOutdated });
  if (step === "move") return { effect: "applied", reason: null };
  if (step === "keep" || step === "confirm") return { effect: "known", reason: null };
  if (isBesideAnother) return { effect: "mismatch", reason: "duplicate" };
  return { effect: "mismatch", reason: isOutdated ? "price-changed" : "unexpected-money" };
}

/** Books a further deposit to the same account: more money than the order asked for. */
function payAgain(situation: Situation, attempt: ApprovalRow): Verdict {
  const reason = "deposited-again";
  const row = withDeposit(situation, attempt);
  const price = situation.reported.price ?? attempt.price;
  const early = row.mismatches.find(
    ({ kind, booked, cancelId }) => kind === "reversal" && booked === 0 && cancelId === null,
  );
  flag(situation, row, reason, reason, price);
  if (early !== undefined) bookReversal(situation, row.id, early);
  return { effect: "mismatch", reason };
}

/** Books a reversal that was reported before its deposit. */
function bookReversal({ draft, row: { receivedAt } }: Situation, id: string, early: Mismatch): void {
  const approval = draft.order.approvals.find((row) => row.id === id);
  if (approval === undefined) return;
  const booked = early.price ?? approval.price;
  const mismatches = approval.mismatches.map((each) => (each === early ? { ...each, booked } : each));
  const call = { kind: "approval", approval: draft.changeApproval(id, { mismatches }) } as const;
  draft.post(call, receivedAt, -booked, "suspense");
}

/**
 * Books that the bank reversed a deposit. The deposit itself may be reported later, or never: the books end up the same in either
 * order.
 */
function reverse(situation: Situation, attempt: ApprovalRow): Verdict {
  const { draft, reported } = situation;
  const row = completeAccount(draft, attempt, accountOf(situation));
  const of = (kind: Mismatch["kind"]) => row.mismatches.filter((known) => known.kind === kind);
  // A cancel that is done only since the gateway said "already" is explained by the first reversal: its money is out of the books.
  const explained = draft.order.cancels.find(
    ({ id, approvalId, state, failureCode, settledBy }) =>
      approvalId === row.id &&
      state === "done" &&
      failureCode !== null &&
      settledBy !== "operator" &&
      !of("reversal").some(({ cancelId }) => cancelId === id),
  );
  // No more can be reversed than was deposited: a further reversal waits for its deposit.
  const cameBefore = of("reversal").length < 1 + of("deposited-again").length;
  const won = explained === undefined && cameBefore ? -(reported.price ?? row.price) : 0;
  flag(situation, row, "reversal", "reversed", won, explained?.id);
  return { effect: "mismatch", reason: "reversed" };
}

/** Books money that does not belong to the attempt's state; the order needs review. */
function flag(
  situation: Situation,
  attempt: ApprovalRow,
  kind: "deposited-again" | "reversal",
  reason: NotificationReason,
  won: number,
  explains: string | null = null,
): void {
  const { draft, row, reported } = situation;
  addEntry(situation, attempt, kind === "reversal" ? "reversal" : "notification", reason);
  draft.addMismatch(attempt.id, {
    kind,
    cancelId: explains,
    state: attempt.state,
    outcome: null,
    price: reported.price ?? attempt.price,
    tid: reported.tid,
    resultCode: null,
    booked: Math.abs(won),
  });
  draft.requireReview(attempt.id, row.receivedAt);
  draft.post({ kind: "approval", approval: attempt }, row.receivedAt, won, "suspense");
}

/** Adds an attempt for an account or payment that the notification is the first to report. */
function add(situation: Situation): ApprovalRow {
  const { draft, reported, row, newId } = situation;
  const link = linkOf(situation);
  if (link === undefined) throw new Error("An order number belongs to nothing");
  const account = accountOf(situation);
  // An order has one active attempt. Beside it, the money is flagged as money of a call that was not sent.
  const notYet = draft.order.approvals.some(isLive) ? "not_sent" : "reserved";
  // The page may offer other methods than the link was made for: the gateway names the one that was used.
  const { payType = link.payType } = reported;
  const method = isSameMethod(link.payType, payType) ? link.payType : payType;
  const state = method === "vbank" ? "awaiting_deposit" : notYet;
  const made = { id: newId, tid: reported.tid, state, at: row.receivedAt, account } as const;
  return addAttemptOfPage(draft, { ...link, payType: method }, { ...made, actor: "notification" });
}

/** Keeps what the gateway names of the payment's method, where its reply did not. */
function withMethod({ draft, reported }: Situation, attempt: ApprovalRow): ApprovalRow {
  const { payType = attempt.payType } = reported;
  const partlyCancellable = attempt.partlyCancellable ?? reported.partlyCancellable ?? null;
  if (payType === attempt.payType && partlyCancellable === attempt.partlyCancellable) return attempt;
  return draft.changeApproval(attempt.id, { payType, partlyCancellable });
}

/** Adds this report to the attempt's deposits. Reports from unlisted sources are not added. */
function withDeposit(situation: Situation, attempt: ApprovalRow): ApprovalRow {
  const { draft, reported, believed } = situation;
  if (!believed || reported.what !== "paid") return attempt;
  const deposits = withReport(attempt, depositReport(situation));
  if (deposits === attempt.deposits) return attempt;
  return draft.changeApproval(attempt.id, { deposits });
}

function addEntry(
  { draft, reported, row }: Situation,
  approval: ApprovalRow,
  what: TransitionKind,
  reason: NotificationReason,
): void {
  const { state } = approval;
  const entry = { at: row.receivedAt, from: state, to: state, actor: "notification" };
  const { tid, price = null } = reported;
  const line = transitionOf({ kind: "approval", approval }, entry);
  draft.audit({ ...line, what, tid, price, failureCode: reason });
}

function accountOf({ reported }: Situation): AccountFields {
  const { account, bankCode, payType, dueAt } = reported;
  const isVirtual = payType === "vbank";
  return {
    accountNumber: (isVirtual ? account : undefined) ?? null,
    accountBank: (isVirtual ? bankCode : undefined) ?? null,
    accountHolder: null,
    accountDueAt: (isVirtual ? dueAt : undefined) ?? null,
  };
}
