import { randomUUID } from "node:crypto";
import { Secret } from "@payapi/core";
import { createLedger, type LedgerStore } from "@payapi/ledger/internal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openGateway } from "./gateway.js";
import { pagesOf } from "./hosted-payment-states.js";
import { newOrder, payment, price, reservedApproval, reservedCancel, sentApproval } from "./ledger-states.js";
import { type LedgerRoom, type OpenLedgers, patient, rooms } from "./open-ledgers.js";

const minute = 60_000;
const refused = { code: "database-changed", message: expect.stringContaining("acceptDatabase") };

/** As if another server had taken over: the newest entry is about another database. */
function replaceDatabase(store: LedgerStore, at: Date): Promise<void> {
  const resolution = { actor: "lee", evidence: "the primary" };
  return store.acceptDatabase({ identity: "another", at, ...resolution });
}

async function accept({ ledger }: Pick<OpenLedgers, "ledger">): Promise<void> {
  const { seen } = await ledger.operations.database();
  await ledger.operations.acceptDatabase({
    actor: "kim",
    evidence: "console compared",
    seen,
    transactions: [],
  });
}

describe.each(rooms)("a database that is not accepted, in %s", (_, open) => {
  let room: LedgerRoom;
  let now: Date;
  // Accepting a database concerns every ledger in it, so each test has its own.
  beforeEach(async () => {
    now = new Date("2026-05-01T00:00:00Z");
    room = await open();
  });
  afterEach(() => room.close());
  const clock = () => now;
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };

  async function activeKey({ ledger }: OpenLedgers): Promise<string> {
    const { id } = await ledger.keys.import({
      customerId: newOrder(),
      kind: "card",
      billkey: `BK${randomUUID()}`,
    });
    return id;
  }

  it("refuses to reserve any call, and stores nothing", async () => {
    const opened = await room.ledgers({ clock });
    const { ledger, store } = opened;
    const pages = pagesOf(opened);
    const order = { orderId: newOrder(), price, payType: "card" };
    const paid = await payment(ledger);
    const unknown = await pages.unknown();
    const link = await pages.link();
    const [active, stopped] = [await activeKey(opened), await activeKey(opened)];
    const deletion = await ledger.store.reserveKeyDeletion(stopped);
    if (deletion.status !== "reserved") throw new Error(deletion.reason);
    await ledger.store.settleKeyDeletion(deletion.call, { outcome: "not-sent" });
    const written = async () => [
      await ledger.payments.list(),
      await Promise.all([paid, unknown].map(({ orderId }) => ledger.payments.timeline(orderId))),
      await Promise.all([active, stopped].map((id) => ledger.keys.timeline(id))),
      await ledger.keys.list("bob"),
      await ledger.store.findLink(link.token),
      await ledger.payments.needsReview(),
    ];
    const tries = {
      approval: () => ledger.store.reserveApproval(order),
      "approval of the payment page": () =>
        ledger.store.reserveApproval({ ...order, orderId: link.orderId, page: { oid: link.oid, tid: "P1" } }),
      cancel: () => ledger.store.reserveCancel({ orderId: paid.orderId }),
      "partial cancel": () =>
        ledger.store.reserveCancel({
          orderId: paid.orderId,
          part: { cancelPrice: 1, confirmPrice: price - 1 },
        }),
      "net cancel": () => ledger.store.reserveCancel({ orderId: unknown.orderId, netCancel: true }),
      link: () => ledger.store.openLink({ ...order, orderId: newOrder() }),
      "billing key": () => ledger.store.reserveKey({ customerId: "bob" }),
      "deletion of a billing key": () => ledger.store.reserveKeyDeletion(active),
      "deletion once more": () => ledger.store.reserveKeyDeletionRetry(deletion.call.callId),
    };

    await replaceDatabase(store, now);
    const before = await written();
    for (const [what, reserve] of Object.entries(tries)) {
      await expect(reserve(), what).rejects.toMatchObject(refused);
    }
    expect(await written()).toEqual(before);
    expect(await ledger.payments.find(order.orderId)).toBeUndefined();

    pass(minute);
    await accept(opened);
    for (const [what, reserve] of Object.entries(tries)) {
      // The payment has its one open cancel by then.
      const expected = what === "partial cancel" ? "refused" : "reserved";
      expect((await reserve()).status, what).toBe(expected);
    }
    expect((await ledger.payments.find(order.orderId))?.oid).toBe(`${order.orderId}-1`);
  });

  it("does not end a reserved call as not sent, and makes it unknown once the database is accepted", async () => {
    const opened = await room.ledgers({ clock });
    const { ledger, store } = opened;
    const approval = await reservedApproval(ledger);
    const cancel = await reservedCancel(ledger);
    const sent = await sentApproval(ledger);
    const issue = await ledger.store.reserveKey({ customerId: "alice" });
    if (issue.status !== "reserved") throw new Error(issue.reason);
    const stateOfCalls = async () => [
      (await ledger.payments.find(approval.orderId))?.status,
      (await ledger.payments.find(cancel.orderId))?.status,
      (await ledger.store.findKey(issue.call.id))?.state,
    ];

    pass(10 * minute);
    await replaceDatabase(store, now);
    // A call that was sent is unknown in any database.
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 1 });
    expect((await ledger.payments.find(sent.orderId))?.status).toBe("unknown");
    expect(await stateOfCalls()).toEqual(["in-progress", "in-progress", "issuing"]);

    await accept(opened);
    pass(1);
    const later = await reservedApproval(ledger);
    pass(2 * minute);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 1, unknown: 3 });
    expect(await stateOfCalls()).toEqual(["unknown", "unknown", "unknown"]);
    expect((await ledger.payments.find(later.orderId))?.status).toBe("not-sent");
    expect(await ledger.payments.needsReview()).toContainEqual(
      expect.objectContaining({ orderId: approval.orderId, oid: approval.oid, state: "unknown" }),
    );
    const again = { orderId: approval.orderId, price, payType: "card" };
    expect(await ledger.store.reserveApproval(again)).toMatchObject({ reason: "outcome-unknown" });
    // The process that reserved the call knows that it sent nothing.
    expect((await ledger.store.settle(approval, { outcome: "not-sent" })).status).toBe("not-sent");
  });

  it("lets a process send its reserved call once the database is accepted", async () => {
    const opened = await room.ledgers({ clock });
    const { ledger, store } = opened;
    const call = await reservedApproval(ledger);
    await replaceDatabase(store, now);
    await expect(ledger.store.markSending(call)).rejects.toMatchObject(refused);
    await accept(opened);
    await ledger.store.markSending(call);
    expect((await ledger.store.settle(call, { outcome: "succeeded", tid: "T1", price })).status).toBe("paid");
  });

  it("stores billing keys of calls that were sent before", async () => {
    const opened = await room.ledgers({ clock });
    const { ledger, store } = opened;
    const issue = await ledger.store.reserveKey({ customerId: "alice" });
    if (issue.status !== "reserved") throw new Error(issue.reason);
    await ledger.store.markKeySending(issue.call);
    await replaceDatabase(store, now);
    const { key } = await ledger.store.settleKey(issue.call, {
      outcome: "succeeded",
      billkey: new Secret("BK1"),
    });
    expect(key.state).toBe("active");
    await expect(ledger.store.markKeySending(issue.call)).rejects.toMatchObject(refused);
  });

  it("leaves earlier unknown approvals of the payment page to an operator", async () => {
    const shop = await openGateway(room);
    const pages = pagesOf(shop);
    const before = await pages.unknown();
    await replaceDatabase(shop.store, shop.clock());
    shop.pass(5 * minute);
    expect(await shop.ledger.operations.recover()).toMatchObject({ netCancelled: 0 });
    await accept(shop);
    shop.pass(minute);
    const after = await pages.unknown();
    shop.pass(5 * minute);
    await shop.ledger.operations.recover();
    await shop.ledger.operations.recover();
    // A row that was lost may have recorded that it was paid.
    const timeline = await shop.ledger.payments.timeline(before.orderId);
    expect(timeline.filter(({ what }) => what === "cancel")).toEqual([]);
    expect((await shop.ledger.payments.timeline(after.orderId)).some(({ what }) => what === "cancel")).toBe(
      true,
    );
  });

  it("repeats no cancel or deletion if it takes over during a recovery", async () => {
    const shop = await openGateway(room);
    const { orderId } = await shop.unknownCancel();
    const keyId = await activeKey(shop);
    const deletion = await shop.ledger.store.reserveKeyDeletion(keyId);
    if (deletion.status !== "reserved") throw new Error(deletion.reason);
    await shop.ledger.store.settleKeyDeletion(deletion.call, { outcome: "unknown" });
    shop.pass(minute);
    const written = async () => [
      await shop.ledger.payments.timeline(orderId),
      await shop.ledger.keys.timeline(keyId),
      (await shop.store.load(shop.mid, orderId)).order.cancels,
    ];
    const before = await written();

    let isReplaced = false;
    const store: LedgerStore = {
      ...shop.store,
      // Recovery has found the database accepted, and the due calls.
      read: (work) =>
        shop.store.read((tx) =>
          work({
            ...tx,
            dueCalls: async (...asked) => {
              isReplaced = true;
              return tx.dueCalls(...asked);
            },
          }),
        ),
      load: async (...asked) => {
        if (isReplaced) await replaceDatabase(shop.store, shop.clock());
        return shop.store.load(...asked);
      },
      loadKey: async (...asked) => {
        if (isReplaced) await replaceDatabase(shop.store, shop.clock());
        return shop.store.loadKey(...asked);
      },
    };
    const ledger = createLedger(shop.payapi, store, { ...patient, clock: shop.clock });
    const asked = shop.sandbox.book.requests.length;
    await expect(ledger.operations.recover()).rejects.toMatchObject(refused);
    expect(await written()).toEqual(before);
    expect(shop.sandbox.book.requests).toHaveLength(asked);
    // Without the change of the database both are done.
    await accept(shop);
    expect(await shop.ledger.operations.recover()).toMatchObject({ repeated: 1, cancelled: 1 });
    expect(shop.asked("billing.deleteKey")).toHaveLength(1);
  });
});
