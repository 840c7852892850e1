import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { CallOutcome, PaymentStore } from "@payapi/core";
import { assertMatches, assertRejects, atOnce } from "./assertions.js";
import { type ContractCase, defineCases, each, type OpenContract } from "./contract-case.js";
import { assertRefused, newTid, PaymentSteps, price } from "./payment-steps.js";

/** The effect of replies. */
export function settlingCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return defineCases("settling", open, (stores) => new PaymentSteps(stores), {
    "changes nothing the second time": async (steps) => {
      const call = await steps.sent();
      const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
      const order = await steps.store.settle(call, outcome);
      assert.deepEqual(await steps.another.settle(call, outcome), order);
      assert.deepEqual(await steps.store.findOrder(call.orderId), order);
    },

    "is safe when several callers settle the same outcome concurrently": async (steps) => {
      const call = await steps.sent();
      const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
      const orders = await atOnce(8, steps, (store) => store.settle(call, outcome));
      for (const order of orders) assertMatches(order, { status: "paid", remainingPrice: price });
    },

    "accepts a later outcome that ends an unknown one": async (steps) => {
      const { call } = await steps.ended({ outcome: "unknown" });
      const order = await steps.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
      assertMatches(order, { status: "paid", remainingPrice: price });
    },

    "keeps an unknown outcome locked when it is settled again": async (steps) => {
      const { call, orderId } = await steps.ended({ outcome: "unknown" });
      assertMatches(await steps.store.settle(call, { outcome: "unknown" }), { status: "unknown" });
      assertRefused(await steps.approval(orderId), "outcome-unknown");
    },

    ...each<CallOutcome, PaymentSteps>(
      {
        "unknown outcome": { outcome: "unknown" },
        refusal: { outcome: "refused", resultCode: "01" },
        "not-sent outcome": { outcome: "not-sent" },
      },
      (label) => `keeps a paid order paid after a later ${label}`,
      async (steps, later) => {
        const { call, orderId } = await steps.paid();
        await steps.store.settle(call, later);
        const again = await steps.approval(orderId);
        assert.equal(again.status, "refused", "A paid order was free again");
        assertMatches(await steps.store.findOrder(orderId), { remainingPrice: price });
      },
    ),

    ...each<"refused" | "not-sent", PaymentSteps>(
      { refused: "refused", "not-sent": "not-sent" },
      (label) => `locks an order when its ${label} call is reported as successful`,
      async (steps, first) => {
        const { call, orderId } = await steps.ended({ outcome: first });
        const order = await steps.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
        assertMatches(order, { status: "needs-review" });
        assertRefused(await steps.approval(orderId), "needs-review");
      },
    ),

    ...each<{ tid?: "new" | string; price?: number }, PaymentSteps>(
      {
        "another price": { tid: "new", price: price + 1 },
        "a price of NaN": { tid: "new", price: Number.NaN },
        "no tid": { price },
        "a tid with a NUL character": { tid: "a\u0000b", price },
      },
      (label) => `marks a success with ${label} as a mismatch`,
      async (steps, { tid, ...reply }) => {
        const given = tid === undefined ? {} : { tid: tid === "new" ? newTid() : tid };
        const { orderId, order } = await steps.ended({ outcome: "succeeded", ...reply, ...given });
        assertMatches(order, { status: "needs-review" });
        assertRefused(await steps.approval(orderId), "needs-review");
        assertRefused(await steps.cancel(orderId), "needs-review");
      },
    ),

    "treats a success without a price as the requested price": async (steps) => {
      const { order } = await steps.ended({ outcome: "succeeded", tid: newTid() });
      assertMatches(order, { status: "paid", price, remainingPrice: price });
    },

    "marks a success with another payment's tid as a mismatch": async (steps) => {
      const tid = newTid();
      const first = await steps.ended({ outcome: "succeeded", tid, price });
      const second = await steps.ended({ outcome: "succeeded", tid, price });
      assert.equal(second.order.status, "needs-review");
      assert.equal(await steps.statusOf(first.orderId), "paid");
    },

    "gives one of two orders the tid when both replies carry it at once": async (steps) => {
      const [one, two, tid] = [await steps.sent(), await steps.sent(), newTid()];
      const orders = await Promise.all([
        steps.store.settle(one, { outcome: "succeeded", tid, price }),
        steps.another.settle(two, { outcome: "succeeded", tid, price }),
      ]);
      assert.deepEqual(orders.map(({ status }) => status).sort(), ["needs-review", "paid"]);
    },

    "accepts any characters in the reply": async (steps) => {
      const { orderId } = await steps.ended({
        outcome: "refused",
        resultCode: "12\u000034",
        resultMessage: `한도초과 \u0000 \ud800 ${"x".repeat(5_000)}`,
      });
      assertMatches(await steps.store.findOrder(orderId), { status: "declined" });
    },

    "throws for a call that was not reserved": async (steps) => {
      const call = await steps.sent();
      await assertRejects(() => steps.store.settle({ ...call, id: randomUUID() }, { outcome: "unknown" }));
    },
  });
}
