import { Secret } from "@payapi/core";
import type { EventHandlers, Ledger, LedgerEvent } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import { sampleAccount } from "../../src/store-contract/index.js";
import { deliver } from "./event-states.js";
import { pagesOf } from "./hosted-payment-states.js";
import { newOrder, newTid, payment, price, sentApproval, sentCancel, settled } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

const kindsOf = async (ledger: Ledger) => (await deliver(ledger)).map(({ kind }) => kind);

describe.each(rooms)("events, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  it("report a review and no approval when another attempt of the order has a mismatch", async () => {
    const { ledger } = await room.ledgers();
    const first = await sentApproval(ledger);
    await ledger.store.settle(first, { outcome: "refused" });
    const second = await sentApproval(ledger, first.orderId);
    await ledger.store.settle(first, { outcome: "succeeded", tid: newTid(), price });
    await ledger.store.settle(second, { outcome: "succeeded", tid: newTid(), price });
    const events = await deliver(ledger);
    expect(events.map(({ kind }) => kind)).toEqual(["declined", "needs-review", "needs-review"]);
  });

  /** Two ledgers of a new merchant, at a time that the test sets. */
  async function open() {
    let now = Date.parse("2026-05-01T00:00:00Z");
    const ledgers = await room.ledgers({ clock: () => new Date(now) });
    return {
      ...ledgers,
      pages: pagesOf(ledgers),
      pass(ms: number) {
        now += ms;
      },
    };
  }

  describe("are written for an order", () => {
    it("when it is paid, with the order as of then", async () => {
      const { ledger } = await open();
      const { orderId, id } = await payment(ledger, "T1");
      expect(await deliver(ledger)).toEqual([
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          kind: "approved",
          position: expect.any(Number),
          at: new Date("2026-05-01T00:00:00Z"),
          tries: 1,
          environment: "sandbox",
          orderId,
          callId: id,
          price,
          tid: "T1",
          outcome: "succeeded",
          order: await ledger.payments.find(orderId),
        },
      ]);
      expect(await deliver(ledger)).toEqual([]);
    });

    it.each([
      [{ outcome: "refused" }, ["declined"]],
      [{ outcome: "not-sent" }, []],
      [{ outcome: "unknown" }, ["unknown"]],
      [{ outcome: "succeeded", tid: "T", price: price + 1 }, ["needs-review"]],
      [{ outcome: "succeeded", price }, ["needs-review"]],
    ] as const)("when an approval ends as %j", async (outcome, kinds) => {
      const { ledger } = await open();
      await settled(ledger, await sentApproval(ledger), outcome);
      expect(await kindsOf(ledger)).toEqual(kinds);
    });

    it.each([
      [{ outcome: "succeeded", price: 3_000, remainingPrice: 7_000 }, ["partially-cancelled"]],
      [{ outcome: "refused" }, []],
      [{ outcome: "unknown" }, ["cancel-unknown"]],
      [{ outcome: "succeeded", price: 4_000 }, ["needs-review"]],
    ] as const)("when a partial cancel ends as %j", async (outcome, kinds) => {
      const { ledger } = await open();
      await settled(ledger, await sentCancel(ledger), outcome);
      expect(await kindsOf(ledger)).toEqual(["approved", ...kinds]);
    });

    it("when it is fully cancelled", async () => {
      const { ledger } = await open();
      const { orderId } = await payment(ledger);
      const cancel = await ledger.store.reserveCancel({ orderId });
      if (cancel.status !== "reserved") throw new Error(cancel.reason);
      await ledger.store.markSending(cancel.call);
      await ledger.store.settle(cancel.call, { outcome: "succeeded" });
      expect(await deliver(ledger)).toMatchObject([
        { kind: "approved", order: { status: "paid" } },
        { kind: "cancelled", order: { status: "cancelled", remainingPrice: 0 } },
      ]);
    });

    it("once for repeated outcomes, and not for a rolled-back change", async () => {
      const { ledger, another } = await open();
      const call = await sentApproval(ledger);
      const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
      await Promise.all([ledger, another, ledger, another].map((each) => each.store.settle(call, outcome)));
      await ledger.store.settle({ ...call, orderId: newOrder() }, outcome).catch(() => {});
      expect(await kindsOf(ledger)).toEqual(["approved"]);
    });

    it("when recovery, a late fact or a resolution changes it", async () => {
      const { ledger, pass } = await open();
      const late = await sentApproval(ledger);
      const settledByHand = await sentApproval(ledger);
      pass(10 * 60_000);
      await ledger.operations.recover();
      await ledger.store.settle(late, { outcome: "refused" });
      pass(10 * 60_000);
      const resolution = { outcome: "not-moved", actor: "kim", evidence: "console" } as const;
      await ledger.payments.resolve(settledByHand.orderId, resolution);
      await ledger.store.settle(settledByHand, { outcome: "succeeded", tid: newTid(), price });
      const events = await deliver(ledger);
      const of = (orderId: string) =>
        events.flatMap((event) => ("orderId" in event && event.orderId === orderId ? [event.kind] : []));
      expect(of(late.orderId)).toEqual(["unknown", "declined"]);
      expect(of(settledByHand.orderId)).toEqual(["unknown", "settled", "needs-review"]);
    });

    it("when a virtual account is issued, paid, and its deposit reversed", async () => {
      const { ledger, pages } = await open();
      const { orderId, ...awaited } = await pages.awaiting();
      const payments = { ...awaited, price };
      await ledger.store.receiveNotification(pages.samples.deposited(payments));
      await ledger.store.receiveNotification(pages.samples.deposited(payments));
      await ledger.store.receiveNotification(pages.samples.reversed(payments));
      expect(await deliver(ledger)).toMatchObject([
        {
          kind: "account-issued",
          orderId,
          order: { status: "awaiting-deposit", account: { number: sampleAccount } },
        },
        { kind: "deposited", orderId, order: { status: "paid" } },
        { kind: "reversed", orderId, order: { status: "needs-review" } },
      ]);
    });

    it("when a net cancel undid an unknown approval", async () => {
      const { ledger, pages } = await open();
      const { orderId } = await pages.unknown();
      await pages.endNetCancel(orderId, "succeeded");
      expect(await kindsOf(ledger)).toEqual(["unknown", "net-cancelled"]);
    });
  });

  it("report escrow notifications of a listed source, and of an unlisted one once released", async () => {
    const { ledger, pages } = await open();
    const { orderId, oid, tid } = await pages.ended("succeeded");
    const order = await ledger.payments.find(orderId);
    const { escrowCancelled } = pages.samples;
    const registered = (dt_req: string) => ({ fields: { cl_status: "2", dt_req } });
    const receive = (...sample: Parameters<typeof escrowCancelled>) =>
      ledger.store.receiveNotification(escrowCancelled(...sample));
    await receive({ oid, tid, price }, { ...registered("20260501000001"), listed: false });
    await receive({ oid: "none", tid, price });
    expect(await kindsOf(ledger)).toEqual(["approved", "notification-needs-review"]);
    const about = { kind: "escrow", orderId, tid, price };
    await receive({ oid, tid, price }, registered("20260501000002"));
    expect(await deliver(ledger)).toEqual([
      {
        id: expect.any(String),
        position: expect.any(Number),
        at: new Date("2026-05-01T00:00:00Z"),
        tries: 1,
        environment: "sandbox",
        ...about,
        status: "delivery-registered",
        effect: "ignored",
        order,
      },
    ]);
    await receive({ oid, tid, price }, { listed: false });
    expect(await deliver(ledger)).toEqual([]);
    const held = (await ledger.notifications.list({ effect: "quarantined" })).find(
      (each) => each.orderId === orderId,
    );
    await ledger.notifications.release(held?.id ?? "", { actor: "kim", evidence: "console" });
    // The same event was reported of another order before.
    await receive({ oid, tid, price });
    const events = await deliver(ledger);
    const isAboutOrder = ({ kind }: LedgerEvent) => kind !== "notification-needs-review";
    expect(events.filter((event) => !isAboutOrder(event))).toMatchObject([{ reason: "other-content" }]);
    expect(events.filter(isAboutOrder)).toMatchObject([
      { kind: "needs-review", orderId, order: { status: "needs-review" } },
      // What an unlisted source says has its digits masked where they may be a card's, in the tid too.
      {
        kind: "escrow",
        orderId,
        price,
        status: "cancelled",
        effect: "mismatch",
        order: { status: "needs-review" },
      },
    ]);
  });

  describe("are written for notifications that need review", () => {
    type Opened = Awaited<ReturnType<typeof open>>;
    const cases: Record<string, (opened: Opened) => Promise<Record<string, unknown>>> = {
      "about an unknown order": async ({ ledger, pages }) => {
        const payment = { oid: newOrder(), tid: newTid() };
        await ledger.store.receiveNotification(pages.samples.deposited(payment));
        return { notificationKind: "deposit", effect: "quarantined", reason: "unknown-order", price };
      },
      "of another merchant": async ({ ledger, pages }) => {
        const { oid, tid } = await pages.link().then((link) => ({ ...link, tid: newTid() }));
        await ledger.store.receiveNotification(
          pages.samples.approved({ oid, tid }, { fields: { P_MID: "another" } }),
        );
        return { notificationKind: "mobile", effect: "quarantined", reason: "other-merchant", price };
      },
      "with an unrecognized status": async ({ ledger, pages }) => {
        const { orderId, oid } = await pages.link();
        const fields = { P_STATUS: "03", P_RMESG1: "4111 1111 1111 1111", P_CARD_NUM: "4111111111111111" };
        await ledger.store.receiveNotification(pages.samples.approved({ oid, tid: newTid() }, { fields }));
        return { notificationKind: "mobile", effect: "quarantined", reason: "unrecognised", orderId };
      },
      "that came before with other content": async ({ ledger, pages }) => {
        const { orderId, oid, tid } = await pages.awaiting();
        const { deposited } = pages.samples;
        await ledger.store.receiveNotification(deposited({ oid, tid }, { fields: { P_X: "1" } }));
        expect(await kindsOf(ledger)).toEqual(["account-issued", "deposited"]);
        for (let times = 0; times < 2; times++) {
          await ledger.store.receiveNotification(deposited({ oid, tid }, { fields: { P_X: "2" } }));
        }
        return {
          notificationKind: "deposit",
          effect: "mismatch",
          reason: "other-content",
          orderId,
          price,
        };
      },
      "about a payment of another amount by an unpaid link": async ({ ledger, pages }) => {
        const { orderId, oid } = await pages.link();
        await ledger.store.receiveNotification(
          pages.samples.approved({ oid, tid: newTid(), price: price + 1 }),
        );
        return {
          notificationKind: "mobile",
          effect: "mismatch",
          reason: "amount-differs",
          orderId,
          price: price + 1,
        };
      },
    };
    it.each(Object.keys(cases))("%s", async (name) => {
      const opened = await open();
      const { ledger } = opened;
      const about = await cases[name]?.(opened);
      const [held] = (await ledger.notifications.list()).filter(({ reason }) => reason !== undefined);
      expect(await deliver(ledger)).toEqual([
        {
          id: expect.any(String),
          kind: "notification-needs-review",
          position: expect.any(Number),
          at: new Date("2026-05-01T00:00:00Z"),
          tries: 1,
          environment: "sandbox",
          notificationId: held?.id,
          ...about,
        },
      ]);
    });

    it("but not when the order's own event reports it, nor for unlisted sources", async () => {
      const { ledger, pages } = await open();
      const { oid, tid } = await pages.awaiting();
      await deliver(ledger);
      const { deposited, approved } = pages.samples;
      await ledger.store.receiveNotification(deposited({ oid, tid, price: price + 1 }));
      expect(await kindsOf(ledger)).toEqual(["needs-review"]);
      const unlisted = { listed: false };
      await ledger.store.receiveNotification(deposited({ oid: newOrder(), tid: newTid() }, unlisted));
      await ledger.store.receiveNotification(deposited({ oid, tid: newTid() }, unlisted));
      for (const P_STATUS of ["03", "04"]) {
        await ledger.store.receiveNotification(
          approved({ oid, tid: newTid() }, { fields: { P_STATUS }, ...unlisted }),
        );
      }
      expect(await kindsOf(ledger)).toEqual([]);
    });

    it("once; a release returns the effect instead", async () => {
      const { ledger, pages } = await open();
      const { oid } = await pages.link();
      const received = pages.samples.approved({ oid, tid: newTid() }, { fields: { P_STATUS: "03" } });
      for (let times = 0; times < 3; times++) await ledger.store.receiveNotification(received);
      expect(await kindsOf(ledger)).toEqual(["notification-needs-review"]);
      const [held] = await ledger.notifications.list({ effect: "quarantined" });
      const resolution = { actor: "kim", evidence: "asked the gateway: it means nothing" };
      expect(await ledger.notifications.release(held?.id ?? "", resolution)).toMatchObject({
        effect: "ignored",
      });
      expect(await ledger.notifications.list({ effect: "quarantined" })).toEqual([]);
      expect(await ledger.notifications.list()).toMatchObject([
        { reason: "unrecognised", released: resolution },
      ]);
      const stranger = pages.samples.approved({ oid: newOrder(), tid: newTid() }, { listed: false });
      await ledger.store.receiveNotification(stranger);
      const [unknown] = await ledger.notifications.list({ effect: "quarantined" });
      const released = await ledger.notifications.release(unknown?.id ?? "", resolution);
      expect(released).toMatchObject({ effect: "quarantined" });
      expect(await kindsOf(ledger)).toEqual([]);
    });
  });

  it("report the issue, replacement and deletion of a billing key, without the key", async () => {
    const { ledger } = await open();
    const issue = async (replaces?: string) => {
      const request = { customerId: "alice", ...(replaces === undefined ? {} : { replaces }) };
      const reservation = await ledger.store.reserveKey(request);
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await ledger.store.markKeySending(reservation.call);
      const billkey = new Secret(`BK-canary-${newTid()}`);
      return ledger.store.settleKey(reservation.call, { outcome: "succeeded", billkey });
    };
    const { key } = await issue();
    const { retired } = await issue(key.id);
    if (retired === undefined) throw new Error("Nothing retired");
    await ledger.store.settleKeyDeletion(retired, { outcome: "succeeded" });
    const deletion = await ledger.store.reserveKeyDeletion(key.id);
    if (deletion.status !== "reserved") throw new Error(deletion.reason);
    await ledger.store.settleKeyDeletion(deletion.call, { outcome: "succeeded" });
    const events = await deliver(ledger);
    expect(events).toMatchObject([
      { kind: "key-issued", keyId: key.id, customerId: "alice", keyKind: "card" },
      { kind: "key-changed", keyId: key.id },
      { kind: "key-deleted", keyId: key.id },
    ]);
    expect(JSON.stringify(events)).not.toContain("canary");
  });

  it("reject a consumer with an invalid name or without handlers", async () => {
    const { ledger } = await open();
    const wrong = [{ startFrom: "later" }, { handlerTimeoutMs: 0 }, { handlerTimeoutMs: 2 ** 31 }];
    for (const option of wrong as object[]) {
      const run = ledger.operations.runOnce({ consumer: "shop", on: {}, ...option });
      await expect(run).rejects.toMatchObject({ code: "invalid-argument" });
    }
    for (const consumer of ["", "a b", "a".repeat(101), 1 as unknown as string]) {
      await expect(ledger.operations.runOnce({ consumer, on: {} })).rejects.toMatchObject({
        code: "invalid-argument",
      });
      expect(() => ledger.operations.startWorker({ consumer, on: {} })).toThrow("consumer");
    }
    const on = undefined as unknown as EventHandlers;
    await expect(ledger.operations.runOnce({ consumer: "shop", on })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
