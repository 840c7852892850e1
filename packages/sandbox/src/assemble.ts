import { Book } from "./book/book.js";
import { Ids } from "./book/ids.js";
import { Outside } from "./control/outside.js";
import { Gateway } from "./gateway/gateway.js";
import { indexMerchants, type SandboxMerchant, sandboxMerchant } from "./gateway/merchants.js";
import { checkRules, type Rules } from "./gateway/rules.js";
import { Notifications } from "./notifications/notifications.js";
import { Outbox, type OutboxOptions } from "./notifications/outbox.js";
import type { Clock } from "./time/clock.js";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The options of the gateway itself. */
export interface GatewaySettings extends Partial<Rules> {
  /** The merchants (default: the published {@link sandboxMerchant}). */
  readonly merchants?: readonly SandboxMerchant[];
  /** Milliseconds that a request's timestamp may differ from now (default: 24 hours; the guide has no limit). */
  readonly timestampToleranceMs?: number;
}

/** How a server and a simulation differ. */
export interface Surroundings extends Omit<OutboxOptions, "clock" | "escrowAcknowledgement"> {
  readonly clock: OutboxOptions["clock"] & Pick<Clock, "clientTimes">;
  readonly seed: string | undefined;
  readonly maxRequests: number;
}

/**
 * Creates the gateway with its book and notifications, without a network.
 * @throws TypeError if an option is invalid
 */
export function assemble(settings: GatewaySettings, { seed, maxRequests, ...around }: Surroundings) {
  const { clock } = around;
  const rules = checkRules(settings);
  const merchants = indexMerchants(settings.merchants ?? [sandboxMerchant]);
  const book = new Book({ now: clock.now, ids: new Ids(seed), maxRequests });
  const outbox = new Outbox({ ...around, escrowAcknowledgement: rules.escrowAcknowledgement });
  const notifications = new Notifications({ outbox, book, clock, merchants });
  const shared = { book, merchants, clock, notifier: notifications };
  const timestampToleranceMs = settings.timestampToleranceMs ?? DAY_MS;
  const gateway = new Gateway({ ...shared, rules, timestampToleranceMs });
  return { rules, book, outbox, notifications, gateway, outside: new Outside(shared) };
}
