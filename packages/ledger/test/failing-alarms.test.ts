import { describe, expect, it, onTestFinished } from "vitest";
import { memoryLedger } from "../src/index.js";
import { createLedger, createMemoryStore, type LedgerStore, type LedgerTimers } from "../src/internal.js";
import { leaseMs } from "../src/outbox/consumers.js";
import { payapi } from "./database.js";

async function pay(ledger: ReturnType<typeof memoryLedger>, orderId: string) {
  const reservation = await ledger.store.reserveApproval({ orderId, price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: orderId, price: 1_000 });
}

const noAlarm = new Error("No alarm today");
const alarms = [
  [
    "throws",
    () => {
      throw noAlarm;
    },
  ],
  ["rejects", () => Promise.reject(noAlarm)],
] as const;

describe.each(alarms)("an onError that %s", (_, onError) => {
  it("does not end a run, and the failed event is retried as usual", async () => {
    const ledger = memoryLedger({ payapi });
    onTestFinished(() => ledger.close());
    await pay(ledger, "a");
    await pay(ledger, "b");
    const taken: string[] = [];
    const approved = ({ orderId }: { readonly orderId: string }) => {
      if (orderId === "a") throw new Error("Not this one");
      taken.push(orderId);
    };
    const consumer = { consumer: "shop", on: { approved }, onError };
    expect(await ledger.operations.runOnce(consumer)).toMatchObject({ delivered: 1, failed: 1 });
    expect(taken).toEqual(["b"]);
    // It is not due yet.
    expect(await ledger.operations.runOnce(consumer)).toMatchObject({ delivered: 0, failed: 0 });
  });

  it("loses no event whose lease could not be extended meanwhile", async () => {
    const memory = createMemoryStore();
    let isAway = false;
    const store: LedgerStore = {
      ...memory,
      updateClaim: (...given) => (isAway ? Promise.reject(new Error("Away")) : memory.updateClaim(...given)),
    };
    let endLease = () => {};
    const timers: LedgerTimers = {
      monotonic: () => performance.now(),
      wall: () => Date.now(),
      wait: (ms) =>
        new Promise<void>((resolve) => {
          if (ms === leaseMs / 3) endLease = resolve;
        }),
    };
    const ledger = createLedger(payapi, store, { timers, closeTimeoutMs: 0 });
    onTestFinished(() => ledger.close());
    await pay(ledger, "a");
    let release = () => {};
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    const run = await ledger.operations.runOnce({
      consumer: "shop",
      on: {
        async approved() {
          isAway = true;
          endLease();
          await isReleased;
          isAway = false;
        },
      },
      onError: () => {
        release();
        return onError();
      },
    });
    expect(run).toMatchObject({ delivered: 1, failed: 0 });
  });
});

it("a worker can be stopped from inside its handler", async () => {
  const ledger = memoryLedger({ payapi });
  onTestFinished(() => ledger.close());
  await pay(ledger, "a");
  const stopped = new Promise<void>((resolve) => {
    const worker = ledger.operations.startWorker({
      consumer: "shop",
      on: { approved: () => void worker.stop().then(resolve) },
    });
  });
  await stopped;
  expect(await ledger.events.consumers()).toMatchObject([{ consumer: "shop" }]);
});
