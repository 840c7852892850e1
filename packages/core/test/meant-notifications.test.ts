import { expect, it } from "vitest";
import { sendMeantNotifications } from "./support/meant-notifications.js";

it("of 1,000 random notifications, none with one meaning is refused and none with two is believed", async () => {
  const { believed, kept } = await sendMeantNotifications(1_000, 20261201);
  expect(believed).toBeGreaterThan(600);
  expect(kept).toBeGreaterThan(250);
});
