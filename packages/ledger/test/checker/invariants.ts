import type { OrderPayment } from "@payapi/core";
import type { Fact } from "../../src/domain/decide.js";
import { viewOrder } from "../../src/domain/order-status.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CancelState,
  liveApprovalStates,
  openCancelStates,
} from "../../src/domain/rows.js";
import { LedgerError } from "../../src/errors.js";
import { hour, type Movement, type State, sum, type Taken } from "./state.js";

/** The rules for every step from every state, stated independently of the ledger's rules. */
export function problemsOf(taken: Taken): string | undefined {
  return rules.map((rule) => rule(taken)).find((problem) => problem !== undefined);
}

/** Whether a step was refused by a documented error. */
export function refusals({ kind }: Fact, error: unknown): boolean {
  const isRefusal = error instanceof LedgerError && ["may-not-send", "not-yours"].includes(error.code);
  return isRefusal && (kind === "mark-sending" || kind === "mark-repeat");
}

type Rule = (taken: Taken) => string | undefined;
type Status = OrderPayment["status"];

const open: readonly (Status | undefined)[] = ["unknown", "in-progress", "needs-review"];

function statusOf({ order }: State): Status | undefined {
  return viewOrder(order.orderId, order)?.status;
}

const rules: readonly Rule[] = [
  postingsSumToZero,
  booksAreWhatWasProved,
  paidIsProved,
  paidAccountIsWhatRemains,
  locksAreLeftByProof,
  nothingIsSentTwice,
  reservationsAreCovered,
  repeatsAreBounded,
  strangersChangeNothing,
  resolutionsAreProved,
  rowsFitTheTables,
  eventsTellOnce,
  alarmsAreRaised,
  moneyIsReported,
];

function postingsSumToZero({ changes }: Taken): string | undefined {
  const isWrong = changes.postings.some(
    ({ entries }) => entries.reduce((all, { amount }) => all + amount, 0) !== 0,
  );
  return isWrong ? "a posting does not sum to zero" : undefined;
}

function booksAreWhatWasProved({ after }: Taken): string | undefined {
  const { movements, books } = after;
  const proved = sum(movements.filter(({ certainty }) => certainty === "proved"));
  const likely = movements.filter(({ certainty }) => certainty === "likely");
  const misreported = movements.map(({ won, misreported: said = won }) => said - won);
  const least =
    proved + sum(likely.filter(({ won }) => won < 0)) + total(misreported.filter((won) => won < 0));
  const most =
    proved +
    sum(likely.filter(({ won }) => won > 0)) +
    total(misreported.filter((won) => won > 0)) +
    early(after) +
    blurred(after);
  const { gateway } = books;
  if (gateway < least || gateway > most) {
    return `the books have ${gateway} won, and ${least === most ? least : `${least} to ${most}`} were proved`;
  }
  const status = statusOf(after);
  if (!open.includes(status) && misreported.some((won) => won !== 0)) {
    return `the order is ${status}, and two reports name different amounts`;
  }
  if (!open.includes(status) && gateway !== sum(movements)) {
    return `the order is ${status} with ${gateway} won in the books, and the gateway has ${sum(movements)}`;
  }
  return undefined;
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((all, won) => all + won, 0);
}

/** The amount of reversals whose deposit was not reported yet: they may wait for it. */
export function early({ movements }: State): number {
  const names = new Set(movements.filter(({ id }) => id.startsWith("R")).map(({ of }) => of));
  const missing = [...names].map((name) => Math.max(0, -sum(movements.filter(({ of }) => of === name))));
  return missing.reduce((all, won) => all + won, 0);
}

/** The amount that an open cancel of the shop may explain: while its outcome is unknown, they may wait for it. */
function blurred({ order, movements }: State): number {
  const isBlurred = (won: number) =>
    order.cancels.some(
      ({ state, cancelPrice }) => cancelPrice === -won && (state === "sending" || state === "unknown"),
    );
  return -sum(movements.filter(({ id, won }) => id.startsWith("K") && isBlurred(won)).slice(0, 1));
}

function paidIsProved({ after }: Taken): string | undefined {
  const view = viewOrder(after.order.orderId, after.order);
  if (view?.status !== "paid") return undefined;
  const isProved = after.movements.some(({ won, certainty }) => won === view.price && certainty === "proved");
  return isProved && after.books.gateway === view.price && after.books.suspense === 0
    ? undefined
    : "the order is paid without a proof of its full price";
}

