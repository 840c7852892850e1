import type { CallOutcome, ReservedCancel } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import { cellsOf, price, reservedCancel, sentCancel, settled, stateOf } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

/** The columns of the table. */
const reports = {
  succeeded: { outcome: "succeeded", price: 3_000, remainingPrice: 7_000, cancelTid: "c1" },
  moved: { outcome: "moved", price: 2_000, cancelTid: "c1" },
  refused: { outcome: "refused", resultCode: "1005" },
  "not-sent": { outcome: "not-sent" },
  unknown: { outcome: "unknown" },
  "already cancelled": { outcome: "refused", resultCode: "01" },
} as const satisfies Record<string, CallOutcome>;

/** The rows of the table: how a cancel gets into each state. */
const starts: Record<string, (ledger: Ledger) => Promise<ReservedCancel>> = {
  reserved: reservedCancel,
  sending: sentCancel,
  done: async (ledger) => settled(ledger, await sentCancel(ledger), reports.succeeded),
  refused: async (ledger) => settled(ledger, await sentCancel(ledger), reports.refused),
  not_sent: async (ledger) => settled(ledger, await sentCancel(ledger), reports["not-sent"]),
  mismatch: async (ledger) => settled(ledger, await sentCancel(ledger), reports.moved),
  unknown: async (ledger) => settled(ledger, await sentCancel(ledger), reports.unknown),
  "unknown by recovery": async (ledger) => {
    const call = await sentCancel(ledger);
    clock.now = new Date(clock.now.getTime() + 100_000);
    await ledger.operations.recover();
    return call;
  },
};

const clock = { now: new Date("2026-05-01T00:00:00Z") };

/** `!`: the payment needs review in spite of the cancel's state. */
const table: Record<string, readonly string[]> = {
  reserved: ["done", "mismatch", "refused", "not_sent", "unknown", "mismatch"],
  sending: ["done", "mismatch", "refused", "not_sent", "unknown", "mismatch"],
  done: ["done", "done!", "done", "done", "done", "done"],
  refused: ["mismatch", "mismatch", "refused", "refused", "refused", "mismatch"],
  not_sent: ["mismatch", "mismatch", "not_sent", "not_sent", "mismatch", "mismatch"],
  mismatch: ["mismatch", "mismatch", "mismatch", "mismatch", "mismatch", "mismatch"],
  unknown: ["done", "mismatch", "unknown", "unknown", "unknown", "unknown"],
  "unknown by recovery": ["done", "mismatch", "refused", "not_sent", "unknown", "mismatch"],
};

/** The payment's status in each state, its remaining amount, and the answer to the next cancel. */
const meaning: Record<string, readonly [string, number, string]> = {
  done: ["partially-cancelled", 7_000, "reserved"],
  "done!": ["needs-review", 7_000, "needs-review"],
  refused: ["paid", price, "reserved"],
  not_sent: ["paid", price, "reserved"],
  unknown: ["unknown", price, "outcome-unknown"],
  mismatch: ["needs-review", price, "needs-review"],
};

describe.each(rooms)("a cancel in each state given each outcome, in %s", (_, open) => {
  const room = openedRoom(open);

  it.each(cellsOf(table, reports))("$from, then $report: $to", async ({ from, report, to }) => {
    const { ledger } = await room.ledgers({ clock: () => clock.now });
    const call = await starts[from]?.(ledger);
    if (call === undefined) throw new Error("No such state");
    const order = await ledger.store.settle(call, reports[report]);
    const [status, remainingPrice, next] = meaning[to] ?? [];
    expect(order).toMatchObject({ status, remainingPrice });
    expect(await stateOf(ledger, call)).toBe(to.replace("!", ""));

    const lines = await ledger.payments.timeline(call.orderId);
    expect(await ledger.store.settle(call, reports[report])).toEqual(order);
    expect(await ledger.payments.timeline(call.orderId)).toEqual(lines);

    const { gateway, paid, suspense } = await ledger.payments.balance(call.orderId);
    expect(gateway).toBe(paid + suspense);
    expect(paid).toBe(remainingPrice);
    if (to === "mismatch" && (from === "refused" || from === "not_sent")) {
      const reply: CallOutcome = reports[report];
      expect(suspense).toBe(-(reply.price ?? 0) + 0);
    }

    const listed = (await ledger.payments.needsReview()).some(({ orderId }) => orderId === call.orderId);
    expect(listed).toBe(status === "unknown" || status === "needs-review");

    const again = await ledger.store.reserveCancel({ orderId: call.orderId });
    expect(again.status === "reserved" ? again.status : again.reason).toBe(next);
  });
});
