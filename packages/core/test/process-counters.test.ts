import { expect, it } from "vitest";
import { completeLimits, consumeRateLimit, processCounters } from "../src/handler/rate-limits.js";
import type { RateLimitRequest, RateLimitStore } from "../src/store/index.js";
import { sandboxClient } from "./support/merchant.js";

const counted = (key: string, limit = 2) => ({ counters: [{ key, limit }], windowMs: 1_000 });

async function windowsOf(counters: RateLimitStore, request: RateLimitRequest) {
  const verdict = await counters.consumeRateLimit(request);
  if (!verdict.allowed) throw new Error("Not allowed");
  return verdict.counted;
}

it("process counters count up to a limit, and start again when the window ends", async () => {
  let now = 0;
  const counters = processCounters(() => now);
  expect(await counters.consumeRateLimit(counted("a"))).toMatchObject({ allowed: true });
  now = 400;
  expect(await counters.consumeRateLimit(counted("a"))).toMatchObject({ allowed: true });
  expect(await counters.consumeRateLimit(counted("a"))).toEqual({ allowed: false, retryAfterMs: 600 });
  expect(await counters.consumeRateLimit(counted("b"))).toMatchObject({ allowed: true });
  now = 1_000;
  expect(await counters.consumeRateLimit(counted("a"))).toMatchObject({ allowed: true });
});

it("process counters increment nothing when one counter is full", async () => {
  const counters = processCounters(() => 0);
  await counters.consumeRateLimit(counted("full", 1));
  const both = {
    counters: [
      { key: "free", limit: 1 },
      { key: "full", limit: 1 },
    ],
    windowMs: 1_000,
  };
  expect((await counters.consumeRateLimit(both)).allowed).toBe(false);
  expect((await counters.consumeRateLimit(counted("free", 1))).allowed).toBe(true);
});

it("process counters release attempts, and never fall below zero", async () => {
  const counters = processCounters(() => 0);
  const windows = await windowsOf(counters, counted("a", 1));
  await counters.releaseRateLimit(windows);
  await counters.releaseRateLimit([...windows, { key: "never seen", window: windows[0]?.window ?? "" }]);
  expect((await counters.consumeRateLimit(counted("a", 1))).allowed).toBe(true);
  expect((await counters.consumeRateLimit(counted("a", 1))).allowed).toBe(false);
});

it("process counters do not release an attempt in a later window", async () => {
  let now = 0;
  const counters = processCounters(() => now);
  const before = await windowsOf(counters, counted("a", 1));
  now = 1_000;
  await counters.releaseRateLimit(before);
  const after = await windowsOf(counters, counted("a", 1));
  await counters.releaseRateLimit(before);
  expect((await counters.consumeRateLimit(counted("a", 1))).allowed).toBe(false);
  await counters.releaseRateLimit(after);
  expect((await counters.consumeRateLimit(counted("a", 1))).allowed).toBe(true);
});

it("process counters forget the oldest keys first", async () => {
  const counters = processCounters(() => 0);
  for (let index = 0; index <= 10_000; index += 1) await counters.consumeRateLimit(counted(`k${index}`, 1));
  expect((await counters.consumeRateLimit(counted("k0", 1))).allowed).toBe(true);
  expect((await counters.consumeRateLimit(counted("k10000", 1))).allowed).toBe(false);
});

it("counter keys reveal neither the buyer nor the card", async () => {
  const seen: string[] = [];
  const subject = {
    purpose: "card",
    address: "203.0.113.9",
    card: "4111111111111111",
    customerId: "alice",
    orderId: "42",
  } as const;
  const count = () =>
    consumeRateLimit(
      subject,
      completeLimits(undefined),
      {
        consumeRateLimit: async ({ counters }) => {
          seen.push(...counters.map(({ key }) => key));
          return { allowed: true, counted: [] };
        },
        releaseRateLimit: async () => {},
      },
      sandboxClient(),
    );
  await count();
  await count();
  expect(new Set(seen).size).toBe(4);
  for (const key of seen) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
