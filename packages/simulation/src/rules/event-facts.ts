import type { NewEvent } from "@payapi/ledger/internal";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import { Violation } from "../world/world.js";
import type { EventBook } from "./event-book.js";
import { isAlarm } from "./legal-steps.js";
import type { Observer } from "./observer.js";

const gaveNothingBack: readonly string[] = ["refused", "not_sent", "settled_not_moved"];

/** The fields of an event that the rules check. */
interface Said {
  readonly orderId?: string;
  readonly callId?: string;
  readonly keyId?: string;
  readonly tid?: string;
  readonly price?: number;
}

/** An event exists exactly if it reports something that happened in the ledger and at the gateway. */
export class EventFacts {
  #checked = 0;

  constructor(
    readonly book: EventBook,
    readonly observer: Observer,
    readonly sandbox: InProcessSandbox,
  ) {}

  /** No event reports something that did not happen at the gateway. */
  check(): void {
    const { events } = this.book;
    for (; this.#checked < events.length; this.#checked++) {
      const event = events[this.#checked];
      if (event !== undefined) this.#isTrue(event);
    }
  }

  /** Everything that happened has exactly one event. */
  checkRest(): void {
    this.check();
    const counts = this.#counts();
    for (const row of this.observer.approvals.values()) {
      const { id, oid, orderId, state } = row;
      const seen = this.observer.order(orderId);
      // A shop that ships on `approved` must not get it for an order with a mismatch.
      if (isAlarm(state) || seen.approvals.some(({ mismatchAt }) => mismatchAt !== null)) {
        this.#demand(counts, `${orderId} needs-review`, 1, `${oid} is ${state}`);
      } else if (state === "approved" && this.#isBeingUndone(id)) {
        // It may still be refunded, or was: a shop that ships then loses the goods.
        if (counts.has(`${id} paid`))
          throw new Violation("I14", `${oid} has an event that it is paid, and is undone`);
      } else if (state === "approved") {
        this.#demandOne(counts, `${id} paid`, `${oid} is paid`);
      } else if (state === "net_cancelled") {
        this.#demandOne(counts, `${id} net-cancelled`, `${oid} is undone`);
      }
      const own = seen.transitions.filter(({ approvalId }) => approvalId === id);
      const lost = own.filter(({ what, to, from }) => what === "approval" && to === "unknown" && from !== to);
      this.#demand(counts, `${id} unknown`, lost.length, `${oid} was unknown`);
    }
    for (const { id, approvalId, state } of this.observer.cancels.values()) {
      const payment = this.observer.approvals.get(approvalId);
      if (payment === undefined || state !== "done") continue;
      const isBooked = this.observer.order(payment.orderId).postings.some(({ cancelId }) => cancelId === id);
      if (isBooked) this.#demandOne(counts, `${id} refunded`, `a cancel of ${payment.oid} is done`);
    }
    for (const { keyId, issuedAt } of this.observer.keys.rows.values()) {
      if (issuedAt !== null) this.#demand(counts, `${keyId} issued`, 1, "a billing key was issued");
    }
  }

  /** Whether a net cancel of an approval is open, or has refunded it. */
  #isBeingUndone(id: string): boolean {
    return [...this.observer.cancels.values()].some(
      ({ approvalId, netCancel, state }) =>
        approvalId === id && netCancel && !gaveNothingBack.includes(state),
    );
  }

  #isTrue(event: NewEvent): void {
    const { kind } = event;
    const { orderId, callId, tid, price } = saidBy(event);
    if (kind === "approved" && this.#isBeingUndone(callId ?? "")) {
      throw new Violation("I14", `${orderId} has an event that it is paid while it is being undone`);
    }
    const paid = this.sandbox.book.find(tid ?? "");
    if (kind === "approved" || kind === "deposited") {
      if (paid?.price !== price)
        throw new Violation("I14", `${kind} of ${orderId}: the gateway has ${paid?.price}`);
    }
    if (kind === "deposited") {
      const wanted = this.observer.askedFor(orderId ?? "").at(-1);
      if (wanted !== undefined && wanted !== price) {
        throw new Violation(
          "I16",
          `${orderId} has an event that it is paid by ${price} won, and costs ${wanted}`,
        );
      }
    }
    if (kind !== "cancelled" && kind !== "partially-cancelled") return;
    const given = this.sandbox.book.transactions
      .filter((each) => this.observer.orderOfTid(each.tid) === orderId)
      .flatMap(({ cancels }) => cancels)
      .filter((cancel) => cancel.kind !== "reversal")
      .reduce((sum, cancel) => sum + cancel.price, 0);
    const reported = this.book.events
      .filter((each) => each.kind === "cancelled" || each.kind === "partially-cancelled")
      .map(saidBy)
      .filter((each) => each.orderId === orderId)
      .reduce((sum, each) => sum + (each.price ?? 0), 0);
    if (reported > given) {
      throw new Violation("I14", `${orderId}: ${reported} won are reported as refunded, and ${given} are`);
    }
  }

  /** The number of events of each kind and subject. */
  #counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const add = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const event of this.book.events) {
      const { orderId, callId, keyId } = saidBy(event);
      switch (event.kind) {
        case "approved":
        case "deposited":
          add(`${callId} paid`);
          break;
        case "cancelled":
        case "partially-cancelled":
          add(`${callId} refunded`);
          break;
        case "needs-review":
        case "reversed":
          add(`${orderId} needs-review`);
          break;
        case "key-issued":
        case "key-changed":
          add(`${keyId} issued`);
          break;
        default:
          add(`${callId} ${event.kind}`);
      }
    }
    return counts;
  }

  #demandOne(counts: ReadonlyMap<string, number>, name: string, what: string): void {
    this.#demand(counts, name, 1, what);
    const times = counts.get(name) ?? 0;
    if (times > 1) throw new Violation("I14", `${what}, which has ${times} events`);
  }

  #demand(counts: ReadonlyMap<string, number>, name: string, least: number, what: string): void {
    const times = counts.get(name) ?? 0;
    if (times < least) throw new Violation("I14", `${what}, and no event tells of it`);
  }
}

function saidBy({ data }: NewEvent): Said {
  return JSON.parse(data) as Said;
}
