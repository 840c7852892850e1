import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, payment, price, reservedApproval, stateOf } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

describe.each(rooms)("hosted payments, in %s", (_, open) => {
  const { pages, opened, now, pass } = freshPages(open);

  describe("links", () => {
    it("are replaced when their process is silent for 90 s", async () => {
      const { ledger } = pages;
      const { token, orderId } = await pages.making();
      pass(89);
      const request = { orderId, price, payType: "card" };
      expect(await ledger.store.openLink(request)).toMatchObject({
        status: "refused",
        reason: "in-progress",
      });
      pass(1);
      expect(await ledger.store.openLink(request)).toMatchObject({ status: "reserved" });
      await ledger.store.settleLink(token, "https://pay.example/late");
      expect(await ledger.store.findLink(token)).toMatchObject({ state: "closed" });
    });

    it("are replaced when they expire after 72 hours", async () => {
      const { token, orderId, expiresAt } = await pages.link();
      expect(expiresAt).toEqual(new Date("2026-05-04T00:00:00Z"));
      pass(72 * 3_600 - 1);
      const request = { orderId, price, payType: "card" };
      expect(await pages.ledger.store.openLink(request)).toMatchObject({
        status: "existing",
        link: { token },
      });
      pass(1);
      expect(await pages.ledger.store.openLink(request)).toMatchObject({ status: "reserved" });
    });

    it("ignore an unknown token", async () => {
      for (const token of ["", "x".repeat(22), "\u0000"]) {
        await expect(pages.ledger.store.settleLink(token, undefined)).rejects.toMatchObject({
          code: "no-such-call",
        });
        await expect(pages.ledger.store.closeLink(token)).rejects.toMatchObject({ code: "no-such-call" });
      }
    });

    it("are separate for each merchant", async () => {
      const { token, oid, orderId } = await pages.link();
      const { ledger: other } = await opened();
      expect(await other.store.findLink(token)).toBeUndefined();
      const page = { oid, tid: newTid() };
      const foreign = other.store.reserveApproval({ orderId, price, payType: "card", page });
      await expect(foreign).rejects.toMatchObject({ code: "invalid-argument" });
    });
  });

  describe("net cancels", () => {
    it("are ended by recovery: not sent if they were reserved, unknown if they were sent", async () => {
      const [one, two] = [await pages.unknown(), await pages.unknown()];
      await pages.netCancel(one.orderId);
      await pages.ledger.store.markSending(await pages.netCancel(two.orderId));
      pass(100);
      expect(await pages.ledger.operations.recover()).toMatchObject({ notSent: 1, unknown: 1 });
      expect(await pages.ledger.payments.find(one.orderId)).toMatchObject({
        status: "unknown",
        cancel: { status: "not-sent" },
      });
      expect(await pages.ledger.payments.find(two.orderId)).toMatchObject({
        status: "unknown",
        cancel: { status: "unknown" },
      });
      await pages.netCancel(one.orderId);
    });

    it("of unknown outcome are listed beside the approval, with their transaction", async () => {
      const { orderId, tid, oid } = await pages.unknown();
      await pages.endNetCancel(orderId, "unknown");
      const unknowns = await pages.ledger.payments.needsReview();
      expect(unknowns).toMatchObject([
        { orderId, kind: "approval", state: "unknown", oid, tid },
        { orderId, kind: "cancel", state: "unknown", oid, tid, price },
      ]);
    });

    it("add transitions for both to the timeline, and book no money", async () => {
      const { orderId, call } = await pages.unknown();
      const cancel = await pages.endNetCancel(orderId, "succeeded");
      const lines = (await pages.ledger.payments.timeline(orderId)).map(({ callId, from, to }) => [
        callId,
        from,
        to,
      ]);
      expect(lines.slice(-4)).toEqual([
        [cancel.id, undefined, "reserved"],
        [cancel.id, "reserved", "sending"],
        [cancel.id, "sending", "done"],
        [call.id, "unknown", "net_cancelled"],
      ]);
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await pages.ledger.payments.needsReview()).toEqual([]);
      expect(await pages.ledger.payments.list({ status: "net-cancelled" })).toMatchObject([{ orderId }]);
    });

    it("book the cancel of an approval that proved successful while they ran", async () => {
      const { orderId, tid, call } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      await pages.ledger.store.settle(call, { outcome: "succeeded", tid, price });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ paid: price });
      await pages.ledger.store.settle(cancel, { outcome: "succeeded" });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "cancelled" });
    });

    it("that gave back another amount need review", async () => {
      const { orderId } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      const order = await pages.ledger.store.settle(cancel, { outcome: "succeeded", price: price - 1 });
      expect(order.status).toBe("needs-review");
    });

    it("that prove successful later need review, and book no money", async () => {
      const { orderId } = await pages.unknown();
      const cancel = await pages.endNetCancel(orderId, "refused");
      const order = await pages.ledger.store.settle(cancel, { outcome: "succeeded" });
      expect(order.status).toBe("needs-review");
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });

    it("do not revive an approval that proved declined", async () => {
      const { orderId, call } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      expect(await pages.ledger.store.settle(call, { outcome: "refused" })).toMatchObject({
        status: "declined",
      });
      expect(await pages.ledger.store.settle(cancel, { outcome: "succeeded" })).toMatchObject({
        status: "declined",
      });
    });

    it("book a payment that is reported afterwards as suspense", async () => {
      const { orderId, tid, call } = await pages.unknown();
      await pages.endNetCancel(orderId, "succeeded");
      await pages.ledger.store.settle(call, { outcome: "succeeded", tid, price });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: price,
        paid: 0,
        suspense: price,
      });
      expect(await stateOf(pages.ledger, call)).toBe("mismatch");
    });
  });

  describe("an operator", () => {
    const who = { actor: "kim", evidence: "console" };

    it.each(["refused", "not-sent"] as const)(
      "resolves an approval whose net cancel was %s",
      async (outcome) => {
        const { orderId, tid } = await pages.unknown();
        await pages.endNetCancel(orderId, outcome);
        const settled = await pages.ledger.payments.resolve(orderId, { outcome: "moved", tid, ...who });
        expect(settled).toMatchObject({
          status: "settled",
          kind: "approval",
          order: { status: "paid", tid },
        });
        expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ paid: price });
      },
    );

    it("resolves an approval and then its net cancel when both are unknown", async () => {
      const { orderId, tid } = await pages.unknown();
      await pages.endNetCancel(orderId, "unknown");
      // A resolution of the cancel must not be mistaken for one of the payment.
      for (const about of [undefined, "cancel"] as const) {
        const resolution = { outcome: "moved", ...(about && { about }), ...who } as const;
        expect(await pages.ledger.payments.resolve(orderId, resolution)).toMatchObject({
          status: "refused",
          reason: "approval-first",
          order: { status: "unknown" },
        });
      }
      const about = "approval";
      const approval = await pages.ledger.payments.resolve(orderId, { outcome: "moved", about, tid, ...who });
      expect(approval).toMatchObject({ kind: "approval", order: { status: "unknown" } });
      const cancel = await pages.ledger.payments.resolve(orderId, { outcome: "moved", ...who });
      expect(cancel).toMatchObject({ kind: "cancel", order: { status: "cancelled", remainingPrice: 0 } });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await pages.ledger.payments.needsReview()).toEqual([]);
    });

    it("resolves both as not-moved, once the later one is old enough", async () => {
      const { orderId } = await pages.unknown();
      pass(600);
      const cancel = await pages.endNetCancel(orderId, "unknown");
      pass(600);
      const resolution = { outcome: "not-moved", about: "approval", ...who } as const;
      const early = await pages.ledger.payments.resolve(orderId, resolution);
      expect(early).toMatchObject({
        status: "refused",
        reason: "too-early",
        notBefore: new Date(+now() + 60_000),
      });
      pass(61);
      const settled = await pages.ledger.payments.resolve(orderId, resolution);
      expect(settled).toMatchObject({ status: "settled", order: { status: "not-sent" } });
      expect(await stateOf(pages.ledger, cancel)).toBe("settled_not_moved");
      expect(await pages.ledger.payments.needsReview()).toEqual([]);
      await reservedApproval(pages.ledger, orderId);
    });

    it.each(["moved", "not-moved"] as const)(
      "resolves an approval as %s whose net cancel gave back another amount",
      async (outcome) => {
        const { orderId, tid } = await pages.unknown();
        const cancel = await pages.endNetCancel(orderId, "moved");
        pass(700);
        const resolution = {
          outcome,
          about: "approval",
          ...(outcome === "moved" ? { tid } : {}),
          ...who,
        } as const;
        expect(await pages.ledger.payments.resolve(orderId, resolution)).toMatchObject({
          status: "settled",
          kind: "approval",
          order: { status: "needs-review" },
        });
        expect(await stateOf(pages.ledger, cancel)).toBe("mismatch");
        const paid = outcome === "moved" ? price : 0;
        expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: paid, paid, suspense: 0 });
      },
    );

    it("is corrected by a net cancel that proves successful", async () => {
      const { orderId } = await pages.unknown();
      const cancel = await pages.endNetCancel(orderId, "unknown");
      pass(700);
      await pages.ledger.payments.resolve(orderId, { outcome: "not-moved", about: "approval", ...who });
      const order = await pages.ledger.store.settle(cancel, { outcome: "succeeded" });
      expect(order.status).toBe("needs-review");
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });
  });

  it("lists orders that await a deposit, also after another attempt failed", async () => {
    const { orderId, tid } = await pages.awaiting();
    await payment(pages.ledger);
    const call = await reservedApproval(pages.ledger, orderId);
    await pages.ledger.store.settle(call, { outcome: "refused" });
    const listed = await pages.ledger.payments.list({ status: "awaiting-deposit" });
    expect(listed).toMatchObject([{ orderId, payType: "vbank", tid, attempts: 2 }]);
    expect(await pages.ledger.payments.list({ status: "declined" })).toEqual([]);
    expect(await pages.ledger.payments.needsReview()).toEqual([]);
  });

  it("rejects another payment's transaction for an account", async () => {
    const { tid } = await pages.unknown();
    const link = await pages.link("vbank");
    const { orderId, oid } = link;
    const account = { orderId, oid, price, tid, account: "1" };
    await expect(pages.ledger.store.awaitDeposit(account)).rejects.toMatchObject({ code: "tid-used" });
  });
});
