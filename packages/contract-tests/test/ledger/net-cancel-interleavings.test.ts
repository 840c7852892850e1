import type { CallOutcome, ReservedCancel } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { deliver } from "./event-states.js";
import { pagesOf } from "./hosted-payment-states.js";
import { price } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

const who = { actor: "kim", evidence: "console" };

/** How it becomes known that the approval was a payment all along. */
const knowers = ["a notification", "the late reply", "an operator"] as const;

/**
 * What the net cancel goes through, in order: `known` is the moment at which the approval turns out to be a payment, everything
 * else is the cancel's. Resolutions are about the cancel; `died` is a process that never settles.
 */
const table: readonly { steps: string; status: string; events: string }[] = [
  // A known payment is not undone.
  { steps: "known", status: "paid", events: "approved" },
  { steps: "known reserve", status: "paid", events: "approved" },
  // Reserved, and then there is nothing to undo any more.
  { steps: "reserve known", status: "in-progress", events: "" },
  { steps: "reserve known send:refused-to-send", status: "paid", events: "approved" },
  { steps: "reserve known died", status: "paid", events: "approved" },
  { steps: "reserve died known", status: "paid", events: "approved" },
  // In flight: the gateway's answer to the cancel decides.
  { steps: "reserve send known", status: "in-progress", events: "" },
  { steps: "reserve send known done", status: "cancelled", events: "cancelled" },
  { steps: "reserve send known refused", status: "paid", events: "approved" },
  { steps: "reserve send known not-sent", status: "paid", events: "approved" },
  { steps: "reserve send known moved", status: "needs-review", events: "needs-review" },
  { steps: "reserve send known already", status: "needs-review", events: "needs-review" },
  { steps: "reserve send known unknown", status: "unknown", events: "cancel-unknown" },
  { steps: "reserve send known unknown done", status: "cancelled", events: "cancel-unknown cancelled" },
  { steps: "reserve send known unknown already", status: "cancelled", events: "cancel-unknown cancelled" },
  { steps: "reserve send known died", status: "unknown", events: "cancel-unknown" },
  { steps: "reserve send known died done", status: "cancelled", events: "cancel-unknown cancelled" },
  { steps: "reserve send known died refused", status: "paid", events: "cancel-unknown approved" },
  {
    steps: "reserve send known died operator:moved",
    status: "cancelled",
    events: "cancel-unknown cancelled",
  },
  { steps: "reserve send known died operator:not-moved", status: "paid", events: "cancel-unknown approved" },
  // Both are unknown.
  { steps: "reserve send unknown known", status: "unknown", events: "" },
  { steps: "reserve send died known", status: "unknown", events: "" },
  { steps: "reserve send unknown known recover", status: "unknown", events: "" },
  { steps: "reserve send unknown known done", status: "cancelled", events: "cancelled" },
  { steps: "reserve send unknown known refused", status: "unknown", events: "" },
  { steps: "reserve send unknown known operator:moved", status: "cancelled", events: "cancelled" },
  { steps: "reserve send unknown known operator:not-moved", status: "paid", events: "approved" },
  // It has ended before.
  { steps: "reserve send refused known", status: "paid", events: "approved" },
  { steps: "reserve send not-sent known", status: "paid", events: "approved" },
  { steps: "reserve send done known", status: "net-cancelled", events: "net-cancelled" },
];

const replies: Record<string, CallOutcome> = {
  done: { outcome: "succeeded", price, at: new Date("2026-05-01T03:00:00Z") },
  refused: { outcome: "refused", resultCode: "1002" },
  already: { outcome: "refused", resultCode: "01" },
  "not-sent": { outcome: "not-sent" },
  moved: { outcome: "moved", price: 1 },
  unknown: { outcome: "unknown" },
};

describe.each(rooms)("an approval that becomes known during its net cancel, in %s", (_, open) => {
  const room = openedRoom(open);

  /** An unknown approval of the page, and how each step of the table is taken. */
  async function unknown() {
    let now = Date.parse("2026-05-01T02:00:00Z");
    const ledgers = await room.ledgers({ clock: () => new Date(now) });
    const pages = pagesOf(ledgers);
    const { ledger, another } = ledgers;
    const { orderId, oid, tid, call } = await pages.unknown();
    expect((await deliver(ledger)).map(({ kind }) => kind)).toEqual(["unknown"]);
    let cancel: ReservedCancel | undefined;
    const cancelOf = () => {
      if (cancel === undefined) throw new Error("Nothing is reserved");
      return cancel;
    };

    async function known(by: (typeof knowers)[number]): Promise<void> {
      // The gateway approved before it was asked to undo it.
      const at = new Date("2026-05-01T01:11:12Z");
      if (by === "a notification")
        await ledger.store.receiveNotification(pages.samples.approved({ oid, tid }));
      if (by === "the late reply") await another.store.settle(call, { outcome: "succeeded", tid, price, at });
      if (by === "an operator") {
        await ledger.payments.resolve(orderId, { outcome: "moved", about: "approval", tid, ...who });
      }
    }

    return {
      ledger,
      orderId,
      async take(step: string, by: (typeof knowers)[number]): Promise<void> {
        const reply = replies[step];
        if (reply !== undefined) {
          await ledger.store.settle(cancelOf(), reply);
          return;
        }
        switch (step) {
          case "known":
            return known(by);
          case "reserve": {
            const reservation = await ledger.store.reserveCancel({ orderId, netCancel: true });
            if (reservation.status === "reserved") cancel = reservation.call;
            return;
          }
          case "send":
            return ledger.store.markSending(cancelOf());
          case "send:refused-to-send":
            await expect(ledger.store.markSending(cancelOf())).rejects.toMatchObject({
              code: "may-not-send",
            });
            await ledger.store.settle(cancelOf(), { outcome: "not-sent" });
            return;
          case "died":
          case "recover":
            now += 2 * 60_000;
            await another.operations.recover();
            return;
          case "operator:moved":
            await ledger.payments.resolve(orderId, { outcome: "moved", about: "cancel", ...who });
            return;
          case "operator:not-moved":
            now += 11 * 60_000;
            await ledger.payments.resolve(orderId, { outcome: "not-moved", about: "cancel", ...who });
            return;
          default:
            throw new Error(`No such step: ${step}`);
        }
      },
    };
  }

  describe.each(knowers)("by %s", (by) => {
    it.each(table)("$steps: $status, with the events $events", async ({ steps, status, events: kinds }) => {
      const { ledger, orderId, take } = await unknown();
      const heard: string[] = [];
      for (const step of steps.split(" ")) {
        await take(step, by);
        for (const event of await deliver(ledger)) {
          heard.push(event.kind);
          if (event.kind !== "approved") continue;
          // A shop that ships on this event is right.
          expect(event.order).toMatchObject({ status: "paid", remainingPrice: price });
          expect(event).toMatchObject({ callId: expect.any(String), price, orderId });
          expect(
            (await ledger.payments.timeline(orderId)).find(({ callId }) => callId === event.callId),
          ).toMatchObject({
            what: "approval",
          });
        }
      }
      expect((await ledger.payments.find(orderId))?.status).toBe(status);
      expect(heard.join(" ")).toBe(kinds);
      if (heard.includes("approved")) expect(heard.at(-1)).toBe("approved");
      // Every unknown call is listed for an operator.
      const isOpen = status === "unknown" || status === "needs-review";
      expect((await ledger.payments.needsReview()).some((row) => row.orderId === orderId)).toBe(isOpen);
    });
  });
});
