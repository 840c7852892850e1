import { expect, it } from "vitest";
import { attackWithNotifications } from "./support/hostile-notifications.js";

it("the handler acknowledges 100,000 hostile notifications without a crash or an untyped error", async () => {
  const seed = Date.now();
  console.log(`seed ${seed}`);
  const { statuses, received, logged } = await attackWithNotifications(100_000, seed);
  expect(received).toBeGreaterThanOrEqual(100_000);
  expect([...statuses]).toEqual([[200, received]]);
  expect(logged.join("\n")).not.toContain("4111111111111111");
});
