import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { describeAfterwards } from "./handler/cases/afterwards.js";
import { describeApproval } from "./handler/cases/approval.js";
import { describeAttemptLimits } from "./handler/cases/attempt-limits.js";
import { describeBillingKeys } from "./handler/cases/billing-keys.js";
import { describeCallers } from "./handler/cases/callers.js";
import { describeCancels } from "./handler/cases/cancels.js";
import { describeEscrow } from "./handler/cases/escrow.js";
import { describeEveryRoute } from "./handler/cases/every-route.js";
import { describeFaults } from "./handler/cases/faults.js";
import { describeIdempotency } from "./handler/cases/idempotency.js";
import { describeInputs } from "./handler/cases/inputs.js";
import { describeNotifications } from "./handler/cases/notifications.js";
import { describePaymentPage } from "./handler/cases/payment-page.js";
import { describeRecord } from "./handler/cases/record.js";
import { describeRequests } from "./handler/cases/requests.js";
import { describeRoutes } from "./handler/cases/routes.js";
import { describeWire } from "./handler/cases/wire.js";
import { type MountEntry, type MountName, mounts } from "./handler/mounts.js";
import { World } from "./handler/world.js";

/**
 * What every way to serve the handler must do: the same answers, byte for byte, and the same money. The mounts share
 * one shop (`handler/shop.ts`); each has a gateway and a schema of its own.
 */
export function describePayApiHandler(name: MountName): void {
  const { start, traits }: MountEntry = mounts[name];
  describe(`the handler, ${name}`, () => {
    const world = new World(traits);

    beforeAll(() => world.start(start, inject("databaseUrl")));
    afterAll(() => world.stop());
    beforeEach(({ task }) => world.begin(titleOf(task)));
    afterEach(() => world.sandbox.faults.clear());

    describeApproval(world);
    describeInputs(world);
    describeFaults(world);
    describeCancels(world);
    describeCallers(world);
    describeRequests(world);
    describeWire(world);
    describeRoutes(world);
    describeRecord(world);
    describeEveryRoute(world);
    describePaymentPage(world);
    describeBillingKeys(world);
    describeEscrow(world);
    describeNotifications(world);
    describeAttemptLimits(world);
    describeIdempotency(world);
    describeAfterwards(world);

    it("gave the same answers as on every other mount", async ({ task }) => {
      const others = await readFile(join(dirname(task.file.filepath), "answers.txt"), "utf8");
      await expect(world.transcript.toString(others)).toMatchFileSnapshot("answers.txt");
    });
  });
}

interface Titled {
  readonly name: string;
  readonly suite?: Titled | undefined;
}

/** The test's name with those of the groups it is in, without the mount's. */
function titleOf(test: Titled): string {
  const names: string[] = [];
  for (let part: Titled | undefined = test; part?.suite !== undefined; part = part.suite)
    names.unshift(part.name);
  return names.join(": ");
}
