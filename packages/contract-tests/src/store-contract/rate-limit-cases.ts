import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { CounterWindow, RateLimitRequest, RateLimitStore } from "@payapi/core";
import { assertMatches, atOnce, eventually } from "./assertions.js";
import { type ContractCase, defineCases, type OpenContract } from "./contract-case.js";

const windowMs = 3_600_000;
const newKey = (): string => randomUUID();

/** Counts one that is allowed, and says where. */
async function countedBy(
  store: RateLimitStore,
  counters: RateLimitRequest["counters"],
  ms = windowMs,
): Promise<readonly CounterWindow[]> {
  const verdict = await store.consumeRateLimit({ counters, windowMs: ms });
  assert(verdict.allowed, "An attempt below the limit was not allowed");
  assert.deepEqual(new Set(verdict.counted.map(({ key }) => key)), new Set(counters.map(({ key }) => key)));
  return verdict.counted;
}

/** Counting attempts against card testing. */
export function rateLimitCases(open: OpenContract<RateLimitStore>): readonly ContractCase[] {
  return defineCases("rate limits", open, (stores) => stores, {
    "allow attempts up to the limit": async ({ store, another }) => {
      const counters = [{ key: newKey(), limit: 3 }];
      for (let i = 0; i < 3; i++) {
        assertMatches(await (i % 2 ? store : another).consumeRateLimit({ counters, windowMs }), {
          allowed: true,
        });
      }
      const verdict = await store.consumeRateLimit({ counters, windowMs });
      assert(!verdict.allowed, "One more than the limit was allowed");
      assert(verdict.retryAfterMs > windowMs - 60_000 && verdict.retryAfterMs <= windowMs);
    },

    "allow exactly the limit of 60 concurrent attempts, whatever the order of the counters": async (
      stores,
    ) => {
      const counters = [
        { key: newKey(), limit: 25 },
        { key: newKey(), limit: 17 },
        { key: newKey(), limit: 40 },
      ];
      const verdicts = await atOnce(60, stores, (store, i) =>
        store.consumeRateLimit({ counters: i % 4 < 2 ? counters : counters.toReversed(), windowMs }),
      );
      assert.equal(verdicts.filter(({ allowed }) => allowed).length, 17);
    },

    "increment no counter when one is full": async ({ store }) => {
      const [full, free] = [
        { key: newKey(), limit: 1 },
        { key: newKey(), limit: 2 },
      ];
      await store.consumeRateLimit({ counters: [full], windowMs });
      for (let i = 0; i < 3; i++) {
        assertMatches(await store.consumeRateLimit({ counters: [free, full], windowMs }), { allowed: false });
      }
      for (const allowed of [true, true, false]) {
        assertMatches(await store.consumeRateLimit({ counters: [free], windowMs }), { allowed });
      }
    },

    "start a new window when the old one ends": async ({ store }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      await store.consumeRateLimit({ counters, windowMs: 1 });
      await eventually(
        () => store.consumeRateLimit({ counters, windowMs }),
        ({ allowed }) => allowed,
      );
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: false });
    },

    "release an attempt once": async ({ store, another }) => {
      const counters = [{ key: newKey(), limit: 2 }];
      const [counted] = [await countedBy(store, counters), await countedBy(store, counters)];
      await another.releaseRateLimit(counted);
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: true });
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: false });
    },

    "do not release an attempt in a later window": async ({ store, another }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      const before = await countedBy(store, counters, 1);
      const anew = await eventually(
        () => store.consumeRateLimit({ counters, windowMs }),
        ({ allowed }) => allowed,
      );
      for (const each of [store, another]) await each.releaseRateLimit(before);
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: false });
      assert(anew.allowed);
      await another.releaseRateLimit(anew.counted);
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: true });
    },

    "never count below zero": async ({ store }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      const counted = await countedBy(store, counters);
      const window = counted[0]?.window ?? "";
      for (let i = 0; i < 3; i++) await store.releaseRateLimit([...counted, { key: newKey(), window }]);
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: true });
      assertMatches(await store.consumeRateLimit({ counters, windowMs }), { allowed: false });
    },
  });
}
