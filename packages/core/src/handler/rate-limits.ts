import type { PayApi } from "../client.js";
import type { RateLimitRequest, RateLimitStore } from "../store/index.js";
import { addressGroup } from "./client-address.js";
import type { NotificationLimits, RateLimits } from "./options.js";

type Fingerprints = Pick<PayApi, "fingerprint" | "earlierFingerprints">;

/** The limits with their defaults filled in. */
export type CompleteLimits = Required<{ [K in keyof RateLimits]: number }>;

const defaults: CompleteLimits = {
  windowMs: 600_000,
  perAddress: 20,
  perCard: 5,
  perCustomer: 5,
  perOrder: 5,
};

/** Issuer lookups, links and returns reveal little about a card, and honest buyers repeat them, so their limits are higher. */
const otherFactor = 4;

/** Fills in the defaults. */
export function completeLimits(limits: RateLimits | undefined): CompleteLimits {
  return complete(defaults, limits);
}

function complete<Name extends string>(
  usual: Readonly<Record<Name, number>>,
  given: Readonly<Partial<Record<Name, number | undefined>>> | undefined,
): Record<Name, number> {
  return Object.fromEntries(
    Object.entries(usual).map(([name, value]) => [name, given?.[name as Name] ?? value]),
  ) as Record<Name, number>;
}

/** The subjects by which an attempt is counted. */
export interface RateLimitSubject {
  readonly purpose: "card" | "charge" | "lookup" | "link" | "return";
  readonly address?: string | undefined;
  /** The card's number, or the id of a billing key. */
  readonly card?: string | undefined;
  readonly customerId?: string | undefined;
  readonly orderId?: string | undefined;
}

/** An allowed attempt with its release, or the time until the next attempt is allowed. */
export type RateLimitResult =
  | { readonly allowed: true; readonly release: () => Promise<void> }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Counts an attempt before it is made; counted afterwards, a burst of attempts would pass together. */
export function consumeRateLimit(
  subject: RateLimitSubject,
  limits: CompleteLimits,
  counters: RateLimitStore,
  payapi: Fingerprints,
): Promise<RateLimitResult> {
  return countAll(rateLimitOf(subject, limits, payapi), counters);
}

/** The counters of an attempt, with their limits. */
export function rateLimitOf(
  subject: RateLimitSubject,
  limits: CompleteLimits,
  payapi: Fingerprints,
): RateLimitRequest {
  const { purpose, address, card, customerId, orderId } = subject;
  const factor = purpose === "card" || purpose === "charge" ? 1 : otherFactor;
  const counted = [
    { what: "address", value: address && addressGroup(address), limit: limits.perAddress * factor },
    { what: "card", value: card, limit: limits.perCard * factor },
    { what: "customer", value: customerId, limit: limits.perCustomer * factor },
    { what: "order", value: orderId, limit: limits.perOrder * factor },
  ];
  return limitOf(purpose, counted, limits.windowMs, payapi);
}

/** The limits for notifications with their defaults filled in. */
export type CompleteNotificationLimits = Required<{ [K in keyof NotificationLimits]: number }>;

const notificationDefaults: CompleteNotificationLimits = {
  windowMs: 3_600_000,
  perAddress: 100,
  inAll: 1_000,
  perOrder: 100,
};

/** Fills in the defaults. */
export function completeNotificationLimits(
  limits: NotificationLimits | undefined,
): CompleteNotificationLimits {
  return complete(notificationDefaults, limits);
}

/**
 * Counts a notification from an unlisted source. A notification about a known order counts only for that order, so that others
 * cannot prevent it from being stored.
 *
 * @param known the order that the notification is about, if the ledger knows it
 */
export function countNotification(
  { address = "", known }: { readonly address: string | undefined; readonly known: string | undefined },
  limits: CompleteNotificationLimits,
  counters: RateLimitStore,
  payapi: Fingerprints,
): Promise<RateLimitResult> {
  const counted =
    known === undefined
      ? [
          { what: "address", value: addressGroup(address), limit: limits.perAddress },
          { what: "all", value: "", limit: limits.inAll },
        ]
      : [{ what: "known", value: known, limit: limits.perOrder }];
  return countAll(limitOf("notification", counted, limits.windowMs, payapi), counters);
}

interface Counted {
  readonly what: string;
  readonly value: string | undefined;
  readonly limit: number;
}

function limitOf(
  purpose: string,
  subjects: readonly Counted[],
  windowMs: number,
  payapi: Fingerprints,
): RateLimitRequest {
  const counters = subjects.flatMap(({ what, value, limit }) => {
    if (value === undefined) return [];
    // The stored digest reveals neither the buyer nor the card. After a renewal of the secret, the counters of before go on.
    const text = JSON.stringify([purpose, what, value]);
    return [payapi.fingerprint(text), ...payapi.earlierFingerprints(text)].map((key) => ({ key, limit }));
  });
  return { counters, windowMs };
}

/** Whole seconds for a `retry-after` header. */
export function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

async function countAll(limit: RateLimitRequest, counters: RateLimitStore): Promise<RateLimitResult> {
  const verdict = await counters.consumeRateLimit(limit);
  if (!verdict.allowed) return { allowed: false, retryAfterSeconds: secondsOf(verdict.retryAfterMs) };
  return { allowed: true, release: () => counters.releaseRateLimit(verdict.counted) };
}
