import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { AttemptCounters, AttemptRequest, CounterWindow } from "../record/index.js";
import { assertMatches, atOnce, eventually } from "./assertions.js";
import { type ContractCase, defineCases, type OpenContract } from "./contract-case.js";

const windowMs = 3_600_000;
const newKey = (): string => randomUUID();

/** Counts one that is allowed, and says where. */
async function countedBy(
  record: AttemptCounters,
  counters: AttemptRequest["counters"],
  ms = windowMs,
): Promise<readonly CounterWindow[]> {
  const verdict = await record.countAttempt({ counters, windowMs: ms });
  assert(verdict.allowed, "An attempt below the limit was not allowed");
  assert.deepEqual(new Set(verdict.counted.map(({ key }) => key)), new Set(counters.map(({ key }) => key)));
  return verdict.counted;
}

/** Counting attempts against card testing. */
export function counterCases(open: OpenContract<AttemptCounters>): readonly ContractCase[] {
  return defineCases("attempts", open, (records) => records, {
    "are allowed up to the limit": async ({ record, another }) => {
      const counters = [{ key: newKey(), limit: 3 }];
      for (let i = 0; i < 3; i++) {
        assertMatches(await (i % 2 ? record : another).countAttempt({ counters, windowMs }), {
          allowed: true,
        });
      }
      const verdict = await record.countAttempt({ counters, windowMs });
      assert(!verdict.allowed, "One more than the limit was allowed");
      assert(verdict.retryAfterMs > windowMs - 60_000 && verdict.retryAfterMs <= windowMs);
    },

    "are allowed to no more than the limit of 60 at once, whatever the order of the counters": async (
      records,
    ) => {
      const counters = [
        { key: newKey(), limit: 25 },
        { key: newKey(), limit: 17 },
        { key: newKey(), limit: 40 },
      ];
      const verdicts = await atOnce(60, records, (record, i) =>
        record.countAttempt({ counters: i % 4 < 2 ? counters : counters.toReversed(), windowMs }),
      );
      assert.equal(verdicts.filter(({ allowed }) => allowed).length, 17);
    },

    "count nowhere when one counter is full": async ({ record }) => {
      const [full, free] = [
        { key: newKey(), limit: 1 },
        { key: newKey(), limit: 2 },
      ];
      await record.countAttempt({ counters: [full], windowMs });
      for (let i = 0; i < 3; i++) {
        assertMatches(await record.countAttempt({ counters: [free, full], windowMs }), { allowed: false });
      }
      for (const allowed of [true, true, false]) {
        assertMatches(await record.countAttempt({ counters: [free], windowMs }), { allowed });
      }
    },

    "begin anew when the time is over": async ({ record }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      await record.countAttempt({ counters, windowMs: 1 });
      await eventually(
        () => record.countAttempt({ counters, windowMs }),
        ({ allowed }) => allowed,
      );
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: false });
    },

    "are taken back once each": async ({ record, another }) => {
      const counters = [{ key: newKey(), limit: 2 }];
      const [counted] = [await countedBy(record, counters), await countedBy(record, counters)];
      await another.forgiveAttempt(counted);
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: true });
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: false });
    },

    "are not taken back from the window after theirs": async ({ record, another }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      const before = await countedBy(record, counters, 1);
      const anew = await eventually(
        () => record.countAttempt({ counters, windowMs }),
        ({ allowed }) => allowed,
      );
      for (const each of [record, another]) await each.forgiveAttempt(before);
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: false });
      assert(anew.allowed);
      await another.forgiveAttempt(anew.counted);
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: true });
    },

    "never count below zero": async ({ record }) => {
      const counters = [{ key: newKey(), limit: 1 }];
      const counted = await countedBy(record, counters);
      const window = counted[0]?.window ?? "";
      for (let i = 0; i < 3; i++) await record.forgiveAttempt([...counted, { key: newKey(), window }]);
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: true });
      assertMatches(await record.countAttempt({ counters, windowMs }), { allowed: false });
    },
  });
}
