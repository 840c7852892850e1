import { expect, it } from "vitest";
import { attackWithNotifications } from "./support/hostile-notifications.js";

it("the handler answers 5,000 hostile notifications, each as required", async () => {
  const { statuses, received, logged } = await attackWithNotifications(5_000, 20261124);
  expect([...statuses.keys()].toSorted()).toEqual([200, 400]);
  expect(received).toBe(statuses.get(200));
  // Both kinds of answer are really among them, or this would prove little.
  expect(statuses.get(200)).toBeGreaterThan(500);
  expect(statuses.get(400)).toBeGreaterThan(500);
  expect(logged.join("\n")).not.toContain("4111111111111111");
});
