import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, deposits of 1 May, seen 09:20" };
const unlisted = { listed: false };

describe.each(rooms)("a forged notification that arrives before the genuine one, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  const quarantined = () => pages.ledger.notifications.list({ effect: "quarantined" });

  it("does not block the release of the genuine one", async () => {
    const { orderId, oid } = await pages.link("vbank");
    const payment = { oid, tid: newTid() };
    const { mobileDeposited } = pages.samples;
    await receive(mobileDeposited({ ...payment, price: 1 }, unlisted));
    expect(await receive(mobileDeposited(payment, unlisted))).toMatchObject({ effect: "quarantined" });
    await receive(mobileDeposited(payment, unlisted));
    const held = await quarantined();
    expect(held).toMatchObject([
      { price, reason: "other-content", repeats: 1 },
      { price: 1, reason: "source-not-listed" },
    ]);
    const [real, forged] = held.map(({ id }) => id);
    expect(await pages.ledger.notifications.release(real ?? "", resolution)).toEqual({
      effect: "applied",
      orderId,
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid: payment.tid });
    expect(await pages.ledger.notifications.release(forged ?? "", resolution)).toMatchObject({
      effect: "mismatch",
    });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: price,
      suspense: 0,
    });
  });

  it("counts once if both are released", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const { deposited } = pages.samples;
    await receive(deposited(payment, { ...unlisted, fields: { nm_input: "stranger" } }));
    await receive(deposited(payment, unlisted));
    for (const { id } of await quarantined()) await pages.ledger.notifications.release(id, resolution);
    expect(await quarantined()).toEqual([]);
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: price,
      suspense: 0,
    });
  });
});
