import type { CancelRow } from "@payapi/ledger/internal";
import type { Transaction } from "@payapi/sandbox";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import type { Gateway } from "../world/gateway.js";
import { Violation } from "../world/world.js";
import { HeardReplies } from "./heard-replies.js";
import {
  illegalSteps,
  isAlarm,
  isAsAsked,
  isCharge,
  isLive,
  isOf,
  isRunning,
  movedNothing,
  orderOf,
} from "./legal-steps.js";
import { count, NotificationRules } from "./notification-rules.js";
import type { Observer, SeenOrder } from "./observer.js";
import { isReviewed, unseenReview } from "./reviews.js";

/** The rules about the money, checked against both books at once. */
export class Invariants {
  readonly #sandbox: InProcessSandbox;
  readonly #observer: Observer;
  readonly #gateway: Gateway;
  readonly #replies: HeardReplies;
  readonly notifications: NotificationRules;

  constructor(sandbox: InProcessSandbox, observer: Observer, gateway: Gateway) {
    this.#sandbox = sandbox;
    this.#observer = observer;
    this.#gateway = gateway;
    this.notifications = new NotificationRules(sandbox, observer);
    this.#replies = new HeardReplies(gateway.heard);
  }

  /** The rules about an order for every step. */
  check(orderId: string): void {
    const seen = this.#observer.order(orderId);
    const booked = this.#bookedFor(orderId);
    this.#amountsAreAmounts(orderId, seen, booked);
    this.#nothingIsFalselyCertain(seen, booked);
    this.#unknownsHaveAReason(seen);
    const certainty = this.#replies.falseCertainty(seen);
    if (certainty !== undefined) throw new Violation("I3", certainty);
    this.#differenceIsExplained(orderId, seen, booked);
    const illegal = illegalSteps(seen.transitions);
    if (illegal !== undefined) throw new Violation("I7", `${orderId}: ${illegal}`);
    const unseen = unseenReview(seen);
    if (unseen !== undefined) throw new Violation("I15", `${orderId}: ${unseen}`);
    const alive = seen.approvals.filter(({ state }) => isLive(state));
    if (alive.length > 1) throw new Violation("I1", `${orderId} has ${alive.length} live approvals`);
  }

  checkToldPaid(orderId: string): void {
    const wasPaid = this.#observer
      .order(orderId)
      .transitions.some(({ what, to }) => what === "approval" && to === "approved");
    if (!wasPaid)
      throw new Violation("I5", `the buyer of ${orderId} got an answer about a payment that is not durable`);
  }

  /** The rules for the end, without faults and with enough time. */
  checkRest(orderIds: Iterable<string>, listed: ReadonlySet<string>): void {
    for (const row of [...this.#observer.approvals.values(), ...this.#observer.cancels.values()]) {
      const orderId = "orderId" in row ? row.orderId : this.#orderOfCancel(row);
      if (row.state === "reserved" || row.state === "sending") {
        throw new Violation("I8", `a call of ${orderId} is still ${row.state}`);
      }
      if (row.state === "unknown" && !listed.has(orderId)) {
        throw new Violation("I8", `${orderId} is unknown, but not listed`);
      }
    }
    if (this.#observer.total() !== 0) throw new Violation("I7", "the entries do not sum to zero");
    for (const orderId of orderIds) {
      this.check(orderId);
      this.#duplicatesAreFlagged(orderId);
      this.#alarmsHaveAReason(orderId, listed);
    }
    this.#nothingWasSentTwice();
    this.notifications.checkRest();
  }

  /** The same, for the order that a transaction belongs to. */
  checkTransaction(oid: string | undefined, tid: string | undefined): void {
    const owner = tid === undefined ? undefined : this.#observer.orderOfTid(tid);
    for (const orderId of new Set([owner, oid && orderOf(oid)])) if (orderId) this.check(orderId);
  }

  /** After the operators' work, both books agree to the won. */
  checkSettled(orderIds: Iterable<string>): void {
    this.notifications.checkReleased();
    for (const orderId of orderIds) {
      const seen = this.#observer.order(orderId);
      const { won, approvals, cancels } = seen;
      const booked = this.#bookedFor(orderId);
      // It moved neither as requested nor not at all, so no resolution can end it.
      const isStuck = approvals.some(
        (row) => row.state === "unknown" && booked.some((paid) => isOf(row, paid) && !isAsAsked(row, paid)),
      );
      if (isStuck) continue;
      const left = [...approvals, ...cancels].find(({ state }) => isRunning(state));
      if (left !== undefined) throw new Violation("I8", `a call of ${orderId} stays ${left.state} for ever`);
      const net = netOf(booked);
      if (net !== won + this.#replies.leftBetween(seen, booked))
        throw new Violation("I2", `${orderId}: the gateway has ${net} won, the ledger ${won}`);
    }
  }

  #bookedFor(orderId: string): readonly Transaction[] {
    // A payment that a buyer returned to another order belongs to that order.
    return this.#sandbox.book.transactions.filter(
      ({ oid, tid }) => (this.#observer.orderOfTid(tid) ?? orderOf(oid)) === orderId,
    );
  }

  #orderOfCancel(row: CancelRow): string {
    return this.#observer.approvals.get(row.approvalId)?.orderId ?? "nothing";
  }

  #amountsAreAmounts(orderId: string, seen: SeenOrder, booked: readonly Transaction[]): void {
    const fits = (remaining: number, price: number) => 0 <= remaining && remaining <= price;
    for (const { remaining, price, held } of seen.approvals) {
      if (!fits(remaining, price) || !fits(held, remaining)) {
        throw new Violation("I6", `${orderId}: ${remaining} of ${price} remain, ${held} held`);
      }
    }
    for (const { remaining, price, cancels } of booked) {
      const given = cancels.reduce((sum, cancel) => sum + cancel.price, 0);
      if (!fits(remaining, price) || given > price) {
        throw new Violation("I6", `${orderId}: the gateway gave back ${given} of ${price}`);
      }
    }
  }

