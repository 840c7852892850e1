import { describe, expect, it } from "vitest";
import {
  newTid,
  price,
  reservedApproval,
  reservedCancel,
  sentApproval,
  sentCancel,
  stateOf,
} from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

describe.each(rooms)("recovery, in %s", (_, open) => {
  const { ledger, another, opened, pass } = freshLedgers(open);

  it("leaves calls that may still be running", async () => {
    const calls = [
      await reservedApproval(ledger),
      await sentApproval(ledger),
      await reservedCancel(ledger),
      await sentCancel(ledger),
    ];
    pass(60);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
    const states = await Promise.all(calls.map((call) => stateOf(ledger, call)));
    expect(states).toEqual(["reserved", "sending", "reserved", "sending"]);
  });

  it("frees reserved calls that were not sent after 60 s", async () => {
    const approval = await reservedApproval(ledger);
    const cancel = await reservedCancel(ledger);
    pass(61);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 2, unknown: 0 });
    expect((await ledger.payments.find(approval.orderId))?.status).toBe("not-sent");
    expect(await ledger.payments.find(cancel.orderId)).toMatchObject({
      status: "paid",
      remainingPrice: price,
      cancel: { status: "not-sent" },
    });
    await expect(ledger.store.markSending(approval)).rejects.toMatchObject({ code: "not-yours" });
    await expect(ledger.store.markSending(cancel)).rejects.toMatchObject({ code: "not-yours" });
  });

  it("makes sent calls without an outcome unknown 30 s after their deadline", async () => {
    const approval = await sentApproval(ledger);
    const cancel = await sentCancel(ledger);
    pass(90);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
    pass(1);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 2 });
    for (const { orderId } of [approval, cancel]) {
      expect((await ledger.payments.find(orderId))?.status).toBe("unknown");
      expect((await ledger.payments.timeline(orderId)).at(-1)).toMatchObject({
        to: "unknown",
        actor: "recovery",
      });
    }
  });

  it("uses the times of the options", async () => {
    const times = { reservedTimeoutMs: 5_000, callTimeoutMs: 10_000, sendingGraceMs: 0 };
    const { ledger } = await opened(times);
    await reservedApproval(ledger);
    await sentApproval(ledger);
    pass(6);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 1, unknown: 0 });
    pass(5);
    expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 1 });
  });

  it.each([
    ["succeeded", "paid"],
    ["refused", "declined"],
    ["not-sent", "not-sent"],
  ] as const)("is corrected by the process that settles late with %s", async (outcome, status) => {
    const call = await sentApproval(ledger);
    pass(100);
    await another.operations.recover();
    const order = await ledger.store.settle(call, {
      outcome,
      ...(outcome === "succeeded" ? { tid: newTid() } : {}),
    });
    expect(order.status).toBe(status);
    expect(await ledger.payments.needsReview()).toEqual([]);
  });

  it("ends each call once when several processes recover", async () => {
    const calls = await Promise.all(Array.from({ length: 10 }, () => sentApproval(ledger)));
    pass(100);
    const done = await Promise.all(
      [ledger, another, ledger, another].map((each) => each.operations.recover()),
    );
    expect(done.reduce((sum, { unknown }) => sum + unknown, 0)).toBe(10);
    for (const { orderId } of calls) expect(await ledger.payments.timeline(orderId)).toHaveLength(3);
  });

  it("and markSending never both succeed for one call", async () => {
    const calls = await Promise.all(Array.from({ length: 20 }, () => reservedApproval(ledger)));
    pass(61);
    const [recovery, ...marks] = await Promise.allSettled([
      another.operations.recover(),
      ...calls.map((call) => ledger.store.markSending(call)),
    ]);
    const marked = marks.filter(({ status }) => status === "fulfilled").length;
    if (recovery?.status !== "fulfilled") throw new Error("Recovery failed");
    expect(recovery.value).toMatchObject({ notSent: 20 - marked, unknown: 0 });
    const states = await Promise.all(calls.map((call) => stateOf(ledger, call)));
    expect(states.filter((state) => state === "sending")).toHaveLength(marked);
  });

  it("refuses to send a call whose marking took too long", async () => {
    const { ledger } = await opened({ maxPauseMs: 0 });
    const call = await reservedApproval(ledger);
    await expect(ledger.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
    expect((await ledger.store.settle(call, { outcome: "not-sent" })).status).toBe("not-sent");
  });
});
