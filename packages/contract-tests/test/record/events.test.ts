import { Secret } from "@payapi/core";
import { sampleAccount } from "@payapi/core/testing";
import type { EventHandlers, Ledger, LedgerEvent } from "@payapi/ledger";
import { keyEventKinds, orderEventKinds } from "@payapi/ledger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrder, newTid, payment, price, sentApproval, sentCancel, settled } from "./ledger-states.js";
import { type LedgerRoom, rooms } from "./open-ledgers.js";
import { pagesOf } from "./page-states.js";

/** Handlers that take every kind of event. */
function everything(take: (event: LedgerEvent) => void | Promise<void>): EventHandlers {
  return Object.fromEntries([...orderEventKinds, ...keyEventKinds, "escrow"].map((kind) => [kind, take]));
}

async function told(ledger: Ledger, consumer = "shop"): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  await ledger.runOnce({ consumer, on: everything((event) => void events.push(event)) });
  return events;
}

const kindsOf = async (ledger: Ledger) => (await told(ledger)).map(({ kind }) => kind);

describe.each(rooms)("events, in %s", (_, openRoom) => {
  let room: LedgerRoom;
  beforeAll(async () => {
    room = await openRoom();
  });
  afterAll(() => room.close());

  it("tells of no approval, but of needed attention, where another attempt of the order is contradicted", async () => {
    const { ledger } = await room.ledgers();
    const first = await sentApproval(ledger);
    await ledger.settle(first, { outcome: "refused" });
    const second = await sentApproval(ledger, first.orderId);
    await ledger.settle(first, { outcome: "succeeded", tid: newTid(), price });
    await ledger.settle(second, { outcome: "succeeded", tid: newTid(), price });
    const events = await told(ledger);
    expect(events.map(({ kind }) => kind)).toEqual(["declined", "needs-attention", "needs-attention"]);
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

  describe("tell what happened to an order", () => {
    it("when it is paid, with the order as it was then", async () => {
      const { ledger } = await open();
      const { orderId, id } = await payment(ledger, "T1");
      expect(await told(ledger)).toEqual([
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          kind: "approved",
          position: expect.any(Number),
          at: new Date("2026-05-01T00:00:00Z"),
          tries: 1,
          orderId,
          callId: id,
          price,
          tid: "T1",
          outcome: "succeeded",
          order: await ledger.findOrder(orderId),
        },
      ]);
      expect(await told(ledger)).toEqual([]);
    });

    it.each([
      [{ outcome: "refused" }, ["declined"]],
      [{ outcome: "not-sent" }, []],
      [{ outcome: "unknown" }, ["unknown"]],
      [{ outcome: "succeeded", tid: "T", price: price + 1 }, ["needs-attention"]],
      [{ outcome: "succeeded", price }, ["needs-attention"]],
    ] as const)("when an approval ends as %j", async (outcome, kinds) => {
      const { ledger } = await open();
      await settled(ledger, await sentApproval(ledger), outcome);
      expect(await kindsOf(ledger)).toEqual(kinds);
    });

    it.each([
      [{ outcome: "succeeded", price: 3_000, remainingPrice: 7_000 }, ["partially-cancelled"]],
      [{ outcome: "refused" }, []],
      [{ outcome: "unknown" }, ["cancel-unknown"]],
      [{ outcome: "succeeded", price: 4_000 }, ["needs-attention"]],
    ] as const)("when a partial cancel ends as %j", async (outcome, kinds) => {
      const { ledger } = await open();
      await settled(ledger, await sentCancel(ledger), outcome);
      expect(await kindsOf(ledger)).toEqual(["approved", ...kinds]);
    });

    it("when all of it went back", async () => {
      const { ledger } = await open();
      const { orderId } = await payment(ledger);
      const cancel = await ledger.reserveCancel({ orderId });
      if (cancel.status !== "reserved") throw new Error(cancel.reason);
      await ledger.markSending(cancel.call);
      await ledger.settle(cancel.call, { outcome: "succeeded" });
      expect(await told(ledger)).toMatchObject([
        { kind: "approved", order: { status: "paid" } },
        { kind: "cancelled", order: { status: "cancelled", remainingPrice: 0 } },
      ]);
    });

    it("once, however often the same is settled, and never what was rolled back", async () => {
      const { ledger, another } = await open();
      const call = await sentApproval(ledger);
      const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
      await Promise.all([ledger, another, ledger, another].map((each) => each.settle(call, outcome)));
      await ledger.settle({ ...call, orderId: newOrder() }, outcome).catch(() => {});
      expect(await kindsOf(ledger)).toEqual(["approved"]);
    });

    it("when recovery, a late fact or an operator speaks", async () => {
      const { ledger, pass } = await open();
      const late = await sentApproval(ledger);
      const settledByHand = await sentApproval(ledger);
      pass(10 * 60_000);
      await ledger.recover();
      await ledger.settle(late, { outcome: "refused" });
      pass(10 * 60_000);
      const word = { outcome: "not-moved", actor: "kim", evidence: "console" } as const;
      await ledger.settleByOperator(settledByHand.orderId, word);
      await ledger.settle(settledByHand, { outcome: "succeeded", tid: newTid(), price });
      const events = await told(ledger);
      const of = (orderId: string) =>
        events.flatMap((event) => ("orderId" in event && event.orderId === orderId ? [event.kind] : []));
      expect(of(late.orderId)).toEqual(["unknown", "declined"]);
      expect(of(settledByHand.orderId)).toEqual(["unknown", "settled", "needs-attention"]);
    });

    it("when a virtual account is issued, paid, and the deposit taken back", async () => {
      const { ledger, pages } = await open();
      const { orderId, ...awaited } = await pages.awaiting();
      const payments = { ...awaited, price };
      await ledger.receiveNotification(pages.samples.deposited(payments));
      await ledger.receiveNotification(pages.samples.deposited(payments));
      await ledger.receiveNotification(pages.samples.reversed(payments));
      expect(await told(ledger)).toMatchObject([
        {
          kind: "account-issued",
          orderId,
          order: { status: "awaiting-deposit", account: { number: sampleAccount } },
        },
        { kind: "deposited", orderId, order: { status: "paid" } },
        { kind: "reversed", orderId, order: { status: "needs-attention" } },
      ]);
    });

    it("when a network cancel undid an unknown approval", async () => {
      const { ledger, pages } = await open();
      const { orderId } = await pages.unknown();
      await pages.endNetworkCancel(orderId, "succeeded");
      expect(await kindsOf(ledger)).toEqual(["unknown", "network-cancelled"]);
    });
  });

  it("tell when a billing key is issued, changed and deleted, and hold no key", async () => {
    const { ledger } = await open();
    const issue = async (replaces?: string) => {
      const request = { owner: "alice", ...(replaces === undefined ? {} : { replaces }) };
      const reservation = await ledger.reserveKey(request);
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await ledger.markKeySending(reservation.call);
      const billkey = new Secret(`BK-canary-${newTid()}`);
      return ledger.settleKey(reservation.call, { outcome: "succeeded", billkey });
    };
    const { key } = await issue();
    const { retired } = await issue(key.id);
    if (retired === undefined) throw new Error("Nothing retired");
    await ledger.settleKeyDeletion(retired, { outcome: "succeeded" });
    const deletion = await ledger.reserveKeyDeletion(key.id);
    if (deletion.status !== "reserved") throw new Error(deletion.reason);
    await ledger.settleKeyDeletion(deletion.call, { outcome: "succeeded" });
    const events = await told(ledger);
    expect(events).toMatchObject([
      { kind: "key-issued", keyId: key.id, owner: "alice", keyKind: "card" },
      { kind: "key-changed", keyId: key.id },
      { kind: "key-deleted", keyId: key.id },
    ]);
    expect(JSON.stringify(events)).not.toContain("canary");
  });

  describe("are delivered", () => {
    it("to each consumer on its own, also what happened before it came", async () => {
      const { ledger } = await open();
      await payment(ledger);
      expect(await told(ledger, "shop")).toHaveLength(1);
      await payment(ledger);
      expect(await told(ledger, "mail")).toHaveLength(2);
      expect(await told(ledger, "shop")).toHaveLength(1);
      expect(await told(ledger, "mail")).toHaveLength(0);
    });

    it("again when a handler throws, later each time, in the order's order and without holding up others", async () => {
      const { ledger, pass } = await open();
      const cancel = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      const other = await payment(ledger);
      const seen: [string, string, number][] = [];
      const errors: unknown[] = [];
      let failing = true;
      const run = () =>
        ledger.runOnce({
          consumer: "shop",
          onError: (error) => errors.push(error),
          on: everything((event) => {
            if (!("orderId" in event)) return;
            seen.push([event.orderId, event.kind, event.tries]);
            if (failing && event.orderId === cancel.orderId) throw new RangeError("no");
          }),
        });
      expect(await run()).toMatchObject({ delivered: 1, failed: 1, dead: 0 });
      expect(seen).toEqual([
        [cancel.orderId, "approved", 1],
        [other.orderId, "approved", 1],
      ]);
      expect(errors).toEqual([new RangeError("no")]);
      pass(4_999);
      expect(await run()).toMatchObject({ delivered: 0, failed: 0 });
      pass(1);
      expect(await run()).toMatchObject({ delivered: 0, failed: 1 });
      failing = false;
      pass(9_999);
      expect(await run()).toMatchObject({ delivered: 0 });
      pass(1);
      expect(await run()).toMatchObject({ delivered: 2, failed: 0 });
      expect(seen.slice(2)).toEqual([
        [cancel.orderId, "approved", 2],
        [cancel.orderId, "approved", 3],
        [cancel.orderId, "partially-cancelled", 1],
      ]);
    });

    it("ten times at most, then wait as dead letters until they are delivered again", async () => {
      const { ledger, pass } = await open();
      const { orderId } = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      let tries = 0;
      const on = {
        approved: () => {
          tries++;
          throw new RangeError("card 4111111111111111");
        },
      };
      for (let hour = 0; hour < 12; hour++) {
        await ledger.runOnce({ consumer: "shop", on });
        pass(3_600_000);
      }
      expect(tries).toBe(10);
      const [letter, ...more] = await ledger.deadLetters();
      expect(more).toEqual([]);
      expect(letter).toMatchObject({
        consumer: "shop",
        failure: "RangeError",
        event: { kind: "approved", orderId, tries: 10 },
      });
      expect(await ledger.deadLetters({ consumer: "mail" })).toEqual([]);
      expect(await told(ledger)).toEqual([]);
      expect(await ledger.redeliver(letter?.event.id ?? "", { consumer: "mail" })).toBe(0);
      expect(await ledger.redeliver(letter?.event.id ?? "")).toBe(1);
      expect(await ledger.deadLetters()).toEqual([]);
      expect(await told(ledger)).toMatchObject([{ id: letter?.event.id, kind: "approved", orderId }]);
      expect(await ledger.redeliver("nothing")).toBe(0);
    });

    it("once by many instances at once, one of each order at a time", async () => {
      const { ledger, another } = await open();
      await Promise.all(
        Array.from({ length: 30 }, async () =>
          settled(ledger, await sentCancel(ledger), { outcome: "succeeded" }),
        ),
      );
      const running = new Set<string>();
      const seen: string[] = [];
      const on = everything(async (event) => {
        if (!("orderId" in event)) return;
        expect(running.has(event.orderId)).toBe(false);
        running.add(event.orderId);
        await ledger.findOrder(event.orderId);
        running.delete(event.orderId);
        seen.push(`${event.orderId} ${event.kind}`);
      });
      const errors: unknown[] = [];
      const consumer = { consumer: "shop", on, onError: (error: unknown) => errors.push(error) };
      const run = (_: unknown, i: number) => (i % 2 ? ledger : another).runOnce(consumer);
      // An instance ends when nothing is free; what waits behind an event of another one is for a later run.
      let left = 60;
      while (left > 0) {
        const runs = await Promise.all(Array.from({ length: 8 }, run));
        left -= runs.reduce((sum, { delivered }) => sum + delivered, 0);
      }
      expect(errors).toEqual([]);
      expect(left).toBe(0);
      expect(new Set(seen).size).toBe(60);
      expect(seen).toHaveLength(60);
    });

    it("again by another instance when one has gone silent, whose late word counts no more", async () => {
      const { ledger, another, pass } = await open();
      await payment(ledger);
      let release = () => {};
      const frozen = new Promise<void>((resolve) => {
        release = resolve;
      });
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const first = ledger.runOnce({
        consumer: "shop",
        on: {
          approved: () => {
            begin();
            return frozen;
          },
        },
      });
      await begun;
      expect(await told(another)).toEqual([]);
      pass(60_000);
      expect(await told(another)).toMatchObject([{ kind: "approved", tries: 2 }]);
      release();
      expect(await first).toMatchObject({ delivered: 0 });
      expect(await told(another)).toEqual([]);
    });
  });

  it("refuse a consumer without a proper name, or without handlers", async () => {
    const { ledger } = await open();
    for (const consumer of ["", "a b", "a".repeat(101), 1 as unknown as string]) {
      await expect(ledger.runOnce({ consumer, on: {} })).rejects.toMatchObject({ code: "invalid-argument" });
      expect(() => ledger.startWorker({ consumer, on: {} })).toThrow("consumer");
    }
    const on = undefined as unknown as EventHandlers;
    await expect(ledger.runOnce({ consumer: "shop", on })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