function paidAccountIsWhatRemains({ after }: Taken): string | undefined {
  const { paid } = after.books;
  const remaining = after.order.approvals.reduce((all, row) => all + row.remaining, 0);
  return -paid === remaining ? undefined : `${-paid} won are booked as paid, and ${remaining} remain`;
}

function locksAreLeftByProof({ before, after, step }: Taken): string | undefined {
  const [was, is] = [statusOf(before), statusOf(after)];
  const wasSent = step.fact.kind === "silence" && step.fact.call.state === "sending";
  if (wasSent && open.includes(was) && !open.includes(is))
    return "a call that was sent is given up by silence";
  if (was === "needs-review" && is !== was) return "an order that needs review no longer does";
  if (was !== "unknown" || is === "unknown" || is === "needs-review") return undefined;
  const isProof = step.source === "report" || step.source === "resolution";
  const saysNothing = step.fact.kind === "outcome" && step.fact.facts.outcome === "unknown";
  if (isProof && !saysNothing) return undefined;
  // A net cancel of an unknown approval is in flight.
  return is === "in-progress" ? undefined : `a lock was left by: ${step.label}`;
}

function nothingIsSentTwice({ before, after, step }: Taken): string | undefined {
  if (step.sends !== undefined && before.sent.includes(step.sends)) return `${step.sends} may be sent twice`;
  const isLive = ({ state }: ApprovalRow) => (liveApprovalStates as readonly ApprovalState[]).includes(state);
  if (after.order.approvals.filter(isLive).length > 1) return "two approvals of the order live";
  const isOpen = (state: CancelState) => (openCancelStates as readonly CancelState[]).includes(state);
  const openCancels = after.order.cancels.filter(({ state }) => isOpen(state));
  return openCancels.length > 1 ? "two cancels of the order are open" : undefined;
}

function reservationsAreCovered({ before, after, step, answer }: Taken): string | undefined {
  if ((answer as { status?: string } | undefined)?.status !== "reserved") return undefined;
  const has = sum(before.movements);
  const status = statusOf(before);
  if (step.fact.kind === "reserve-approval") {
    const mayBeCharged = has === 0 && before.movements.every(({ certainty }) => certainty === "proved");
    return mayBeCharged && !open.includes(status)
      ? undefined
      : `an order may be charged of which ${has} won are paid (${status})`;
  }
  if (step.fact.kind !== "reserve-cancel") return undefined;
  const cancel = after.order.cancels.at(-1);
  if (cancel === undefined) return "a cancel was reserved and is not there";
  if (cancel.netCancel)
    return status === "unknown" ? undefined : `a net cancel of an order that is ${status}`;
  const isCovered = cancel.cancelPrice <= has && cancel.confirmPrice === has - cancel.cancelPrice;
  return isCovered && !open.includes(status)
    ? undefined
    : `${cancel.cancelPrice} of ${has} won are to be refunded (${status})`;
}

function repeatsAreBounded({ before, after, step, answer }: Taken): string | undefined {
  if (step.fact.kind !== "claim-repeat" || answer === undefined) return undefined;
  const { id } = step.fact;
  const cancel = after.order.cancels.find((row) => row.id === id);
  if (cancel?.operation !== "payments.cancel") return "a partial cancel is repeated";
  if (cancel.repeats > 3) return "a cancel is repeated more than three times";
  return statusOf(before) === "needs-review"
    ? "a cancel of an order that needs review is repeated"
    : undefined;
}

function strangersChangeNothing({ step, changes }: Taken): string | undefined {
  if (step.source !== "stranger") return undefined;
  const { approvals, cancels, postings, audit } = changes;
  const isChanged = [approvals, cancels, postings, audit].some(({ length }) => length > 0);
  return isChanged ? "a stranger changed the order" : undefined;
}

function resolutionsAreProved({ step, answer, before }: Taken): string | undefined {
  if (step.fact.kind !== "resolution") return undefined;
  const settled = (answer as { status?: string }).status === "settled";
  if (settled && step.mustRefuse !== undefined) return `an operator is believed: ${step.mustRefuse}`;
  if (!settled || step.fact.resolution.outcome === "moved") return undefined;
  const at = step.fact.at.getTime();
  const calls = [...before.order.approvals, ...before.order.cancels].filter(
    ({ state }) => state === "unknown",
  );
  const isEarly = calls.some(({ deadlineAt }) => deadlineAt !== null && at < deadlineAt.getTime() + hour / 6);
  return isEarly ? "an operator is believed before the gateway must have answered" : undefined;
}

