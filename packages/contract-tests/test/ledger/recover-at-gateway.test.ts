import { Secret } from "@payapi/core";
import { describe, expect, it, vi } from "vitest";
import { minute, nothing, openGateway } from "./gateway.js";
import { newOrder } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

/** A key that was issued and stopped, with a deletion of unknown outcome. */
async function stopped({ payapi, ledger }: Awaited<ReturnType<typeof openGateway>>): Promise<string> {
  const { billkey } = await payapi.billing.issueKey({
    buyerName: "홍길동",
    cardNumber: "4111111111111111",
    cardExpireYY: 99,
    cardExpireMM: 12,
    registNo: "880101",
    passwd: "12",
  });
  const key = await ledger.keys.import({ customerId: newOrder(), kind: "card", billkey });
  const reservation = await ledger.store.reserveKeyDeletion(key.id);
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await ledger.store.settleKeyDeletion(reservation.call, { outcome: "unknown" });
  return key.id;
}

describe.each(rooms)("recovery at the gateway, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  it("only records when it has no gateway client", async () => {
    const shop = await openGateway(room);
    const { orderId } = await shop.unknownCancel();
    const { payapi } = shop;
    const bare = await room.ledgers({ clock: shop.clock }, { mid: payapi.mid, environment: "sandbox" });
    shop.pass(60 * minute);
    expect(await bare.ledger.operations.recover()).toEqual(nothing);
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("unknown");
    expect(shop.asked("payments.cancel")).toHaveLength(0);
  });

  describe("ends early, after its running calls,", () => {
    /** Eight due repeats, of which four are held back on their way to the gateway. */
    async function underWay() {
      const shop = await openGateway(room);
      const tids: string[] = [];
      for (let i = 0; i < 8; i++) tids.push((await shop.unknownCancel()).tid);
      shop.pass(minute);
      let letGo = () => {};
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const begun = { count: 0, letGo: () => letGo() };
      shop.line.hold = () => {
        begun.count++;
        return held;
      };
      return {
        ...shop,
        tids,
        begun,
        refunded: () => tids.filter((tid) => shop.remaining(tid) === 0).length,
      };
    }
    const four = async (begun: { readonly count: number }) =>
      vi.waitFor(() => expect(begun.count).toBe(4), { timeout: 30_000 });

    it("when its signal is aborted", async () => {
      const shop = await underWay();
      const stop = new AbortController();
      const run = shop.ledger.operations.recover({ signal: stop.signal });
      await four(shop.begun);
      stop.abort();
      shop.begun.letGo();
      expect(await run).toEqual({ ...nothing, repeated: 4, cancelled: 4 });
      expect(shop.begun.count).toBe(4);
      expect(shop.refunded()).toBe(4);
      expect(await shop.ledger.payments.needsReview()).toHaveLength(4);
      expect(await shop.ledger.operations.recover({ signal: stop.signal })).toEqual(nothing);
      expect(await shop.another.operations.recover()).toMatchObject({ cancelled: 4 });
      expect(shop.refunded()).toBe(8);
    });

    it("when the ledger closes", async () => {
      const shop = await underWay();
      const run = shop.ledger.operations.recover();
      await four(shop.begun);
      const closed = shop.ledger.close();
      shop.begun.letGo();
      expect(await run).toMatchObject({ cancelled: 4 });
      await closed;
      expect(shop.begun.count).toBe(4);
      expect(await shop.another.payments.needsReview()).toHaveLength(4);
    });

    it("when its worker is stopped", async () => {
      const shop = await underWay();
      const worker = shop.ledger.operations.startWorker({ consumer: "shop", on: {} });
      await four(shop.begun);
      const stopped = worker.stop();
      shop.begun.letGo();
      await stopped;
      expect(shop.begun.count).toBe(4);
      expect(shop.refunded()).toBe(4);
      expect(await shop.ledger.payments.needsReview()).toHaveLength(4);
    });
  });

  it("continues behind pages of failing calls, and reports the failures at the end", async () => {
    const shop = await openGateway(room);
    const stranger = await shop.oneMore({ secrets: { current: "9".repeat(64) } });
    for (let i = 0; i < 60; i++) {
      const billkey = `BK${String(i).padStart(31, "0")}`;
      const key = await stranger.keys.import({ customerId: newOrder(), kind: "card", billkey });
      const reservation = await stranger.store.reserveKeyDeletion(key.id);
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await stranger.store.settleKeyDeletion(reservation.call, { outcome: "unknown" });
    }
    shop.pass(minute);
    const { tid } = await shop.unknownCancel();
    const id = await stopped(shop);
    shop.pass(minute);
    await expect(shop.ledger.operations.recover()).rejects.toMatchObject({ code: "unreadable-key" });
    expect((await shop.ledger.store.findKey(id))?.state).toBe("deleted");
    expect(shop.remaining(tid)).toBe(0);
  });

  it("uses up no try of a billing key that it cannot read", async () => {
    const shop = await openGateway(room);
    const stranger = await shop.oneMore({ secrets: { current: "9".repeat(64) } });
    const billkey = new Secret("BKUNREADABLE000000000000000000000");
    const { id } = await stranger.keys.import({ customerId: newOrder(), kind: "card", billkey });
    const reservation = await stranger.store.reserveKeyDeletion(id);
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await stranger.store.settleKeyDeletion(reservation.call, { outcome: "unknown" });
    for (let run = 0; run < 4; run++) {
      shop.pass(60 * minute);
      await expect(shop.ledger.operations.recover()).rejects.toMatchObject({ code: "unreadable-key" });
    }
    expect(await shop.ledger.keys.orphans()).toMatchObject([{ id, retrying: true }]);
    expect(await shop.ledger.keys.timeline(id)).toHaveLength(3);
  });

  it("deletes stopped billing keys at the gateway, with three tries at most", async () => {
    const shop = await openGateway(room);
    const deletions = () =>
      shop.sandbox.book.requests.filter(({ operation }) => operation === "billing.deleteKey");
    const id = await stopped(shop);
    shop.pass(minute);
    expect(await shop.ledger.operations.recover()).toMatchObject({ keysDeleted: 1 });
    expect((await shop.ledger.store.findKey(id))?.state).toBe("deleted");
    expect(deletions()).toHaveLength(1);

    const failing = await shop.ledger.keys.import({
      customerId: newOrder(),
      kind: "card",
      billkey: new Secret("BKUNKNOWN0000000000000000000000000"),
    });
    const reservation = await shop.ledger.store.reserveKeyDeletion(failing.id);
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.store.settleKeyDeletion(reservation.call, { outcome: "unknown" });
    expect(await shop.ledger.keys.orphans()).toMatchObject([{ id: failing.id, retrying: true }]);
    for (let run = 0; run < 6; run++) {
      shop.pass(60 * minute);
      await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? shop.ledger : shop.another).operations.recover()),
      );
    }
    expect(deletions()).toHaveLength(4);
    expect(await shop.ledger.keys.orphans()).toMatchObject([
      { id: failing.id, state: "deleting", retrying: false },
    ]);
  });
});
