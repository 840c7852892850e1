import { describe, expect, it } from "vitest";
import { chooseAtPage } from "../../src/handler/page-buyer.js";
import { sampleNotifications } from "../../src/store-contract/index.js";
import { deliver } from "./event-states.js";
import { minute, nothing, openGateway } from "./gateway.js";
import { newOrder, price } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("recovery of hosted payments, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  describe("an unknown approval of the payment page", () => {
    /** A payment that the page approved, whose answer never came. */
    async function unknownPage() {
      const shop = await openGateway(room);
      const orderId = newOrder();
      const opened = await shop.ledger.store.openLink({ orderId, price, payType: "card" });
      if (opened.status !== "reserved") throw new Error("No new link");
      const { oid } = opened.link;
      const { url } = await shop.payapi.page.createLink({
        payType: "card",
        goodsName: "사과",
        oid,
        price,
        notiUrl: "http://127.0.0.1:9/notifications",
        returnUrl: "http://127.0.0.1:9/done",
        nextUrl: "http://127.0.0.1:9/return",
      });
      const { fields } = await chooseAtPage(url);
      const { P_TID: tid = "", P_REQ_URL = "" } = fields;
      const P_MID = shop.mid;
      await fetch(P_REQ_URL, { method: "POST", body: new URLSearchParams({ P_TID: tid, P_MID }) });
      expect(shop.remaining(tid)).toBe(price);
      const page = { oid, tid };
      const reservation = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card", page });
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await shop.ledger.store.markSending(reservation.call);
      return { ...shop, orderId, tid, call: reservation.call };
    }

    it("is undone by a net cancel once its process is silent", async () => {
      const shop = await unknownPage();
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      shop.pass(2 * minute);
      expect(await shop.ledger.operations.recover()).toEqual({ ...nothing, unknown: 1, netCancelled: 1 });
      expect(shop.remaining(shop.tid)).toBe(0);
      expect((await shop.ledger.payments.find(shop.orderId))?.status).toBe("net-cancelled");
    });

    it("is left to its own process for a minute", async () => {
      const shop = await unknownPage();
      await shop.ledger.store.settle(shop.call, { outcome: "unknown" });
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      shop.pass(minute);
      expect(await shop.ledger.operations.recover()).toMatchObject({ netCancelled: 1 });
    });

    it("gets three net cancels at most when the gateway refuses, each by one of eight instances", async () => {
      const shop = await unknownPage();
      await shop.ledger.store.settle(shop.call, { outcome: "unknown" });
      const part = { cancelPrice: 1_000, confirmPrice: 9_000 };
      await shop.payapi.payments.cancelPartially({ tid: shop.tid, payType: "card", ...part });
      const before = shop.asked("payments.cancel").length;
      for (let run = 0; run < 6; run++) {
        shop.pass(60 * minute);
        await Promise.all(
          Array.from({ length: 8 }, (_, i) => (i % 2 ? shop.ledger : shop.another).operations.recover()),
        );
      }
      expect(shop.asked("payments.cancel")).toHaveLength(before + 3);
      expect((await shop.ledger.payments.find(shop.orderId))?.status).toBe("unknown");
    });

    it("keeps its three net cancels while none is sent, even if they were marked", async () => {
      const shop = await unknownPage();
      await shop.ledger.store.settle(shop.call, { outcome: "unknown" });
      shop.line.isCutOnceMarked = true;
      for (let run = 0; run < 5; run++) {
        shop.pass(60 * minute);
        expect(await shop.ledger.operations.recover()).toEqual(nothing);
      }
      const lines = await shop.ledger.payments.timeline(shop.orderId);
      expect(lines.filter(({ from, to }) => from === "sending" && to === "not_sent")).toHaveLength(5);
      shop.line.isCutOnceMarked = false;
      shop.pass(60 * minute);
      expect(await shop.ledger.operations.recover()).toMatchObject({ netCancelled: 1 });
      expect(shop.remaining(shop.tid)).toBe(0);
    });

    describe("that proves successful while its net cancel is unknown", () => {
      async function withUnknownCancel() {
        const shop = await unknownPage();
        await shop.ledger.store.settle(shop.call, { outcome: "unknown" });
        const reservation = await shop.ledger.store.reserveCancel({ orderId: shop.orderId, netCancel: true });
        if (reservation.status !== "reserved") throw new Error(reservation.reason);
        await shop.ledger.store.markSending(reservation.call);
        await shop.ledger.store.settle(reservation.call, { outcome: "unknown" });
        const { approved } = sampleNotifications(shop.mid);
        const notify = async () => {
          const { effect } = await shop.another.store.receiveNotification(
            approved({ oid: shop.call.oid, tid: shop.tid, price }),
          );
          expect(effect).toBe("applied");
        };
        return { ...shop, notify };
      }

      it("is not cancelled by recovery, only by an operator", async () => {
        const shop = await withUnknownCancel();
        await shop.notify();
        const lines = await shop.ledger.payments.timeline(shop.orderId);
        for (let hour = 0; hour < 3; hour++) {
          shop.pass(60 * minute);
          expect(await shop.ledger.operations.recover()).toEqual(nothing);
        }
        expect(await shop.ledger.payments.timeline(shop.orderId)).toEqual(lines);
        expect(shop.asked("payments.cancel")).toEqual([]);
        expect(shop.remaining(shop.tid)).toBe(price);
        expect(await shop.ledger.payments.needsReview()).toMatchObject([
          { orderId: shop.orderId, kind: "cancel", state: "unknown" },
        ]);
        const heard = async () => (await deliver(shop.ledger)).map(({ kind }) => kind);
        expect(await heard()).toEqual(["unknown"]);
        const resolution = { outcome: "not-moved", actor: "kim", evidence: "console" } as const;
        expect(await shop.ledger.payments.resolve(shop.orderId, resolution)).toMatchObject({
          status: "settled",
          order: { status: "paid" },
        });
        expect(await heard()).toEqual(["approved"]);
      });

      it("is not cancelled when the proof arrives between the claim of a repeat and its first byte", async () => {
        const shop = await withUnknownCancel();
        shop.pass(2 * minute);
        shop.line.hold = shop.notify;
        expect(await shop.ledger.operations.recover()).toEqual(nothing);
        expect(shop.asked("payments.cancel")).toEqual([]);
        expect(shop.remaining(shop.tid)).toBe(price);
      });
    });

    it("needs review when the gateway reports a cancel that is not the shop's", async () => {
      const shop = await unknownPage();
      await shop.ledger.store.settle(shop.call, { outcome: "unknown" });
      await shop.payapi.payments.cancel({ tid: shop.tid, payType: "card", price });
      shop.pass(60 * minute);
      await shop.ledger.operations.recover();
      expect((await shop.ledger.payments.find(shop.orderId))?.status).toBe("needs-review");
      expect(await shop.ledger.payments.needsReview()).toMatchObject([
        { orderId: shop.orderId, kind: "approval", state: "unknown", mismatch: true },
        { orderId: shop.orderId, kind: "cancel", state: "mismatch" },
      ]);
    });
  });
});
