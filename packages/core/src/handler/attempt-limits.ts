import type { PayApi } from "../client.js";
import type { AttemptCounters } from "../record/index.js";
import { addressGroup } from "./client-address.js";
import type { AttemptLimits } from "./options.js";

/** The limits with nothing left open. */
export type CompleteLimits = Required<{ [K in keyof AttemptLimits]: number }>;

const defaults: CompleteLimits = {
  windowMs: 600_000,
  perAddress: 20,
  perCard: 5,
  perAccount: 5,
  perOrder: 5,
};

/** What tells nothing about a card but its issuer, and what honest buyers do several times, may be done more often. */
const otherFactor = 4;

/** The limits in force. */
export function completeLimits(limits: AttemptLimits | undefined): CompleteLimits {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, limits?.[name as keyof AttemptLimits] ?? value]),
  ) as CompleteLimits;
}

/** What one attempt is counted for. */
export interface AttemptSubject {
  readonly purpose: "card" | "charge" | "lookup" | "link" | "return";
  readonly address?: string | undefined;
  /** The card's number, or the id of a billing key. */
  readonly card?: string | undefined;
  readonly account?: string | undefined;
  readonly orderId?: string | undefined;
}

/** Either the right to try, with what takes the attempt back, or how long there is none. */
export type CountedAttempt =
  | { readonly allowed: true; readonly takeBack: () => Promise<void> }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Counts an attempt before it is made: counted afterwards, a burst of them would pass together. */
export async function countAttempt(
  subject: AttemptSubject,
  limits: CompleteLimits,
  counters: AttemptCounters,
  payapi: Pick<PayApi, "fingerprint">,
): Promise<CountedAttempt> {
  const { purpose, address, card, account, orderId } = subject;
  const factor = purpose === "card" || purpose === "charge" ? 1 : otherFactor;
  const counted = [
    { what: "address", value: address && addressGroup(address), limit: limits.perAddress },
    { what: "card", value: card, limit: limits.perCard },
    { what: "account", value: account, limit: limits.perAccount },
    { what: "order", value: orderId, limit: limits.perOrder },
  ].flatMap(({ what, value, limit }) =>
    value === undefined
      ? []
      : // Nobody can be found out from what is stored: not the buyer, and not the card.
        [{ key: payapi.fingerprint(JSON.stringify([purpose, what, value])), limit: limit * factor }],
  );
  const verdict = await counters.countAttempt({ counters: counted, windowMs: limits.windowMs });
  if (!verdict.allowed) {
    return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(verdict.retryAfterMs / 1_000)) };
  }
  return { allowed: true, takeBack: () => counters.forgiveAttempt(counted.map(({ key }) => key)) };
}

/** Counters of this process alone, for lookups where there is no record. They forget the oldest of very many. */
export function processCounters(now: () => number = () => performance.now()): AttemptCounters {
  const most = 10_000;
  const counts = new Map<string, { count: number; endsAt: number }>();
  const current = (key: string) => {
    const found = counts.get(key);
    return found !== undefined && found.endsAt > now() ? found : undefined;
  };
  return {
    async countAttempt({ counters, windowMs }) {
      const full = counters.flatMap(({ key, limit }) => {
        const found = current(key);
        return found !== undefined && found.count >= limit ? [found.endsAt - now()] : [];
      });
      if (full.length > 0) return { allowed: false, retryAfterMs: Math.max(...full) };
      for (const { key } of counters) {
        const found = current(key) ?? { count: 0, endsAt: now() + windowMs };
        counts.delete(key);
        counts.set(key, { ...found, count: found.count + 1 });
      }
      for (const key of counts.keys()) {
        if (counts.size <= most) break;
        counts.delete(key);
      }
      return { allowed: true };
    },
    async forgiveAttempt(keys) {
      for (const key of keys) {
        const found = current(key);
        if (found !== undefined) counts.set(key, { ...found, count: Math.max(0, found.count - 1) });
      }
    },
  };
}
