import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price, sentApproval } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, deposits of 1 May, seen 09:20" };

describe.each(rooms)("a deposit of an order's earlier price, in %s", (_, open) => {
  const { pages, receive, pass } = freshPages(open);

  const eventKinds = async () => {
    const kinds: string[] = [];
    const tell = (event: { readonly kind: string }) => void kinds.push(event.kind);
    const on = { approved: tell, deposited: tell, "needs-review": tell };
    await pages.ledger.operations.runOnce({ consumer: "shop", on });
    return kinds;
  };
  async function askedFor(orderId: string, wanted: number): Promise<void> {
    const reservation = await pages.ledger.store.openLink({ orderId, price: wanted, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.settleLink(reservation.link.token, "https://pay.example/");
  }
  async function needsAPerson(orderId: string): Promise<void> {
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: 0,
      suspense: price,
    });
    expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId, mismatch: true }]);
    expect(await eventKinds()).toEqual(["needs-review"]);
  }

  it("does not pay an order whose price rose after the account was issued", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await askedFor(orderId, 10 * price);
    expect(await receive(pages.samples.deposited(payment))).toEqual({ effect: "mismatch", orderId });
    expect(await receive(pages.samples.mobileDeposited(payment))).toEqual({ effect: "mismatch", orderId });
    await needsAPerson(orderId);
    expect(await pages.ledger.notifications.list()).toMatchObject([
      { reason: "price-changed" },
      { reason: "price-changed" },
    ]);
  });

  it.each(["link", "card"])(
    "does not pay an order whose clock was set back before the %s of the new price",
    async (by) => {
      const { orderId, ...payment } = await pages.awaiting();
      pass(-120);
      if (by === "link") await askedFor(orderId, 10 * price);
      else {
        const request = { orderId, price: 10 * price, payType: "card" };
        const reservation = await pages.ledger.store.reserveApproval(request);
        if (reservation.status !== "reserved") throw new Error("Refused");
        await pages.ledger.store.settle(reservation.call, { outcome: "not-sent" });
      }
      expect(await receive(pages.samples.deposited(payment))).toEqual({ effect: "mismatch", orderId });
      // Events of a clock that was ahead wait for it.
      pass(240);
      await needsAPerson(orderId);
    },
  );

  it("does not pay the order when an operator releases the notification", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await askedFor(orderId, 10 * price);
    await receive(pages.samples.deposited(payment, { listed: false }));
    const [held] = await pages.ledger.notifications.list();
    await pages.ledger.notifications.release(held?.id ?? "", resolution);
    await needsAPerson(orderId);
  });

  it("does not pay the order when an operator finds the deposit in the console", async () => {
    const { orderId, tid } = await pages.awaiting();
    await askedFor(orderId, 10 * price);
    const found = await pages.ledger.payments.resolve(orderId, { outcome: "moved", tid, ...resolution });
    expect(found).toMatchObject({ status: "settled", order: { status: "needs-review" } });
    await needsAPerson(orderId);
    // The late notification reports the same money.
    const { oid } = (await pages.ledger.payments.needsReview())[0] ?? {};
    await receive(pages.samples.deposited({ oid: oid ?? "", tid }));
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: 0,
      suspense: price,
    });
  });

  it("does not pay the order when the account was issued or reported after the change", async () => {
    const { orderId, oid } = await pages.link("vbank");
    const payment = { oid, tid: newTid() };
    await askedFor(orderId, 10 * price);
    await receive(pages.samples.accountIssued(payment));
    expect(await receive(pages.samples.deposited(payment))).toMatchObject({ effect: "mismatch" });
    await needsAPerson(orderId);
    const other = await pages.link("vbank");
    await askedFor(other.orderId, price - 1);
    const unheard = { oid: other.oid, tid: newTid() };
    expect(await receive(pages.samples.deposited(unheard))).toMatchObject({ effect: "mismatch" });
  });

  it("does not pay the order when a card was tried for another price since", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const reservation = await pages.ledger.store.reserveApproval({
      orderId,
      price: 2 * price,
      payType: "card",
    });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(reservation.call);
    await pages.ledger.store.settle(reservation.call, { outcome: "refused" });
    await receive(pages.samples.deposited(payment));
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
  });

  it("pays the order when the price is unchanged or changed back", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await askedFor(orderId, 10 * price);
    await askedFor(orderId, price);
    expect(await receive(pages.samples.deposited(payment))).toEqual({ effect: "applied", orderId });
    expect(await eventKinds()).toEqual(["deposited"]);
    const other = await pages.awaiting();
    const call = await sentApproval(pages.ledger, other.orderId);
    await pages.ledger.store.settle(call, { outcome: "refused" });
    expect(await receive(pages.samples.deposited(other))).toMatchObject({ effect: "applied" });
  });
});
