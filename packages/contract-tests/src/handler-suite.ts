import type {} from "@payapi/dev-services/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { describeAfterwards } from "./handler/cases/afterwards.js";
import { describeApproval } from "./handler/cases/approval.js";
import { describeBillingKeys } from "./handler/cases/billing-keys.js";
import { describeCallers } from "./handler/cases/callers.js";
import { describeCancels } from "./handler/cases/cancels.js";
import { describeEscrow } from "./handler/cases/escrow.js";
import { describeEveryRoute } from "./handler/cases/every-route.js";
import { describeFailingLedger } from "./handler/cases/failing-ledger.js";
import { describeFaults } from "./handler/cases/faults.js";
import { describeIdempotency } from "./handler/cases/idempotency.js";
import { describeInputs } from "./handler/cases/inputs.js";
import { describeNotifications } from "./handler/cases/notifications.js";
import { describePageReturns } from "./handler/cases/page-returns.js";
import { describePaymentPage } from "./handler/cases/payment-page.js";
import { describeRateLimits } from "./handler/cases/rate-limits.js";
import { describeRequests } from "./handler/cases/requests.js";
import { describeRoutes } from "./handler/cases/routes.js";
import { describeWayBack } from "./handler/cases/way-back.js";
import { describeWire } from "./handler/cases/wire.js";
import { type MountEntry, type MountName, mounts } from "./handler/mounts.js";
import { differences } from "./handler/transcript.js";
import { World } from "./handler/world.js";

/**
 * Every case of the handler in these mounts: the same answers as the plain function gives in the same run, byte for byte, and the
 * same money. The mounts share one shop (`handler/shop.ts`); each has a gateway and a schema of its own, and they run side by side.
 * Those in `carrying` run only the cases of what carries a request, such as its path, headers, body and route: what the handler
 * does with a request that arrived whole cannot depend on the mount.
 */
export function describePayApiHandler({ whole = [], carrying = [] }: Mounts): void {
  const plain = describeMount("as a plain function", whole.length > 0 ? everyCase : carryingCases);
  const compared = [
    ...whole.map((name) => [name, describeMount(name, everyCase), true] as const),
    ...carrying.map((name) => [name, describeMount(name, carryingCases), whole.length === 0] as const),
  ];
  it.each(compared)("the answers %s equal those of the plain function", (_name, world, same) => {
    const found = differences(
      world.transcript,
      same ? plain.transcript : plain.transcript.of(world.transcript),
    );
    expect({ found: found.length, first: found.slice(0, 3) }).toEqual({ found: 0, first: [] });
  });
}

interface Mounts {
  readonly whole?: readonly MountName[];
  readonly carrying?: readonly MountName[];
}

const carryingCases = [
  describeApproval,
  describeCallers,
  describeRequests,
  describeWire,
  describeRoutes,
  describeEveryRoute,
  describePaymentPage,
  describePageReturns,
  describeWayBack,
  describeNotifications,
];

const everyCase = [
  describeApproval,
  describeInputs,
  describeFaults,
  describeCancels,
  describeCallers,
  describeRequests,
  describeWire,
  describeRoutes,
  describeFailingLedger,
  describeEveryRoute,
  describePaymentPage,
  describePageReturns,
  describeWayBack,
  describeBillingKeys,
  describeEscrow,
  describeNotifications,
  describeRateLimits,
  describeIdempotency,
  describeAfterwards,
];

function describeMount(name: MountName, cases: readonly ((world: World) => void)[]): World {
  const { start, traits }: MountEntry = mounts[name];
  const world = new World(traits);
  // Mounts run side by side, the cases of one mount in their order.
  describe("the handler", { concurrent: true }, () => {
    describe(name, { sequential: true }, () => {
      beforeAll(() => world.start(start, inject("databaseUrl")));
      afterAll(() => world.stop());
      beforeEach(({ task }) => world.begin(titleOf(task)));
      afterEach(() => world.sandbox.faults.clear());
      for (const describeCases of cases) describeCases(world);
    });
  });
  return world;
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
  return names.slice(1).join(" > ");
}
