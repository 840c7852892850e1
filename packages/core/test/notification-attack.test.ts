import { expect, it } from "vitest";
import { attackWithNotifications } from "./support/hostile-notifications.js";

it("the handler hands over and acknowledges 2,000 hostile notifications, and believes none that cannot be read", async () => {
  const { statuses, received, unread, logged } = await attackWithNotifications(2_000, 20261124);
  expect([...statuses]).toEqual([[200, received]]);
  // Both kinds are really among them, or this would prove little.
  expect(unread).toBeGreaterThan(200);
  expect(received - unread).toBeGreaterThan(200);
  expect(logged.join("\n")).not.toContain("4111111111111111");
});
