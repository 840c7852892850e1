import { maskCardNumbers } from "@payapi/core";
import { parseNotification } from "@payapi/core/notifications";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleAccount } from "../../src/store-contract/index.js";
import { freshPages } from "./hosted-payment-states.js";
import { price } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, 09:20" };
let count = 0;

/** A transaction of the gateway, as unlucky as one in twenty: some of its digits pass for a card number. */
function unluckyTid(): string {
  for (;;) {
    const tid = `SBX20261125103507${String(++count).padStart(6, "0")}a2f4d8dcadd`;
    const masked = maskCardNumbers(tid);
    if (masked !== tid && masked !== "[redacted]") return tid;
  }
}

describe.each(rooms)("a released notification, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  const held = async () => {
    const [notification] = await pages.ledger.notifications.list({ effect: "quarantined" });
    if (notification === undefined) throw new Error("No notification is quarantined");
    return notification;
  };

  it("pays the order of a known account, for transaction ids that look like card numbers, too", async () => {
    const { orderId, oid } = await pages.link("vbank");
    const tid = unluckyTid();
    await pages.ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount });
    await receive(pages.samples.deposited({ oid, tid }, { listed: false }));
    expect(await held()).toMatchObject({ tid, reason: "source-not-listed", orderId });
    expect(await pages.ledger.notifications.release((await held()).id, resolution)).toEqual({
      effect: "applied",
      orderId,
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: price,
      suspense: 0,
    });
  });

  it("pays the order of an account that is reported later", async () => {
    const { orderId, oid } = await pages.link("vbank");
    const tid = unluckyTid();
    await receive(pages.samples.deposited({ oid, tid }, { listed: false }));
    expect(await held()).toMatchObject({ tid: maskCardNumbers(tid) });
    await pages.ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount });
    expect(await pages.ledger.notifications.release((await held()).id, resolution)).toMatchObject({
      effect: "applied",
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
    expect(await pages.ledger.notifications.list()).toMatchObject([{ tid, released: resolution }]);
  });

  it("is not booked under a masked transaction: the operator names the true one", async () => {
    const { orderId, oid } = await pages.link("card");
    const tid = unluckyTid();
    await receive(pages.samples.approved({ oid, tid }, { listed: false }));
    const { id } = await held();
    const release = (named?: string) =>
      pages.ledger.notifications.release(
        id,
        named === undefined ? resolution : { ...resolution, tid: named },
      );
    await expect(release()).rejects.toMatchObject({ code: "masked-tid" });
    await expect(release(unluckyTid())).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(release(maskCardNumbers(tid))).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await held()).not.toHaveProperty("released");
    expect(await pages.ledger.payments.find(orderId)).toBeUndefined();

    expect(await release(tid)).toEqual({ effect: "applied", orderId });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
    expect(await pages.ledger.notifications.list()).toMatchObject([{ tid, released: resolution }]);
  });

  it("of a cancel is matched by the cancel's own transaction, before and after it is known", async () => {
    const { orderId, oid, tid } = await pages.ended("succeeded");
    const part = { cancelPrice: 4_000, confirmPrice: price - 4_000 };
    const reservation = await pages.ledger.store.reserveCancel({ orderId, part });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(reservation.call);
    const cancelTid = unluckyTid();
    const deposit = (dt_req: string) => {
      const cancelled = { oid, tid: cancelTid, price: part.cancelPrice };
      return pages.samples.escrowCancelled(cancelled, { listed: false, fields: { dt_req, tid_org: tid } });
    };
    await receive(deposit("20260501000001"));
    expect(await held()).toMatchObject({ tidIsMasked: true });
    await pages.ledger.store.settle(reservation.call, { outcome: "succeeded", cancelTid });
    expect(await pages.ledger.notifications.release((await held()).id, resolution)).toMatchObject({
      effect: "known",
    });
    await receive(deposit("20260501000002"));
    expect(await pages.ledger.notifications.list()).toMatchObject([
      { tid: cancelTid, tidIsMasked: false },
      { tid: cancelTid, released: resolution },
    ]);
  });

  it("cannot be released under another transaction, also when nothing is masked", async () => {
    const { orderId, oid } = await pages.link("card");
    await receive(pages.samples.approved({ oid, tid: "T-1" }, { listed: false }));
    const { id } = await held();
    await expect(pages.ledger.notifications.release(id, { ...resolution, tid: "T-2" })).rejects.toMatchObject(
      {
        code: "invalid-argument",
      },
    );
    expect(await pages.ledger.notifications.release(id, { ...resolution, tid: "T-1" })).toMatchObject({
      orderId,
    });
  });

  it("has the same effect as from a listed source, also if its ids look like card numbers", async () => {
    const digits = fc.array(fc.nat({ max: 9 }), { minLength: 13, maxLength: 19 }).map((all) => all.join(""));
    await fc.assert(
      fc.asyncProperty(digits, digits, fc.boolean(), async (order, transaction, isKnown) => {
        const orderId = `${order}-${++count}`;
        const { oid } = await pages.link("vbank", orderId);
        const tid = `T${order}x${transaction}`;
        if (isKnown) {
          await pages.ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount });
        }
        await receive(pages.samples.deposited({ oid, tid }, { listed: false }));
        const { id, tid: kept } = await held();
        const needed = kept === tid ? {} : { tid };
        expect(await pages.ledger.notifications.release(id, { ...resolution, ...needed })).toMatchObject({
          effect: "applied",
        });
        expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
      }),
      { numRuns: 25 },
    );
  });

  it("is released even if its texts are longer in UTF-8 than core's limit", async () => {
    const { orderId, oid, tid } = await pages.awaiting();
    const fields = { no_oid: oid, no_tid: tid, type_msg: "0200", amt_input: String(price) };
    // 0xC8AB is one syllable in EUC-KR, and three bytes in UTF-8.
    const name = Buffer.from("c8ab".repeat(1_500), "hex");
    const body = Buffer.concat([Buffer.from(`${new URLSearchParams(fields)}&nm_input=`), name]);
    await receive({
      notification: parseNotification(body),
      bodyFingerprint: "long",
      source: { address: "203.0.113.9", listed: false },
    });
    expect((await held()).fields.nm_input).toBe("홍".repeat(1_500));
    expect(await pages.ledger.notifications.release((await held()).id, resolution)).toEqual({
      effect: "applied",
      orderId,
    });
  });
});
