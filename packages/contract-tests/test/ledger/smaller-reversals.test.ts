import type { CallOutcome } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { price } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const part = { cancelPrice: 4_000, confirmPrice: price - 4_000 };

describe.each(rooms)("a reversal of less than the deposit, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  /** A deposit of which a part was to be refunded, with this outcome; `reserved`: nothing was sent yet. */
  async function refunded(outcome: CallOutcome["outcome"] | "reserved" | "sending") {
    const { orderId, ...payment } = await pages.awaiting();
    await receive(pages.samples.deposited(payment));
    const reservation = await pages.ledger.store.reserveCancel({ orderId, part });
    if (reservation.status !== "reserved") throw new Error("The cancel was refused");
    const { call } = reservation;
    if (outcome !== "reserved" && outcome !== "not-sent") await pages.ledger.store.markSending(call);
    if (outcome !== "reserved" && outcome !== "sending") await pages.ledger.store.settle(call, { outcome });
    const reverse = (won: number) =>
      receive(pages.samples.reversed(payment, { fields: { amt_input: String(won) } }));
    return { orderId, reverse };
  }

  it.each(["reserved", "not-sent", "refused"] as const)(
    "is not booked against a cancel that refunded nothing (%s)",
    async (outcome) => {
      const { orderId, reverse } = await refunded(outcome);
      expect(await reverse(price - 4_000)).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: price });
      const reasons = (await pages.ledger.notifications.list()).map(({ reason }) => reason);
      expect(reasons).toContain("amount-differs");
    },
  );

  it.each([
    ["succeeded", 0],
    ["unknown", 4_000],
    ["sending", 4_000],
  ] as const)("is booked as the rest beside a cancel that was sent (%s)", async (outcome, gateway) => {
    const { orderId, reverse } = await refunded(outcome);
    expect(await reverse(price - 4_000)).toEqual({ effect: "mismatch", orderId });
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway });
  });

  it("is not booked if it is not what the cancel left", async () => {
    const { orderId, reverse } = await refunded("succeeded");
    await reverse(3_000);
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: price - 4_000 });
  });
});
