import { randomUUID } from "node:crypto";
import { type Ledger, openLedger } from "@payapi/ledger";
import { createLedger, createMemoryStore } from "@payapi/ledger/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleNotifications } from "../../src/store-contract/index.js";
import { databaseUrl, newSchema } from "./new-schema.js";

const price = 1_000;
const options = { maxPauseMs: 60_000, secrets: { current: "0".repeat(64) } };
const merchants = ["shop-a", "shop-b"].map((mid) => ({ mid, environment: "sandbox" }) as const);
const opened = {
  memory: async () => {
    const store = createMemoryStore();
    return {
      ledgers: merchants.map((payapi) => createLedger(payapi, store, options)),
      close: async () => {},
    };
  },
  PostgreSQL: async () => {
    const { schema, drop } = await newSchema();
    const ledgers = await Promise.all(
      merchants.map((payapi) => openLedger({ payapi, database: databaseUrl, schema, ...options })),
    );
    const close = async () => {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await drop();
    };
    return { ledgers, close };
  },
};

describe.each(Object.entries(opened))("two merchants in one ledger, in %s", (_, open) => {
  let a: Ledger;
  let b: Ledger;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const room = await open();
    const [first, second] = room.ledgers;
    if (first === undefined || second === undefined) throw new Error("Two are needed");
    [a, b, close] = [first, second, room.close];
  });
  afterAll(() => close());

  async function sent(ledger: Ledger, orderId: string) {
    const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    await ledger.store.markSending(reservation.call);
    return reservation.call;
  }

  it("can have the same order ids, oids and transaction ids", async () => {
    const orderId = randomUUID();
    const calls = await Promise.all([sent(a, orderId), sent(b, orderId)]);
    expect(calls[0].oid).toBe(calls[1].oid);
    const tid = `tid-${orderId}`.slice(0, 40);
    await a.store.settle(calls[0], { outcome: "succeeded", tid, price });
    expect((await b.payments.find(orderId))?.status).toBe("in-progress");
    await b.store.settle(calls[1], { outcome: "succeeded", tid, price });

    const part = { cancelPrice: 300, confirmPrice: 700 };
    const cancel = await a.store.reserveCancel({ orderId, part });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await a.store.settle(cancel.call, {
      outcome: "succeeded",
      price: 300,
      remainingPrice: 700,
      cancelTid: "c",
    });
    expect(await a.payments.find(orderId)).toMatchObject({ remainingPrice: 700 });
    expect(await b.payments.find(orderId)).toMatchObject({ status: "paid", remainingPrice: price });
    expect(await a.payments.balance(orderId)).toMatchObject({ paid: 700 });
    expect(await b.payments.balance(orderId)).toMatchObject({ paid: price });
    expect((await b.payments.timeline(orderId)).map(({ what }) => what)).not.toContain("cancel");
    const listed = (await b.payments.list()).filter((each) => each.orderId === orderId);
    expect(listed).toMatchObject([{ orderId, attempts: 1, remainingPrice: price }]);
  });

  it("cannot send or settle each other's calls", async () => {
    const orderId = randomUUID();
    const call = await sent(a, orderId);
    await expect(b.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
    await expect(b.store.settle(call, { outcome: "not-sent" })).rejects.toMatchObject({
      code: "no-such-call",
    });
    const resolution = { outcome: "moved", tid: "x", actor: "kim", evidence: "console" } as const;
    expect(await b.payments.resolve(orderId, resolution)).toMatchObject({ reason: "no-such-order" });
    await a.store.settle(call, { outcome: "unknown" });
    expect((await b.payments.needsReview()).filter((each) => each.orderId === orderId)).toEqual([]);
    expect((await a.payments.needsReview()).filter((each) => each.orderId === orderId)).toHaveLength(1);
  });

  it("have their own counters, idempotency keys, billing keys, links and notifications", async () => {
    const counters = [{ key: randomUUID(), limit: 1 }];
    const attempt = { counters, windowMs: 60_000 };
    expect(await a.store.consumeRateLimit(attempt)).toMatchObject({ allowed: true });
    expect(await b.store.consumeRateLimit(attempt)).toMatchObject({ allowed: true });
    expect(await b.store.consumeRateLimit(attempt)).toMatchObject({ allowed: false });

    const request = { scope: "charge", key: randomUUID(), fingerprint: "f", leaseMs: 60_000 };
    const begun = [await a.store.beginRequest(request), await b.store.beginRequest(request)];
    expect(begun[1]).toEqual(begun[0]);
    expect(await a.store.beginRequest(request)).not.toEqual(begun[0]);

    const key = await a.keys.import({ customerId: "alice", kind: "card", billkey: "BK1" });
    expect(await b.store.findKey(key.id)).toBeUndefined();
    expect(await b.store.revealKey(key.id)).toBeUndefined();
    expect(await b.keys.list("alice")).toEqual([]);

    const orderId = randomUUID();
    const links = [];
    for (const ledger of [a, b]) {
      const link = await ledger.store.openLink({ orderId, price, payType: "vbank" });
      if (link.status !== "reserved") throw new Error("Refused");
      await ledger.store.settleLink(link.link.token, "https://pay.example/1");
      links.push(link.link);
    }
    const [ours, theirs] = links;
    if (ours === undefined || theirs === undefined) throw new Error("Two are needed");
    expect(ours.oid).toBe(theirs.oid);
    expect(await b.store.findLink(ours.token)).toBeUndefined();
    const tid = `dep-${orderId}`.slice(0, 40);
    const { mobileDeposited } = sampleNotifications("shop-a");
    const notification = mobileDeposited({ oid: ours.oid, tid, price });
    expect(await a.store.receiveNotification(notification)).toEqual({ effect: "applied", orderId });
    expect((await a.payments.find(orderId))?.status).toBe("paid");
    expect(await b.store.receiveNotification(notification)).toMatchObject({ effect: "quarantined" });
    expect((await b.payments.find(orderId))?.status).not.toBe("paid");
  });
});
