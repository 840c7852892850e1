import { describe, expect, it } from "vitest";
import { newOrder, newTid, payment, price, sentApproval, sentCancel, settled } from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, given back by hand on 2 May, seen 09:20" };

describe.each(rooms)("an order that needed review and was reviewed, in %s", (_, open) => {
  const { ledger, another } = freshLedgers(open);

  const listed = async () => (await ledger.payments.needsReview()).map(({ orderId }) => orderId);
  const close = async (orderId: string) =>
    ledger.payments.closeReview(orderId, {
      ...resolution,
      seenEntries: (await ledger.payments.timeline(orderId)).length,
    });
  /** A payment that another reply contradicts. */
  async function mismatched() {
    const call = await payment(ledger);
    await ledger.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
    return call;
  }

  const kinds: Record<string, () => Promise<{ readonly orderId: string }>> = {
    "another amount": async () =>
      settled(ledger, await sentApproval(ledger), { outcome: "moved", tid: newTid(), price: 9_999 }),
    "no tid": async () => settled(ledger, await sentApproval(ledger), { outcome: "moved", price }),
    mismatch: async () => {
      const call = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      return settled(ledger, call, { outcome: "succeeded", tid: newTid(), price });
    },
    "later mismatch": mismatched,
    "mismatch of a cancel": async () =>
      settled(ledger, await sentCancel(ledger), { outcome: "moved", price: 2_000 }),
  };
  it.each(Object.keys(kinds))("is no longer listed, and keeps its lock and postings: %s", async (kind) => {
    const { orderId } = (await kinds[kind]?.()) ?? { orderId: "" };
    const other = await mismatched();
    const balance = await ledger.payments.balance(orderId);
    const before = await ledger.payments.find(orderId);
    const lines = await ledger.payments.timeline(orderId);
    expect(await listed()).toContain(orderId);
    expect(await close(orderId)).toEqual({ status: "closed", order: before });
    expect(await listed()).toEqual([other.orderId]);
    expect(await another.payments.find(orderId)).toEqual(before);
    expect(before?.status).toBe("needs-review");
    expect(await ledger.payments.balance(orderId)).toEqual(balance);
    expect(await ledger.payments.timeline(orderId)).toEqual([...lines, expect.objectContaining(resolution)]);
    expect(await ledger.store.reserveApproval({ orderId, price, payType: "card" })).toMatchObject({
      reason: "needs-review",
    });
    expect(await ledger.store.reserveCancel({ orderId })).toMatchObject({ reason: "needs-review" });
    expect(await close(orderId)).toMatchObject({ status: "refused", reason: "needs-no-review" });
    const delivered: string[] = [];
    const on = { "needs-review": (event: { orderId: string }) => void delivered.push(event.orderId) };
    await ledger.operations.runOnce({ consumer: "shop", on });
    expect(delivered.filter((each) => each === orderId)).toHaveLength(1);
  });

  it("is listed again after a new fact, and not after a repeated one", async () => {
    const call = await mismatched();
    await close(call.orderId);
    const third = { outcome: "succeeded", tid: newTid(), price } as const;
    await ledger.store.settle(call, third);
    expect(await listed()).toEqual([call.orderId]);
    await close(call.orderId);
    await ledger.store.settle(call, third);
    expect(await listed()).toEqual([]);
  });

  it("stays listed if a fact arrived after the reviewer's look", async () => {
    const call = await mismatched();
    const seenEntries = (await ledger.payments.timeline(call.orderId)).length;
    await another.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
    expect(await ledger.payments.closeReview(call.orderId, { ...resolution, seenEntries })).toMatchObject({
      status: "refused",
      reason: "changed",
    });
    expect(await listed()).toEqual([call.orderId]);
  });

  it("is reviewed once by concurrent callers", async () => {
    const { orderId } = await mismatched();
    const seenEntries = (await ledger.payments.timeline(orderId)).length;
    const results = await Promise.all(
      [ledger, another, ledger, another].map((each) =>
        each.payments.closeReview(orderId, { ...resolution, seenEntries }),
      ),
    );
    expect(results.filter(({ status }) => status === "closed")).toHaveLength(1);
  });

  it("is refused for an unknown outcome or an order that needs no review", async () => {
    const unknown = await settled(ledger, await sentApproval(ledger), { outcome: "unknown" });
    const paid = await payment(ledger);
    for (const { orderId } of [unknown, paid]) {
      expect(await close(orderId)).toMatchObject({ status: "refused", reason: "needs-no-review" });
    }
    expect(await ledger.payments.closeReview(newOrder(), { ...resolution, seenEntries: 1 })).toEqual({
      status: "refused",
      reason: "no-such-order",
      order: undefined,
    });
    expect(await listed()).toEqual([unknown.orderId]);

    const refused = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
    const again = await sentApproval(ledger, refused.orderId);
    await ledger.store.settle(again, { outcome: "unknown" });
    await ledger.store.settle(refused, { outcome: "succeeded", tid: newTid(), price });
    expect(await close(refused.orderId)).toMatchObject({ status: "refused", reason: "outcome-unknown" });
  });

  it.each([
    ["actor", { actor: "" }],
    ["evidence", { evidence: "" }],
    ["seenEntries", { seenEntries: 0 }],
    ["seenEntries", { seenEntries: 1.5 }],
  ])("rejects a wrong %s", async (name, wrong) => {
    const { orderId } = await mismatched();
    await expect(
      ledger.payments.closeReview(orderId, { ...resolution, seenEntries: 5, ...wrong }),
    ).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining(name),
    });
  });

  it("stores no card number in any field", async () => {
    const { orderId } = await mismatched();
    const evidence = "card 4111-1111-1111-1111, by phone";
    const seenEntries = (await ledger.payments.timeline(orderId)).length;
    await ledger.payments.closeReview(orderId, { actor: "kim", evidence, seenEntries });
    expect((await ledger.payments.timeline(orderId)).at(-1)?.evidence).toBe("card [redacted], by phone");
  });
});