/** The constraints of the tables: rows that violate them could not be written. */
function rowsFitTheTables({ after }: Taken): string | undefined {
  const { approvals, cancels, links } = after.order;
  for (const row of approvals) {
    const { remaining, held, openCancel, state, price, tid } = row;
    if (remaining < 0 || remaining > price) return `${remaining} won of ${price} remain`;
    if (held < 0 || held > remaining || (held > 0 && openCancel === null))
      return "a hold is not of an open cancel";
    if (state !== "approved" && remaining !== 0) return "something remains of what was not paid";
    if (state === "approved" && tid === null) return "a payment has no transaction";
    const given = cancels.filter(({ approvalId, state: at }) => approvalId === row.id && at === "done");
    const back = given.reduce((all, { cancelPrice }) => all + cancelPrice, 0);
    if (state === "approved" && remaining !== price - back)
      return "what remains is not the price without what was refunded";
    if (given.filter(({ operation }) => operation === "payments.cancel").length > 1)
      return "two full cancels are done";
  }
  if (cancels.some(({ settledBy }) => settledBy === "notification")) return "a notification settled a cancel";
  if (cancels.some((row) => row.cancelPrice <= 0 || row.confirmPrice < 0 || row.repeats > 3))
    return "a cancel is of nothing";
  const unique: readonly (readonly (string | null)[])[] = [
    approvals.map(({ tid }) => tid),
    approvals.map(({ authTid }) => authTid),
    approvals.map(({ oid, authTid }) => `${oid} ${authTid}`),
    approvals.map(({ attemptNo }) => String(attemptNo)),
    cancels.map(({ cancelTid }) => cancelTid),
    links.map(({ oid }) => oid),
    links.map(({ state }) => (state === "closed" ? null : "live")),
  ];
  for (const all of unique) {
    const values = all.filter((value) => value !== null);
    if (new Set(values).size < values.length) return `two rows have ${values.join(" and ")}`;
  }
  return undefined;
}

function eventsTellOnce({ before, after, changes }: Taken): string | undefined {
  for (const { kind } of changes.events) {
    if (kind !== "approved" && kind !== "deposited") {
      if (kind === "cancelled" && before.reported.includes(kind))
        return "the order has two events that it is cancelled";
      continue;
    }
    if (before.reported.includes("approved") || before.reported.includes("deposited"))
      return "the order has two events that it is paid";
    if (statusOf(after) !== "paid")
      return `the order has an event that it is paid, and is ${statusOf(after)}`;
    const price = viewOrder(after.order.orderId, after.order)?.price;
    if (kind === "deposited" && price !== before.asked)
      return "a deposit of what the order cost before pays it";
  }
  return undefined;
}

const alarms: readonly string[] = ["needs-review", "reversed", "notification-needs-review"];

function alarmsAreRaised({ before, after, step, changes }: Taken): string | undefined {
  const isAlarmed = changes.events.some(({ kind }) => alarms.includes(kind));
  if (isAlarmed || (step.fact.kind === "notification" && step.fact.isReleased)) return undefined;
  if (step.mustAlarm === true) return "no event reports it of a notification that does not fit";
  const isAmount = step.fact.kind === "notification" && step.fact.reported.price !== undefined;
  if (isAmount && differsFromBooks(before, step.tells)) {
    return "no event reports it that two amounts are reported";
  }
  const [was, is] = [statusOf(before), statusOf(after)];
  return is === "needs-review" && was !== is ? "no event reports it that the order needs review" : undefined;
}

/** Whether a report has the true amount of a movement that is booked with the wrong one. */
function differsFromBooks({ movements, books }: State, tells: readonly Movement[] = []): boolean {
  const isMisreported = movements.some(
    ({ id, misreported }) => misreported !== undefined && tells.some((each) => each.id === id),
  );
  const isProved = movements.every(({ certainty }) => certainty === "proved");
  return isMisreported && isProved && books.gateway !== sum(movements);
}

/** Money in suspense without an event would never be found. */
function moneyIsReported({ after, step, changes }: Taken): string | undefined {
  if (step.mustAlarm === true && changes.postings.length > 0) return "what does not fit was booked";
  if (changes.postings.length > 0 && after.order.reviewed)
    return "money was booked, and the order stays reviewed";
  if (changes.postings.length === 0 || changes.events.length > 0) return undefined;
  const isHeld = after.order.approvals.some(({ openCancel }) => openCancel !== null);
  const isDealtWith = statusOf(after) === "needs-review";
  return isHeld || isDealtWith ? undefined : "money was booked and no event reports it";
}
