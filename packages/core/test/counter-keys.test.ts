import { expect, it } from "vitest";
import { completeLimits, consumeRateLimit } from "../src/handler/rate-limits.js";
import { sandboxClient } from "./support/merchant.js";

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
