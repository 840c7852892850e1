import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { PaymentStore } from "@payapi/core";
import { assertRejects, atOnce } from "./assertions.js";
import { type ContractCase, defineCases, type OpenContract } from "./contract-case.js";
import { newOrder, PaymentSteps } from "./payment-steps.js";

// Tells a second holder of a call to settle nothing: the first one's byte may have left.
const notYours = "not-yours";

/** That a call is sent at most once. */
export function sendingCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return defineCases("marking as sending", open, (stores) => new PaymentSteps(stores), {
    "succeeds once": async (steps) => {
      const call = await steps.sent();
      await assertRejects(() => steps.store.markSending(call), notYours);
      await assertRejects(() => steps.another.markSending(call), notYours);
    },

    "succeeds for one of 8 concurrent callers in two processes": async (steps) => {
      const call = await steps.reserved();
      const marks = await atOnce(8, steps, (store) =>
        store.markSending(call).then(
          () => "marked",
          (error: { code?: unknown }) => error.code,
        ),
      );
      assert.deepEqual(marks.sort(), ["marked", ...Array.from({ length: 7 }, () => notYours)]);
    },

    "is refused after another process ended the call": async (steps) => {
      const call = await steps.reserved();
      await steps.another.settle(call, { outcome: "not-sent" });
      await assertRejects(() => steps.store.markSending(call), notYours);
    },

    "is refused for a call that was not reserved": async (steps) => {
      const call = await steps.reserved();
      await assertRejects(() => steps.store.markSending({ ...call, id: randomUUID() }));
      await assertRejects(() => steps.store.markSending({ ...call, orderId: newOrder() }));
    },

    "succeeds once for a cancel": async (steps) => {
      const { orderId } = await steps.paid();
      const call = await steps.reservedCancel(orderId);
      await steps.store.markSending(call);
      await assertRejects(() => steps.another.markSending(call), notYours);
    },
  });
}
