import type { CallOutcome, OrderStatus, RefusedReason, ReservedApproval } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import {
  cellsOf,
  newTid,
  payment,
  price,
  reservedApproval,
  sentApproval,
  settled,
  stateOf,
} from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

const tid = { given: "" };
type Report = (call: ReservedApproval) => CallOutcome;

/** The columns of the table. */
const reports = {
  succeeded: () => ({ outcome: "succeeded", tid: tid.given, price, resultCode: "00" }),
  "succeeded with another tid": () => ({ outcome: "succeeded", tid: newTid(), price, resultCode: "00" }),
  "moved with tid": () => ({ outcome: "moved", tid: tid.given, price: 9_999, resultCode: "00" }),
  "moved without tid": () => ({ outcome: "moved", price, resultCode: "00" }),
  refused: () => ({ outcome: "refused", resultCode: "1234", resultMessage: "한도초과" }),
  "not-sent": () => ({ outcome: "not-sent", code: "connect-failed" }),
  unknown: () => ({ outcome: "unknown", code: "reply-lost" }),
} as const satisfies Record<string, Report>;

/** The rows of the table: how a call gets into each state, `tid.given` being the tid of its reply. */
const starts: Record<string, (ledger: Ledger) => Promise<ReservedApproval>> = {
  reserved: (ledger) => reservedApproval(ledger),
  sending: (ledger) => sentApproval(ledger),
  approved: async (ledger) => settled(ledger, await sentApproval(ledger), reports.succeeded()),
  approved_mismatch: async (ledger) =>
    settled(ledger, await sentApproval(ledger), reports["moved with tid"]()),
  approved_no_tid: async (ledger) =>
    settled(ledger, await sentApproval(ledger), reports["moved without tid"]()),
  mismatch: async (ledger) => {
    const known = newTid();
    await payment(ledger, known);
    return settled(ledger, await sentApproval(ledger), { outcome: "succeeded", tid: known, price });
  },
  declined: async (ledger) => settled(ledger, await sentApproval(ledger), reports.refused()),
  not_sent: async (ledger) => settled(ledger, await sentApproval(ledger), reports["not-sent"]()),
  "not_sent by recovery": async (ledger) => recovered(ledger, await reservedApproval(ledger)),
  unknown: async (ledger) => settled(ledger, await sentApproval(ledger), reports.unknown()),
  "unknown by recovery": async (ledger) => recovered(ledger, await sentApproval(ledger)),
};

const clock = { now: new Date("2026-05-01T00:00:00Z") };

async function recovered(ledger: Ledger, call: ReservedApproval): Promise<ReservedApproval> {
  clock.now = new Date(clock.now.getTime() + 100_000);
  await ledger.operations.recover();
  return call;
}

/** `!`: the state stays, and the order needs review. */
const table: Record<string, readonly string[]> = {
  reserved: row("approved approved approved_mismatch approved_no_tid declined not_sent unknown"),
  sending: row("approved approved approved_mismatch approved_no_tid declined not_sent unknown"),
  approved: row("approved approved! approved! approved! approved! approved! approved"),
  approved_mismatch: Array(7).fill("approved_mismatch"),
  approved_no_tid: Array(7).fill("approved_no_tid"),
  mismatch: Array(7).fill("mismatch"),
  declined: row("mismatch mismatch mismatch mismatch declined declined declined"),
  not_sent: row("mismatch mismatch mismatch mismatch not_sent not_sent mismatch"),
  "not_sent by recovery": row("mismatch mismatch mismatch mismatch not_sent not_sent mismatch"),
  unknown: row("approved approved approved_mismatch approved_no_tid declined unknown unknown"),
  "unknown by recovery": row("approved approved approved_mismatch approved_no_tid declined not_sent unknown"),
};

function row(states: string): readonly string[] {
  return states.split(" ");
}

/** What each state means for the order, and for the next click on Pay. */
const meaning: Record<string, readonly [OrderStatus, RefusedReason | "reserved"]> = {
  approved: ["paid", "already-paid"],
  "approved!": ["needs-review", "needs-review"],
  approved_mismatch: ["needs-review", "needs-review"],
  approved_no_tid: ["needs-review", "needs-review"],
  mismatch: ["needs-review", "needs-review"],
  declined: ["declined", "reserved"],
  not_sent: ["not-sent", "reserved"],
  unknown: ["unknown", "outcome-unknown"],
};

describe.each(rooms)("an approval in each state given each outcome, in %s", (_, open) => {
  const room = openedRoom(open);

  it.each(cellsOf(table, reports))("$from, then $report: $to", async ({ from, report, to }) => {
    const { ledger } = await room.ledgers({ clock: () => clock.now });
    tid.given = newTid();
    const call = await starts[from]?.(ledger);
    if (call === undefined) throw new Error("No such state");
    const outcome = reports[report]();
    const order = await ledger.store.settle(call, outcome);
    const [status, next] = meaning[to] ?? [];
    expect(order.status).toBe(status);
    expect(await stateOf(ledger, call)).toBe(to.replace("!", ""));

    const lines = await ledger.payments.timeline(call.orderId);
    expect(await ledger.store.settle(call, outcome)).toEqual(order);
    expect(await ledger.payments.timeline(call.orderId)).toEqual(lines);

    const { gateway, paid, suspense } = await ledger.payments.balance(call.orderId);
    expect(gateway).toBe(paid + suspense);
    // The remaining amount equals the booked one.
    expect(gateway).toBe(order.remainingPrice);
    if (to === "mismatch" && from !== "mismatch" && outcome.outcome !== "unknown") {
      expect(suspense).toBe("price" in outcome ? outcome.price : 0);
    }
    expect(paid).toBe(to.startsWith("approved!") || to === "approved" ? price : 0);

    const listed = (await ledger.payments.needsReview()).some(({ orderId }) => orderId === call.orderId);
    expect(listed).toBe(status === "unknown" || status === "needs-review");

    const again = await ledger.store.reserveApproval({ orderId: call.orderId, price, payType: "card" });
    expect(again.status === "reserved" ? again.status : again.reason).toBe(next);
  });
});
