import type { CallOutcome, PageLink, ReceivedNotification, ReservedCancel } from "@payapi/core";
import { beforeEach } from "vitest";
import { type NotifiedPayment, sampleAccount, sampleNotifications } from "../../src/store-contract/index.js";
import { newOrder, newTid, price } from "./ledger-states.js";
import { freshLedgers, type LedgerRoom, type OpenLedgers, standIn } from "./open-ledgers.js";

export type NewPages = ReturnType<typeof pagesOf>;

/** How orders get into the states that only the payment page knows. */
export function pagesOf({ ledger, another, mid }: OpenLedgers) {
  async function making(payType = "card", orderId = newOrder()): Promise<PageLink> {
    const reservation = await ledger.store.openLink({ orderId, price, payType });
    if (reservation.status !== "reserved") throw new Error("No new link");
    return reservation.link;
  }

  async function link(payType = "card", orderId = newOrder()): Promise<PageLink> {
    const made = await making(payType, orderId);
    await ledger.store.settleLink(made.token, `https://pay.example/${made.token}`);
    return made;
  }

  async function sent(on?: PageLink) {
    const { orderId, oid } = on ?? (await link());
    const tid = newTid();
    const reservation = await ledger.store.reserveApproval({
      orderId,
      price,
      payType: "card",
      page: { oid, tid },
    });
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    await ledger.store.markSending(reservation.call);
    return { orderId, oid, tid, call: reservation.call };
  }

  async function ended(outcome: CallOutcome["outcome"]) {
    const call = await sent();
    const reply = outcome === "succeeded" ? { tid: call.tid, price } : {};
    await ledger.store.settle(call.call, { outcome, ...reply });
    return call;
  }

  async function netCancel(orderId: string): Promise<ReservedCancel> {
    const reservation = await ledger.store.reserveCancel({ orderId, netCancel: true });
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    return reservation.call;
  }

  async function endNetCancel(orderId: string, outcome: CallOutcome["outcome"]): Promise<ReservedCancel> {
    const call = await netCancel(orderId);
    await ledger.store.markSending(call);
    await ledger.store.settle(call, { outcome });
    return call;
  }

  async function awaiting(): Promise<NotifiedPayment & { readonly orderId: string }> {
    const { orderId, oid } = await link("vbank");
    const tid = newTid();
    await ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount });
    return { orderId, oid, tid };
  }

  return {
    ledger,
    another,
    samples: sampleNotifications(mid),
    making,
    link,
    sent,
    ended,
    unknown: () => ended("unknown"),
    netCancel,
    endNetCancel,
    awaiting,
  };
}

/** The pages of a new merchant for each test of a group, at a time that the tests set. */
export function freshPages(open: () => Promise<LedgerRoom>) {
  const { ledgers, opened, now, pass } = freshLedgers(open);
  let current: NewPages;
  beforeEach(() => {
    current = pagesOf(ledgers);
  });
  return {
    pages: standIn(() => current),
    receive: (received: ReceivedNotification) => current.ledger.store.receiveNotification(received),
    opened,
    now,
    pass,
  };
}
