import { expect, it } from "vitest";
import { sendMeantNotifications } from "./support/meant-notifications.js";

it("of 10,000 random notifications, none with one meaning is refused and none with two is believed", async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed} (SEED=${seed} repeats it)`);
  const { believed, kept } = await sendMeantNotifications(10_000, seed);
  expect(believed).toBeGreaterThan(6_000);
  expect(kept).toBeGreaterThan(3_000);
});
