import { inspect } from "node:util";
import { maskCardNumbers } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { sampleAccount } from "../../src/store-contract/index.js";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price, reservedApproval, sentApproval } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const cardNumber = "4111111111111111";

describe.each(rooms)("the effects of notifications, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  const linesOf = async (orderId: string) =>
    (await pages.ledger.payments.timeline(orderId)).map(({ what, from, to, actor }) => [
      what,
      from,
      to,
      actor,
    ]);

  describe("the books", () => {
    it("book a deposit once for concurrent notifications of both kinds", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      const { deposited, mobileDeposited } = pages.samples;
      const receipts = await Promise.all(
        Array.from({ length: 32 }, (_, i) =>
          (i % 4 < 2 ? pages.ledger : pages.another).store.receiveNotification(
            (i % 2 ? deposited : mobileDeposited)(payment),
          ),
        ),
      );
      expect(receipts.filter(({ effect }) => effect === "applied")).toHaveLength(1);
      expect(receipts.filter(({ effect }) => effect === "known")).toHaveLength(31);
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: price,
        paid: price,
        suspense: 0,
      });
      expect(await linesOf(orderId)).toEqual([
        ["approval", undefined, "awaiting_deposit", undefined],
        ["approval", "awaiting_deposit", "approved", "notification"],
      ]);
      const repeats = (await pages.ledger.notifications.list()).map(({ repeats }) => repeats);
      expect(repeats).toEqual([15, 15]);
    });

    it("book an unreserved payment of a link once for concurrent notifications", async () => {
      const { orderId, oid } = await pages.link("vbank");
      const payment = { oid, tid: newTid() };
      const { deposited, mobileDeposited, accountIssued } = pages.samples;
      const all = [deposited, mobileDeposited, accountIssued].map((sample) => sample(payment));
      await Promise.all(
        Array.from({ length: 4 }, () => [pages.ledger, pages.another]).flatMap((ledgers) =>
          ledgers.flatMap((ledger) => all.map((received) => ledger.store.receiveNotification(received))),
        ),
      );
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid: payment.tid });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: price,
        paid: price,
        suspense: 0,
      });
      expect(await pages.ledger.payments.list()).toMatchObject([{ orderId, attempts: 1 }]);
    });

    it("record every account of a link for concurrent notifications", async () => {
      const { orderId, oid } = await pages.link("vbank");
      const issued = Array.from({ length: 16 }, () => pages.samples.accountIssued({ oid, tid: newTid() }));
      const receipts = await Promise.all(
        issued.map((received, i) =>
          (i % 2 ? pages.ledger : pages.another).store.receiveNotification(received),
        ),
      );
      for (const { effect } of receipts) expect(effect).toBe("applied");
      expect(await pages.ledger.payments.list()).toMatchObject([{ orderId, attempts: 16 }]);
    });

    it("book a deposit to an account that the buyer returned with another link of the order", async () => {
      const first = await pages.link("vbank");
      await pages.ledger.store.closeLink(first.token);
      const { orderId } = first;
      const second = await pages.link("vbank", orderId);
      const account = { orderId, price, tid: newTid(), account: sampleAccount };
      await pages.ledger.store.awaitDeposit({ ...account, oid: first.oid });
      // As it was made, also when the buyer brings it back to the right link after all.
      const payment = { oid: second.oid, tid: account.tid };
      await receive(pages.samples.accountIssued(payment));
      await pages.ledger.store.awaitDeposit({ ...account, oid: second.oid });
      expect(await receive(pages.samples.deposited(payment))).toEqual({ effect: "applied", orderId });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid: payment.tid });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: price,
        paid: price,
        suspense: 0,
      });
      expect(await pages.ledger.payments.list()).toMatchObject([{ orderId, attempts: 1 }]);
      expect(await receive(pages.samples.reversed(payment))).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: 0 });
    });

    it("book a second payment of the order as suspense once", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      const call = await sentApproval(pages.ledger, orderId);
      await pages.ledger.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
      const { deposited, mobileDeposited } = pages.samples;
      for (const sample of [deposited, mobileDeposited]) {
        expect(await receive(sample(payment))).toEqual({ effect: "mismatch", orderId });
      }
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: 20_000,
        paid: price,
        suspense: price,
      });
      expect(await pages.ledger.payments.needsReview()).toMatchObject([
        { orderId, kind: "approval", state: "awaiting_deposit", mismatch: true, tid: payment.tid },
      ]);
      const reasons = (await pages.ledger.notifications.list()).map(({ reason }) => reason);
      expect(reasons).toEqual(["duplicate", "duplicate"]);
    });

    it("stop a reserved call from being sent once the money arrived", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      const call = await reservedApproval(pages.ledger, orderId);
      await receive(pages.samples.deposited(payment));
      await expect(pages.ledger.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
    });

    it("book money for a declined approval as suspense", async () => {
      const { orderId, ...payment } = await pages.ended("refused");
      expect(await receive(pages.samples.approved(payment))).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: price,
        paid: 0,
        suspense: price,
      });
    });

    it("book another payment by the same link as suspense once", async () => {
      const { orderId, oid } = await pages.ended("succeeded");
      const payment = { oid, tid: newTid() };
      const approved = pages.samples.approved(payment);
      await receive(approved);
      await receive(pages.samples.approved(payment, { fields: { P_STATUS: "00", P_RMESG1: "again" } }));
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: 20_000,
        paid: price,
        suspense: price,
      });
    });

    it("book a reversal once, with a transition of its own", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      await receive(pages.samples.deposited(payment));
      await receive(pages.samples.reversed(payment));
      await receive(pages.samples.reversed(payment, { fields: { tm_trans: "121314" } }));
      expect(await pages.ledger.payments.balance(orderId)).toEqual({
        gateway: 0,
        paid: price,
        suspense: -price,
      });
      expect((await linesOf(orderId)).at(-1)).toEqual(["reversal", "approved", "approved", "notification"]);
      expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId, mismatch: true }]);
    });

    it("book the reversal of the rest of a deposit that was cancelled in part", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      await receive(pages.samples.deposited(payment));
      const part = { cancelPrice: 4_000, confirmPrice: price - 4_000 };
      const reservation = await pages.ledger.store.reserveCancel({ orderId, part });
      if (reservation.status !== "reserved") throw new Error("The cancel was refused");
      await pages.ledger.store.markSending(reservation.call);
      await pages.ledger.store.settle(reservation.call, { outcome: "succeeded" });
      const rest = pages.samples.reversed(payment, { fields: { amt_input: String(price - 4_000) } });
      expect(await receive(rest)).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: 0 });
      expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId, mismatch: true }]);
    });

    it("do not book a reversal of another amount as the whole deposit", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      await receive(pages.samples.deposited(payment));
      await receive(pages.samples.reversed(payment, { fields: { amt_input: "4000" } }));
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: price });
    });

    // The gateway says that it approved at 01:11:12.
    it.each([
      ["recognize the payment that a net cancel undid", "01:11:12", "known", "net-cancelled", 0],
      ["book a payment made after its net cancel", "01:11:11", "mismatch", "needs-review", price],
    ])("%s", async (_, cancelled, effect, status, gateway) => {
      const { orderId, oid, tid } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      await pages.ledger.store.markSending(cancel);
      const at = new Date(`2026-05-01T${cancelled}Z`);
      await pages.ledger.store.settle(cancel, { outcome: "succeeded", at });
      expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect, orderId });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway });
    });

    it.each([
      ["has no transaction", false, price],
      ["has another amount", true, 77],
    ])("book nothing for a late reply that %s after its net cancel", async (_, named, won) => {
      const { orderId, tid, call } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      await pages.ledger.store.markSending(cancel);
      const cancelledAt = new Date("2026-05-01T01:11:12Z");
      await pages.ledger.store.settle(cancel, { outcome: "succeeded", at: cancelledAt });
      // Another attempt lives by the time the journal tells of it.
      await reservedApproval(pages.ledger, orderId);
      const settle = (at: string) =>
        pages.ledger.store.settle(call, {
          outcome: "moved",
          price: won,
          at: new Date(at),
          ...(named ? { tid } : {}),
        });
      const mismatched = async () =>
        (await pages.ledger.payments.needsReview()).filter((each) => each.mismatch);
      await settle("2026-05-01T01:11:11Z");
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await mismatched()).toEqual([]);
      // What happened after the net cancel is not undone by it.
      await settle("2026-05-01T01:11:13Z");
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ suspense: won });
      expect(await mismatched()).toMatchObject([{ orderId }]);
    });

    it("book money during a net cancel, which then gives it back", async () => {
      const { orderId, oid, tid } = await pages.unknown();
      const cancel = await pages.netCancel(orderId);
      expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "applied", orderId });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "in-progress" });
      await pages.ledger.store.settle(cancel, { outcome: "succeeded" });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "cancelled" });
      expect(await pages.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });
  });

  it("keeps a transaction id that contains a card-like number", async () => {
    const tid = "SBX2026011512255392b42e88dfd308eb";
    await receive(pages.samples.approved({ oid: "nobodys", tid }));
    await receive(pages.samples.approved({ oid: "nobodys", tid: cardNumber }));
    const kept = await pages.ledger.notifications.list();
    expect(kept.map((notification) => notification.tid)).toEqual(["[redacted]", tid]);
  });

  it("records mismatches in the timeline, except from unlisted sources", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await receive(pages.samples.deposited({ ...payment, price: 1 }));
    await receive(pages.samples.deposited({ ...payment, price: 2 }, { listed: false }));
    const lines = await pages.ledger.payments.timeline(orderId);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ what: "notification", price: 1, failureCode: "amount-differs" });
    const { deposited } = pages.samples;
    expect(await receive(deposited(payment))).toMatchObject({ effect: "applied" });
  });

  it("matches an escrow cancel with the shop's own cancel", async () => {
    const { orderId, oid, tid } = await pages.ended("succeeded");
    const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
    const cancel = await pages.ledger.store.reserveCancel({ orderId, part });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(cancel.call);
    const cancelled = (dt_req: string, cancelPrice = 3_000) =>
      receive(pages.samples.escrowCancelled({ oid, tid, price: cancelPrice }, { fields: { dt_req } }));
    expect(await cancelled("20260501000001")).toMatchObject({ effect: "ignored" });
    await pages.ledger.store.settle(cancel.call, { outcome: "succeeded" });
    expect(await cancelled("20260501000002")).toMatchObject({ effect: "known" });
    expect(await cancelled("20260501000003", 100)).toMatchObject({ effect: "mismatch" });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
  });

  it("books a rejection that the seller accepted in the console as a refund, once, less what was refunded before", async () => {
    const { orderId, oid, tid } = await pages.ended("succeeded");
    const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
    const cancel = await pages.ledger.store.reserveCancel({ orderId, part });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(cancel.call);
    await pages.ledger.store.settle(cancel.call, { outcome: "succeeded", cancelTid: newTid() });
    const accepted = (dt_req: string) =>
      receive(pages.samples.escrowCancelled({ oid, tid }, { fields: { cl_status: "10", dt_req } }));
    expect(await accepted("20260501000001")).toMatchObject({ effect: "mismatch" });
    expect(await accepted("20260501000002")).toMatchObject({ effect: "known" });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
    expect((await pages.ledger.payments.balance(orderId)).gateway).toBe(0);
  });

  it("knows a rejection that the shop itself accepted", async () => {
    const { orderId, oid, tid } = await pages.ended("succeeded");
    const cancel = await pages.ledger.store.reserveCancel({ orderId, escrow: true });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(cancel.call);
    await pages.ledger.store.settle(cancel.call, { outcome: "succeeded" });
    const fields = { cl_status: "10", dt_req: "20260501000001" };
    const heard = await receive(pages.samples.escrowCancelled({ oid, tid }, { fields }));
    expect(heard).toMatchObject({ effect: "known" });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "cancelled" });
  });

  it("takes an approval after a failure of the same order for what it proves", async () => {
    const { orderId, oid } = await pages.link();
    const tid = newTid();
    expect(await receive(pages.samples.failed({ oid, tid }))).toMatchObject({ effect: "ignored" });
    expect(await receive(pages.samples.approved({ oid, tid }))).toMatchObject({ effect: "applied" });
    expect(await receive(pages.samples.failed({ oid, tid }))).toMatchObject({ orderId });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
  });

  describe("the list", () => {
    it("has every notification, newest first, page by page", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      const { deposited, failed } = pages.samples;
      await receive(failed({ oid: "none", tid: newTid() }));
      await receive(deposited({ oid: "none", tid: newTid() }, { listed: false }));
      await receive(deposited(payment));
      const all = await pages.ledger.notifications.list();
      expect(all).toMatchObject([
        {
          kind: "deposit",
          event: "deposited",
          effect: "applied",
          orderId,
          ...payment,
          price,
          account: sampleAccount,
          occurredAt: new Date("2026-05-01T10:11:12+09:00"),
          source: { address: "203.0.113.1", listed: true },
          repeats: 0,
          fields: { no_tid: payment.tid, type_msg: "0200" },
        },
        { effect: "quarantined", reason: "unknown-order", source: { listed: false } },
        { kind: "mobile", event: "failed", effect: "ignored" },
      ]);
      const first = await pages.ledger.notifications.list({ limit: 1 });
      expect(first).toEqual(all.slice(0, 1));
      const before = first[0]?.position ?? 0;
      expect(await pages.ledger.notifications.list({ before })).toEqual(all.slice(1));
      expect(await pages.ledger.notifications.list({ effect: "quarantined" })).toEqual([all[1]]);
      await expect(pages.ledger.notifications.list({ limit: 0 })).rejects.toMatchObject({
        code: "invalid-argument",
      });
    });

    it("keeps differing content of the same event beside the first", async () => {
      const { orderId, ...payment } = await pages.awaiting();
      await receive(pages.samples.deposited(payment));
      const other = pages.samples.deposited(payment, { fields: { nm_input: "other" } });
      await receive(other);
      await receive(other);
      expect(await pages.ledger.notifications.list()).toMatchObject([
        { effect: "mismatch", reason: "other-content", orderId, repeats: 1 },
        { effect: "applied", repeats: 0 },
      ]);
    });

    it("contains no card number, and accepts any text", async () => {
      const { oid, tid } = await pages.ended("unknown");
      const fields = {
        P_CARD_NUM: cardNumber,
        P_CARD_NUM2: "411111******1111",
        P_UNAME: `홍길동 ${cardNumber}`,
        P_NOTI: "a\u0000b",
        __proto__x: "1",
        constructor: "2",
      };
      await receive(pages.samples.approved({ oid, tid }, { fields }));
      const [kept] = await pages.ledger.notifications.list();
      expect(inspect(kept?.fields)).not.toContain("1111");
      expect(inspect(kept, { depth: 5 })).not.toContain(cardNumber);
      expect(kept?.fields).toMatchObject({
        P_CARD_NUM: "[redacted]",
        P_CARD_NUM2: "[redacted]",
        constructor: "2",
        P_NOTI: "a b",
      });
    });

    it("keeps the gateway's ids unchanged, including card-like digits", async () => {
      const { oid } = await pages.link("vbank");
      const tid = "SBX2026112510350761a2f4d8dcadd017";
      expect(maskCardNumbers(tid)).not.toBe(tid);
      const received = pages.samples.deposited({ oid, tid });
      await receive({ ...received, source: { ...received.source, listed: false } });
      await receive(received);
      const kept = await pages.ledger.notifications.list();
      expect(kept.map((each) => each.tid)).toEqual([tid, maskCardNumbers(tid)]);
    });

    it("rejects a notification that core would not have parsed", async () => {
      const received = pages.samples.failed({ oid: "a", tid: "t" });
      for (const wrong of [
        { ...received, bodyFingerprint: "" },
        { ...received, notification: { ...received.notification, dedupeKey: "x".repeat(251) } },
        { ...received, source: { address: "\u0000", listed: true } },
      ]) {
        await expect(receive(wrong)).rejects.toMatchObject({ code: "invalid-argument" });
      }
    });
  });
});
