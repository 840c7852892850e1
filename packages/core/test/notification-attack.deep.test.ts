import { expect, it } from "vitest";
import { attackWithNotifications } from "./support/hostile-notifications.js";

it("the handler answers 100,000 hostile notifications without a crash or an untyped error", async () => {
  const seed = Date.now();
  console.log(`seed ${seed}`);
  const { statuses, received, logged } = await attackWithNotifications(100_000, seed);
  expect((statuses.get(200) ?? 0) + (statuses.get(400) ?? 0)).toBeGreaterThanOrEqual(100_000);
  expect([...statuses.keys()].toSorted()).toEqual([200, 400]);
  expect(received).toBe(statuses.get(200));
  expect(logged.join("\n")).not.toContain("4111111111111111");
});
