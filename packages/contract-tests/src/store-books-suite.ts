import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { at, later, type Opened, price, rowsFor } from "./store-rows.js";

/** Tests of audit entries, postings and events that a save adds, for every store. */
export function describeBooks(opened: () => Opened): void {
  const { attempt, approved, cancel, entry, posting, event, put, listen, kept } = rowsFor(opened);

  describe("the books of an order", () => {
    it("return the audit trail in order, with every field", async () => {
      const { store, mid } = opened();
      const payment = approved("a");
      const refused = cancel(payment.id, { state: "refused" });
      const lines = [
        entry(payment),
        entry(payment, { from: "reserved", to: "sending" }),
        entry(payment, {
          at: later(1),
          what: "cancel",
          cancelId: refused.id,
          from: "sending",
          to: "refused",
          actor: "kim",
          outcome: "refused",
          price: 300,
          tid: "t1",
          failureCode: "f",
          resultCode: "1",
          resultMessage: null,
          evidence: "console",
        }),
        entry(payment, { at, price: null }),
      ];
      await put("a", { approvals: [payment], cancels: [refused], audit: lines.slice(0, 2) });
      await put("a", { audit: lines.slice(2) });
      expect(await store.read((tx) => tx.transitions(mid, "a"))).toEqual(lines);
    });

    it("sum each account", async () => {
      const payment = approved("a", { remaining: 700 });
      const done = cancel(payment.id, { state: "done" });
      await put("a", {
        approvals: [payment],
        cancels: [done],
        postings: [posting(payment.id, price, -price)],
      });
      await put("a", {
        postings: [
          { ...posting(payment.id, -300, 300), cancelId: done.id },
          {
            at,
            approvalId: payment.id,
            cancelId: null,
            entries: [
              { account: "paid", amount: 50 },
              { account: "suspense", amount: -50 },
            ],
          },
        ],
      });
      expect((await kept("a")).balance).toEqual([700, -650, -50]);
      expect((await kept("b")).balance).toEqual([0, 0, 0]);
    });

    it("add the events of a save to a consumer's queue, in order", async () => {
      const { store, mid } = opened();
      await listen();
      const numbered = (number: number) => event("a", { number, text: '값 "quoted"' });
      const row = attempt("a");
      await put("a", { approvals: [row], events: [1, 2, 3].map(numbered) }, { events: [numbered(4)] });
      await store.save({ mid, events: [numbered(5)] });
      const { consumer } = await store.claim(
        { mid, consumer: "shop", generation: "another" },
        { id: randomUUID(), clock: () => later(1), leaseMs: 1_000, limit: 9, blocked: 9 },
      );
      const queue = { mid, consumer: "shop", generation: consumer?.generation ?? "" };
      const taken: unknown[] = [];
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        const lease = { id: randomUUID(), clock: () => later(1), leaseMs: 1_000, limit: 9, blocked: 9 };
        for (const { event: given, claim } of (await store.claim(queue, lease)).claimed) {
          taken.push({ ...given, data: JSON.parse(given.data) });
          expect(await store.updateClaim(claim, { to: "delivered", clock: lease.clock })).toBe(true);
        }
      }
      expect(taken).toMatchObject(
        [1, 2, 3, 4, 5].map((number) => ({
          mid,
          kind: "approved",
          orderingKey: "a",
          at,
          data: { number, text: '값 "quoted"' },
        })),
      );
    });
  });
}
