import { LedgerError } from "../errors.js";
import { addAttempt, completeAccount } from "../payment-page/keep-account.js";
import { factsOf } from "../reply-facts.js";
import { postMoney } from "../report.js";
import { settleApproval } from "../settle-approval.js";
import {
  type AccountFields,
  type ApprovalRow,
  type LedgerTransaction,
  liveApprovalStates,
  type TransitionKind,
} from "../store.js";
import { transitionOf } from "../transitions.js";
import type { InboxVerdict, NotificationReason } from "./inbox-rows.js";
import type { Judgement, Situation } from "./notification-rules.js";

type Verdict = Omit<InboxVerdict, "orderId">;

/** Does what was judged; the order's links and rows are locked. */
export async function apply(
  tx: LedgerTransaction,
  situation: Situation,
  judgement: Judgement,
  at: Date,
): Promise<Verdict> {
  switch (judgement.to) {
    case "keep": {
      const { effect, reason, attempt } = judgement;
      // Anybody can write from a source that is not listed; the timeline is not theirs.
      if (effect === "conflicting" && reason !== null && attempt !== undefined) {
        await addLine(tx, situation, attempt, at, "notification", reason);
      }
      return { effect, reason };
    }
    case "complete":
      await completeAccount(tx, judgement.attempt, accountOf(situation));
      return { effect: "known", reason: null };
    case "await":
      await add(tx, situation, at);
      return { effect: "applied", reason: null };
    case "flag":
      await addLine(tx, situation, judgement.attempt, at, "notification", "cancelled-elsewhere");
      await tx.markContradicted(judgement.attempt.id, at);
      return { effect: "conflicting", reason: "cancelled-elsewhere" };
    case "again":
      return payAgain(tx, situation, judgement.attempt, at);
    case "reverse":
      return reverse(tx, situation, judgement.attempt ?? (await add(tx, situation, at)), at);
    case "pay":
      return pay(tx, situation, judgement.attempt ?? (await add(tx, situation, at)), {
        at,
        isOutdated: judgement.isOutdated,
      });
  }
}

async function pay(
  tx: LedgerTransaction,
  situation: Situation,
  attempt: ApprovalRow,
  { at, isOutdated }: { readonly at: Date; readonly isOutdated: boolean },
): Promise<Verdict> {
  const { price, tid, applNum, at: paidAt } = situation.reported;
  await completeAccount(tx, attempt, accountOf(situation));
  const facts = factsOf({
    outcome: "succeeded",
    tid,
    ...(price === undefined ? {} : { price }),
    ...(applNum === undefined ? {} : { applNum }),
    ...(paidAt === undefined ? {} : { at: paidAt }),
  });
  const others = situation.order.approvals.filter(({ id }) => id !== attempt.id);
  const order = { approvals: [...others, attempt], cancels: situation.order.cancels };
  const step = await settleApproval(tx, order, attempt, { facts, by: "notification", at, isOutdated });
  if (step === "move") return { effect: "applied", reason: null };
  if (step === "keep") return { effect: "known", reason: null };
  if (others.some(isLive)) return { effect: "conflicting", reason: "duplicate" };
  return { effect: "conflicting", reason: isOutdated ? "price-changed" : "money-contradicts" };
}

/** Each event that reports a deposit is money of its own: more of it than the order asked for. */
async function payAgain(
  tx: LedgerTransaction,
  situation: Situation,
  attempt: ApprovalRow,
  at: Date,
): Promise<Verdict> {
  await addLine(tx, situation, attempt, at, "notification", "deposited-again");
  await tx.markContradicted(attempt.id, at);
  const call = { kind: "approval", approval: attempt } as const;
  await postMoney(tx, call, at, situation.reported.price ?? attempt.price, "unexplained");
  return { effect: "conflicting", reason: "deposited-again" };
}

/**
 * The deposit itself may come later, or never: both are facts, and the order in which they come makes no difference to what
 * the books and the order show in the end.
 */
async function reverse(
  tx: LedgerTransaction,
  situation: Situation,
  attempt: ApprovalRow,
  at: Date,
): Promise<Verdict> {
  await completeAccount(tx, attempt, accountOf(situation));
  const lines = await tx.transitions(attempt.mid, attempt.orderId);
  const own = lines.filter(({ approvalId }) => approvalId === attempt.id);
  const reversals = own.filter(({ what }) => what === "reversal").length;
  const again = own.filter(
    ({ what, failureCode }) => what === "notification" && failureCode === "deposited-again",
  );
  // No more can be taken back than came.
  if (reversals < 1 + again.length) {
    await addLine(tx, situation, attempt, at, "reversal", "reversed");
    await tx.markContradicted(attempt.id, at);
    const call = { kind: "approval", approval: attempt } as const;
    await postMoney(tx, call, at, -(situation.reported.price ?? attempt.price), "unexplained");
  }
  return { effect: "conflicting", reason: "reversed" };
}

/** An attempt for what came without one: nobody told us of the account, or of the payment, before. */
async function add(tx: LedgerTransaction, situation: Situation, at: Date): Promise<ApprovalRow> {
  const { link, order, reported } = situation;
  if (link === undefined) throw new LedgerError("broken-rule", "An order number belongs to nothing");
  const { tid } = reported;
  const account = accountOf(situation);
  // Beside a living attempt there is no place for another; what it brings is flagged as money of a call not sent.
  const notYet = order.approvals.some(isLive) ? "not_sent" : "reserved";
  const state = link.payType === "vbank" ? "awaiting_deposit" : notYet;
  return addAttempt(tx, order, link, { tid, state, at, account, actor: "notification" });
}

async function addLine(
  tx: LedgerTransaction,
  { reported }: Situation,
  approval: ApprovalRow,
  at: Date,
  what: TransitionKind,
  reason: NotificationReason,
): Promise<void> {
  const { state } = approval;
  const line = transitionOf(
    { kind: "approval", approval },
    { at, from: state, to: state, actor: "notification" },
  );
  const { tid, price } = reported;
  await tx.addTransition({ ...line, what, tid, price: price ?? null, failureCode: reason });
}

function accountOf({ reported }: Situation): AccountFields {
  const { account, bankCode, payType } = reported;
  const isVirtual = payType === "vbank";
  return {
    accountNumber: (isVirtual ? account : undefined) ?? null,
    accountBank: (isVirtual ? bankCode : undefined) ?? null,
    accountHolder: null,
    accountDueAt: null,
  };
}

function isLive({ state }: ApprovalRow): boolean {
  const live: readonly string[] = liveApprovalStates;
  return live.includes(state);
}