  #nothingIsFalselyCertain(seen: SeenOrder, booked: readonly Transaction[]): void {
    for (const row of seen.approvals) {
      const own = booked.filter((transaction) => isOf(row, transaction));
      if (movedNothing(row.state) && row.mismatchAt === null && own.length > 0) {
        throw new Violation("I3", `${row.oid} is ${row.state}, and the gateway took ${own[0]?.price} won`);
      }
      if (row.state === "net_cancelled" && own.some(({ remaining }) => remaining > 0)) {
        throw new Violation("I3", `${row.oid} is net_cancelled, and the gateway has the money`);
      }
      const isTrue = own.some(({ tid, price }) => tid === row.tid && price === row.price);
      if (row.state === "approved" && !isTrue) {
        throw new Violation("I3", `${row.oid} is approved, and the gateway knows nothing of it`);
      }
    }
  }

  #unknownsHaveAReason({ approvals, cancels }: SeenOrder): void {
    const { sent } = this.#gateway;
    const wasSent = (name: string | null) => name !== null && sent.has(name);
    for (const row of approvals) {
      if (row.state !== "unknown" || row.settledBy === "recovery") continue;
      if (!wasSent(row.oid) && !wasSent(row.authTid)) {
        throw new Violation("I4", `${row.oid} is unknown, and no byte of it ever left`);
      }
    }
    for (const row of cancels) {
      const payment = approvals.find(({ id }) => id === row.approvalId);
      if (row.state !== "unknown" || row.settledBy === "recovery" || payment === undefined) continue;
      if (!wasSent(payment.tid) && !wasSent(payment.authTid)) {
        throw new Violation("I4", `a cancel of ${payment.oid} is unknown, and no byte of it ever left`);
      }
    }
  }

  /** The two books differ only by calls that are running, unknown or not notified yet. */
  #differenceIsExplained(orderId: string, seen: SeenOrder, booked: readonly Transaction[]): void {
    const difference = netOf(booked) - seen.won - this.#replies.leftBetween(seen, booked);
    if (difference === 0) return;
    const open = [
      ...seen.approvals
        .filter(({ state }) => isRunning(state))
        // A payment of another order may have another price, which only its reply shows.
        .map((row) => booked.find((paid) => isOf(row, paid))?.price ?? row.price),
      ...seen.cancels.filter(({ state }) => isRunning(state)).map(({ cancelPrice }) => -cancelPrice),
      ...this.notifications.unheardOf(orderId),
    ];
    if (!isSubsetSum(difference, open)) {
      throw new Violation(
        "I2",
        `${orderId}: the gateway has ${netOf(booked)} won, the ledger ${seen.won}, and ${open.join(" ")} are open`,
      );
    }
  }

  /** An order may get two payments if a virtual account is paid as well; then it must be listed. */
  #duplicatesAreFlagged(orderId: string): void {
    const booked = this.#bookedFor(orderId);
    const kept = booked.filter(({ remaining }) => remaining > 0);
    if (kept.length < 2) return;
    const { approvals } = this.#observer.order(orderId);
    const isFlagged = approvals.some(({ state, mismatchAt }) => mismatchAt !== null || state === "mismatch");
    const fromAccount = kept.filter(({ payType }) => payType === "vbank").length;
    // Quarantined notifications are listed, too.
    const waits =
      approvals.some(({ state }) => state === "unknown") || this.notifications.unheardOf(orderId).length > 0;
    if (kept.length - fromAccount > 1)
      throw new Violation("I1", `${orderId} was charged ${kept.length} times`);
    if (!isFlagged && !waits) throw new Violation("I1", `${orderId} was paid twice, but is not listed`);
  }

  #alarmsHaveAReason(orderId: string, listed: ReadonlySet<string>): void {
    const seen = this.#observer.order(orderId);
    const { approvals, cancels } = seen;
    const alarm =
      approvals.find(({ state, mismatchAt }) => mismatchAt !== null || isAlarm(state)) ??
      cancels.find(({ state }) => state === "mismatch");
    if (alarm === undefined) return;
    if (!listed.has(orderId) && !isReviewed(seen)) {
      throw new Violation("I8", `${orderId} needs review (${alarm.state}), but is not listed`);
    }
    if (this.#replies.areWrong(seen)) return;
    const booked = this.#bookedFor(orderId);
    const isReversed = booked.some((transaction) =>
      transaction.cancels.some(({ kind }) => kind === "reversal"),
    );
    // A deposit beside a running call can't pay the order, even if that call moves nothing in the end.
    const isBeside = booked.some(({ payType }) => payType === "vbank") && approvals.length > 1;
    const isMistaken = approvals.some((row) =>
      booked.some((paid) => isOf(row, paid) && !isAsAsked(row, paid)),
    );
    const isRepriced = new Set(this.#observer.askedFor(orderId)).size > 1;
    if (booked.length < 2 && !isReversed && !isBeside && !isMistaken && !isRepriced) {
      throw new Violation("I3", `${orderId} needs review (${alarm.state}), and nothing is wrong with it`);
    }
  }

  #nothingWasSentTwice(): void {
    const approvals = new Map<string, number>();
    const cancels = new Map<string, number>();
    const refunds = new Map<string, number>();
    for (const { operation, oid, tid, sent = {} } of this.#sandbox.book.requests) {
      if (isCharge(operation)) count(approvals, oid ?? "");
      if (operation === "page.approve") count(approvals, tid ?? "");
      if (operation?.startsWith("payments.cancel")) {
        count(cancels, [tid, sent.cancelPrice ?? sent.price, sent.confirmPrice ?? 0].join(" "));
      }
      if (operation === "escrow.confirmRejection") count(refunds, tid ?? "");
    }
    for (const [name, times] of approvals) {
      if (times > 1) throw new Violation("I9", `the gateway was asked ${times} times for ${name}`);
    }
    const asked = new Map<string, number>();
    for (const row of this.#observer.cancels.values()) {
      const payment = this.#observer.approvals.get(row.approvalId);
      const tid = row.netCancel ? payment?.authTid : payment?.tid;
      if (row.operation === "escrow.confirmRejection") count(asked, tid ?? "");
      else count(asked, [tid, row.cancelPrice, row.confirmPrice].join(" "));
    }
    for (const [name, times] of refunds) {
      if (times > (asked.get(name) ?? 0)) {
        throw new Violation("I9", `the gateway was asked ${times} times to refund ${name}`);
      }
    }
    for (const [name, times] of cancels) {
      // Once, with at most three identical repeats if it is unknown.
      if (times > 4 * (asked.get(name) ?? 0)) {
        throw new Violation("I9", `the gateway was asked ${times} times to cancel ${name}`);
      }
    }
  }
}

function netOf(booked: readonly Transaction[]): number {
  return booked.reduce((sum, { remaining }) => sum + remaining, 0);
}

/** Whether some of the amounts sum to what is wanted. */
function isSubsetSum(wanted: number, amounts: readonly number[]): boolean {
  let sums = new Set([0]);
  for (const amount of amounts) sums = new Set([...sums, ...Array.from(sums, (sum) => sum + amount)]);
  return sums.has(wanted);
}
