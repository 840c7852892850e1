import { type LedgerEvent, LedgerUnavailableError } from "@payapi/ledger";
import { createLedger, type LedgerStore } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { addEvents, deliver, everything, promised } from "./event-states.js";
import { payment, sentCancel, settled } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";
import { virtualTime } from "./virtual-time.js";

/** A third of a lease: how often it is extended. */
const extendMs = 20_000;

describe.each(rooms)("events are delivered, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  /** Two ledgers of a new merchant, at a time that the test sets. */
  async function open() {
    const time = virtualTime();
    const { clock, timers, pass } = time;
    return { ...(await room.ledgers({ clock, timers })), time, pass };
  }

  it("again after a handler throws, with growing delays, in order and without delaying other orders", async () => {
    const { ledger, pass } = await open();
    const cancel = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
    const other = await payment(ledger);
    const seen: [string, string, number][] = [];
    const errors: unknown[] = [];
    let failing = true;
    const run = () =>
      ledger.operations.runOnce({
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

  it("once by concurrent instances, one at a time for each order", async () => {
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
      await ledger.payments.find(event.orderId);
      running.delete(event.orderId);
      seen.push(`${event.orderId} ${event.kind}`);
    });
    const errors: unknown[] = [];
    const consumer = { consumer: "shop", on, onError: (error: unknown) => errors.push(error) };
    const run = (_: unknown, i: number) => (i % 2 ? ledger : another).operations.runOnce(consumer);
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

  describe("by a process that becomes silent", () => {
    /** Two events that a process has begun to deliver and says nothing of: its own time stands still. */
    async function silenced() {
      const [time, own] = [virtualTime(), virtualTime()];
      const opened = await room.ledgers({ clock: time.clock, timers: own.timers });
      const { ledger, store, mid } = opened;
      await deliver(ledger);
      const add = (name: string, count = 1) => addEvents(store, { mid, at: time.clock(), name, count });
      await add("order", 2);
      const [begun, released] = [promised(), promised()];
      const signals: AbortSignal[] = [];
      const run = ledger.operations.runOnce({
        consumer: "shop",
        on: {
          approved: async ({ orderId }, { signal }) => {
            if (orderId === "later-1") return;
            if (signals.push(signal) === 2) begun.keep();
            await released.kept;
            if (orderId === "order-2") throw new RangeError("no");
          },
        },
      });
      await begun.kept;
      return { ...opened, add, time, own, run, signals, release: () => released.keep() };
    }

    it("again by another process, and the late result of the first is ignored", async () => {
      const { another, add, time, run, release } = await silenced();
      time.pass(59_999);
      expect(await deliver(another)).toEqual([]);
      time.pass(1);
      const on = everything((event) => {
        if ("orderId" in event && event.orderId === "order-1") throw new TypeError("later");
      });
      expect(await another.operations.runOnce({ consumer: "shop", on })).toMatchObject({
        delivered: 1,
        failed: 1,
      });
      await add("later");
      release();
      expect(await run).toMatchObject({ delivered: 1, failed: 0, dead: 0 });
      expect(await deliver(another)).toEqual([]);
      time.pass(10_000);
      expect(await deliver(another)).toMatchObject([{ orderId: "order-1", tries: 3 }]);
    });

    it("by another process, and abort the signal of the first handler", async () => {
      const { another, time, own, run, signals, release } = await silenced();
      time.pass(60_000);
      expect(await deliver(another)).toHaveLength(2);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
      const heard = signals.map(
        (signal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
      );
      own.pass(extendMs);
      await Promise.all(heard);
      release();
      expect(await run).toMatchObject({ delivered: 0, failed: 0 });
    });
  });

  it("by a handler that runs longer than its lease, and by no other meanwhile", async () => {
    const { ledger, another, time } = await open();
    await payment(ledger);
    const released = promised();
    const run = ledger.operations.runOnce({ consumer: "shop", on: { approved: () => released.kept } });
    for (let i = 0; i < 5; i++) {
      // It waits anew once the lease was extended.
      await time.waitedFor(extendMs);
      expect(await deliver(another)).toEqual([]);
      time.pass(extendMs);
    }
    released.keep();
    expect(await run).toMatchObject({ delivered: 1 });
    expect(time.waiting()).toBe(0);
    time.pass(3_600_000);
    expect(await deliver(another)).toEqual([]);
  });

  it("as failed when a handler exceeds its time limit, and abort its signal", async () => {
    const { ledger, another, time, pass } = await open();
    await payment(ledger);
    const released = promised();
    const errors: (readonly [unknown, (LedgerEvent | undefined)?])[] = [];
    let signal: AbortSignal | undefined;
    const run = ledger.operations.runOnce({
      consumer: "shop",
      handlerTimeoutMs: 30_000,
      onError: (...failed) => errors.push(failed),
      on: {
        approved: (_event, context) => {
          signal = context.signal;
          return released.kept;
        },
      },
    });
    await time.waitedFor(30_000);
    pass(29_999);
    expect(signal?.aborted).toBe(false);
    pass(1);
    expect(await run).toMatchObject({ delivered: 0, failed: 1 });
    expect(errors).toMatchObject([[{ name: "HandlerTimeout" }, { kind: "approved" }]]);
    expect(signal?.reason).toBe(errors[0]?.[0]);
    pass(4_999);
    expect(await deliver(another)).toEqual([]);
    // Its lease was released, and is not extended any more, although the handler never ended.
    pass(1);
    expect(await deliver(another)).toMatchObject([{ kind: "approved", tries: 2 }]);
    released.keep();
    expect(await deliver(another)).toEqual([]);
  });

  it("ten times at most to a handler that never ends, with the timeout as the reason", async () => {
    const { ledger, time, pass } = await open();
    await payment(ledger);
    const on = { approved: () => new Promise<void>(() => {}) };
    for (let i = 0; i < 10; i++) {
      const run = ledger.operations.runOnce({ consumer: "shop", on, handlerTimeoutMs: 1_000 });
      await time.waitedFor(1_000);
      pass(1_000);
      await run;
      pass(3_600_000);
    }
    expect(await ledger.events.deadLetters()).toMatchObject([
      { failure: "HandlerTimeout", event: { tries: 10 } },
    ]);
  });

  describe("at most sixteen at a time, and a slow one delays only its order", () => {
    /** Handlers of which that of `order-1` waits; the others end when some are under way. */
    function slowly() {
      const released = promised();
      const seen: string[] = [];
      let [running, most] = [0, 0];
      const on = everything(async (event) => {
        if (!("orderId" in event)) return;
        most = Math.max(most, ++running);
        if (event.orderId === "order-1" && event.tries === 1) await released.kept;
        else await Promise.resolve();
        running--;
        seen.push(event.orderId);
      });
      return { on, seen, release: () => released.keep(), most: () => most };
    }

    it("by one run", async () => {
      const { ledger, store, mid, time } = await open();
      await addEvents(store, { mid, at: time.clock(), count: 60 });
      const { on, seen, release, most } = slowly();
      const all = promised();
      const counting = everything(async (event, context) => {
        await (on.approved as (event: LedgerEvent, context: unknown) => Promise<void>)(event, context);
        if (seen.length === 59) all.keep();
      });
      const run = ledger.operations.runOnce({ consumer: "shop", on: counting });
      await all.kept;
      expect(seen).not.toContain("order-1");
      release();
      expect(await run).toMatchObject({ delivered: 60 });
      expect(most()).toBe(16);
    });

    it("by a worker, which also takes later events and waits for running ones when it stops", async () => {
      const { ledger, store, mid, time } = await open();
      const { on, seen, release } = slowly();
      await addEvents(store, { mid, at: time.clock(), count: 3 });
      let heard = promised();
      const counting = everything(async (event, context) => {
        await (on.approved as (event: LedgerEvent, context: unknown) => Promise<void>)(event, context);
        heard.keep();
      });
      const worker = ledger.operations.startWorker({ consumer: "shop", on: counting, intervalMs: 1_000 });
      while (seen.length < 2) {
        await heard.kept;
        heard = promised();
      }
      await time.waitedFor(1_000);
      await addEvents(store, { mid, at: time.clock(), name: "later", count: 1 });
      time.pass(1_000);
      while (seen.length < 3) {
        await heard.kept;
        heard = promised();
      }
      expect(seen).toContain("later-1");
      let stopped = false;
      const stopping = worker.stop().then(() => {
        stopped = true;
      });
      await deliver(ledger, "another");
      expect(stopped).toBe(false);
      release();
      await stopping;
      expect(seen).toContain("order-1");
      expect(await deliver(ledger)).toEqual([]);
    });
  });

  it("after a database outage, with growing pauses between tries and warnings", async () => {
    const { store, mid, time } = await open();
    let isAway = true;
    let failures = 0;
    const reached = () => {
      if (isAway) throw new LedgerUnavailableError("The database cannot be reached", undefined);
    };
    const unreliable: LedgerStore = {
      ...store,
      async read(work) {
        reached();
        return store.read(work);
      },
      async openQueue(...given) {
        reached();
        return store.openQueue(...given);
      },
    };
    const { clock, timers } = time;
    const ledger = createLedger({ mid, environment: "sandbox" }, unreliable, { clock, timers });
    await addEvents(store, { mid, at: clock(), count: 1 });
    const delivered = promised();
    const worker = ledger.operations.startWorker({
      consumer: "shop",
      intervalMs: 1_000,
      recoverEveryMs: 86_400_000,
      on: everything(async () => delivered.keep()),
      onError: () => failures++,
    });
    for (const rest of [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await time.waitedFor(rest);
      time.pass(rest);
    }
    await time.waitedFor(30_000);
    // Six rests of delivery, each after a failure, one more, and recovery.
    expect(failures).toBe(8);
    isAway = false;
    time.pass(30_000);
    await delivered.kept;
    await time.waitedFor(1_000);
    await worker.stop();
  });
});
