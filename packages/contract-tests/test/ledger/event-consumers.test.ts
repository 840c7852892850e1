import { createLedger, type LedgerStore } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { addEvents, deliver, everything, promised } from "./event-states.js";
import { payment } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";
import { virtualTime } from "./virtual-time.js";

/** More than one step of filling, and than the last one. */
const many = 1_300;

describe.each(rooms)("a consumer of events, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  /** Two ledgers of a new merchant, at a time that the test sets. */
  async function open() {
    const time = virtualTime();
    const { clock, timers } = time;
    const opened = await room.ledgers({ clock, timers });
    const { store, mid } = opened;
    const add = (count: number, name?: string) =>
      addEvents(store, { mid, at: clock(), count, ...(name === undefined ? {} : { name }) });
    return { ...opened, time, add };
  }

  /** A ledger that removes a consumer one delivery at a time, with something happening after the first one. */
  function interrupted({ store, mid, time }: Awaited<ReturnType<typeof open>>, happen: () => Promise<void>) {
    let steps = 0;
    const interruptedStore: LedgerStore = {
      ...store,
      async removeQueue(consumerMid, name, step) {
        if (++steps === 2) await happen();
        return store.removeQueue(consumerMid, name, { ...step, limit: 1 });
      },
    };
    const { clock, timers } = time;
    return createLedger({ mid, environment: "sandbox" }, interruptedStore, { clock, timers });
  }

  it("has its own queue, including earlier events", async () => {
    const { ledger } = await open();
    await payment(ledger);
    expect(await deliver(ledger, "shop")).toHaveLength(1);
    await payment(ledger);
    expect(await deliver(ledger, "mail")).toHaveLength(2);
    expect(await deliver(ledger, "shop")).toHaveLength(1);
    expect(await deliver(ledger, "mail")).toHaveLength(0);
  });

  describe("that is new", () => {
    it("gets earlier events in batches, then newer ones, in the order of each ordering key", async () => {
      const { ledger, add, time } = await open();
      const before = await add(many);
      const seen: string[] = [];
      const positions: number[] = [];
      let status: unknown;
      const statusRead = promised();
      const on = {
        approved: async ({ orderId, position }: { readonly orderId: string; readonly position: number }) => {
          seen.push(orderId);
          positions.push(position);
          // Those that are delivered beside the first one stay in the queue until the status is read.
          if (seen.length !== 1) return statusRead.kept;
          status = await ledger.events.consumers();
          statusRead.keep();
          // Of orders that are in its queue already, and of one that is not.
          await add(2);
          await add(many);
        },
      };
      expect(await ledger.operations.runOnce({ consumer: "mail", on })).toMatchObject({
        delivered: 2 * many + 2,
      });
      expect(status).toEqual([
        {
          consumer: "mail",
          createdAt: time.clock(),
          waiting: many,
          dead: 0,
          oldestWaitingAt: time.clock(),
          filling: true,
          removing: false,
        },
      ]);
      expect(seen.filter((orderId) => orderId === "order-1")).toHaveLength(3);
      expect([...seen].sort()).toEqual([...before, ...before, "order-1", "order-2"].sort());
      for (const orderId of ["order-1", `order-${many}`]) {
        const ofOrder = positions.filter((_position, i) => seen[i] === orderId);
        expect(ofOrder).toEqual([...ofOrder].sort((a, b) => a - b));
      }
      expect(await ledger.events.consumers()).toMatchObject([{ waiting: 0, filling: false }]);
      await add(1, "after");
      expect(await ledger.events.consumers()).toMatchObject([{ waiting: 1, filling: false }]);
      expect(await deliver(ledger, "mail")).toMatchObject([{ orderId: "after-1" }]);
    });

    it("continues where it stopped, in another process too", async () => {
      const { ledger, another, add } = await open();
      const before = await add(many);
      const seen: string[] = [];
      const enough = promised();
      const worker = ledger.operations.startWorker({
        consumer: "mail",
        on: {
          approved: ({ orderId }) => {
            seen.push(orderId);
            if (seen.length === 40) enough.keep();
          },
        },
      });
      await enough.kept;
      await worker.stop();
      expect(seen.length).toBeLessThan(many);
      expect(await another.events.consumers()).toMatchObject([
        { filling: true, waiting: many - seen.length },
      ]);
      const take = ({ orderId }: { readonly orderId: string }) => void seen.push(orderId);
      await another.operations.runOnce({ consumer: "mail", on: { approved: take } });
      expect([...seen].sort()).toEqual([...before].sort());
      expect(await ledger.events.consumers()).toMatchObject([{ filling: false, waiting: 0 }]);
    });

    it("gets every event once when several processes fill its queue", async () => {
      const { ledger, another, add } = await open();
      const before = await add(many);
      const seen: string[] = [];
      const on = { approved: ({ orderId }: { readonly orderId: string }) => void seen.push(orderId) };
      await Promise.all(
        [ledger, another, ledger, another].map((each) => each.operations.runOnce({ consumer: "mail", on })),
      );
      expect([...seen].sort()).toEqual([...before].sort());
    });

    it("gets no earlier event if it starts at now, and continues from there", async () => {
      const { ledger, another, add } = await open();
      await add(2, "before");
      const seen: string[] = [];
      const on = { approved: ({ orderId }: { readonly orderId: string }) => void seen.push(orderId) };
      await ledger.operations.runOnce({ consumer: "mail", on, startFrom: "now" });
      expect(seen).toEqual([]);
      await add(2, "after");
      await another.operations.runOnce({ consumer: "mail", on, startFrom: "now" });
      expect(seen.sort()).toEqual(["after-1", "after-2"]);
      await ledger.operations.runOnce({ consumer: "mail", on, startFrom: "beginning" });
      expect(seen).toHaveLength(2);
    });
  });

  it("is listed with its waiting events and dead letters", async () => {
    const { ledger, add, time } = await open();
    const shopAt = time.clock();
    await deliver(ledger, "shop");
    time.pass(1_000);
    await add(2);
    const oldestWaitingAt = time.clock();
    time.pass(1_000);
    await add(1, "later");
    const createdAt = time.clock();
    const on = everything((event) => {
      if ("orderId" in event && event.orderId === "order-2") throw new RangeError("no");
    });
    for (let i = 0; i < 10; i++) {
      await ledger.operations.runOnce({ consumer: "mail", on });
      time.pass(3_600_000);
    }
    const rest = { filling: false, removing: false };
    expect(await ledger.events.consumers()).toEqual([
      { consumer: "mail", createdAt, waiting: 0, dead: 1, ...rest },
      { consumer: "shop", createdAt: shopAt, waiting: 3, dead: 0, oldestWaitingAt, ...rest },
    ]);
  });

  describe("that is removed", () => {
    it("is deleted with its queue of any size", async () => {
      const { ledger, another, add } = await open();
      await deliver(ledger, "mail");
      await deliver(ledger, "shop");
      await add(2_100);
      expect(await another.events.removeConsumer("mail")).toBe(true);
      expect(await ledger.events.removeConsumer("mail")).toBe(false);
      expect(await ledger.events.consumers()).toMatchObject([{ consumer: "shop", waiting: 2_100 }]);
      await expect(ledger.events.removeConsumer("a b")).rejects.toMatchObject({ code: "invalid-argument" });
    });

    it("is removed once by concurrent callers, and can be added again", async () => {
      const { ledger, another, add } = await open();
      await deliver(ledger, "mail");
      await add(3);
      const removals = [ledger, another, ledger, another].map((each) => each.events.removeConsumer("mail"));
      expect(await Promise.all(removals)).toContain(true);
      expect(await ledger.events.consumers()).toEqual([]);
      expect(await deliver(ledger, "mail")).toHaveLength(3);
    });

    it("stays if it was added again while an older removal continues", async () => {
      const opened = await open();
      const { another, add } = opened;
      await add(2);
      await deliver(another, "mail");
      await add(2, "waiting");
      const slow = interrupted(opened, async () => {
        await another.events.removeConsumer("mail");
        await deliver(another, "mail");
        await add(1, "anew");
      });
      expect(await slow.events.removeConsumer("mail")).toBe(true);
      expect(await deliver(another, "mail")).toMatchObject([{ orderId: "anew-1" }]);
    });

    it("gets no event from a worker that still runs, even when it is added again elsewhere", async () => {
      const { ledger, another, add, time } = await open();
      const seen: string[] = [];
      const errors: unknown[] = [];
      const alarm = promised();
      const worker = ledger.operations.startWorker({
        consumer: "mail",
        intervalMs: 1_000,
        on: { approved: ({ orderId }) => void seen.push(orderId) },
        onError: (error) => {
          errors.push(error);
          alarm.keep();
        },
      });
      await time.waitedFor(1_000);
      await another.events.removeConsumer("mail");
      await add(2);
      const anew = await deliver(another, "mail");
      expect(anew).toHaveLength(2);
      await add(1, "later");
      time.pass(1_000);
      await alarm.kept;
      expect(errors).toMatchObject([{ code: "consumer-removed", message: expect.stringContaining("mail") }]);
      for (let i = 0; i < 5; i++) {
        time.pass(60_000);
        await ledger.events.consumers();
      }
      await worker.stop();
      expect(errors).toHaveLength(1);
      expect(seen).toEqual([]);
      expect(await deliver(ledger, "mail")).toMatchObject([{ orderId: "later-1" }]);
    });

    it("can be removed during a run, which reports it and discards running deliveries", async () => {
      const { ledger, another, add } = await open();
      await add(1);
      const begun = promised();
      const released = promised();
      const run = ledger.operations.runOnce({
        consumer: "mail",
        on: {
          approved: () => {
            begun.keep();
            return released.kept;
          },
        },
      });
      await begun.kept;
      expect(await another.events.removeConsumer("mail")).toBe(true);
      released.keep();
      await expect(run).rejects.toMatchObject({ code: "consumer-removed" });
      expect(await another.events.consumers()).toEqual([]);
    });

    it("stays partly removed when the process dies, and gets nothing until it is removed again", async () => {
      const opened = await open();
      const { ledger, add } = opened;
      await deliver(ledger, "mail");
      await add(2);
      const doomed = interrupted(opened, () => Promise.reject(new Error("The process died")));
      await expect(doomed.events.removeConsumer("mail")).rejects.toThrow("died");
      expect(await ledger.events.consumers()).toMatchObject([
        { consumer: "mail", removing: true, waiting: 1 },
      ]);
      await add(1, "after");
      expect(await ledger.events.consumers()).toMatchObject([{ waiting: 1 }]);
      await expect(ledger.operations.runOnce({ consumer: "mail", on: {} })).rejects.toMatchObject({
        code: "consumer-removed",
        message: expect.stringContaining("removeConsumer"),
      });
      expect(await ledger.events.removeConsumer("mail")).toBe(true);
      expect(await deliver(ledger, "mail")).toHaveLength(3);
    });
  });
});
