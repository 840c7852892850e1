import { randomUUID } from "node:crypto";
import type { Warn } from "../errors.js";
import type { LedgerTimers, LedgerTimes } from "../options.js";
import type { LedgerGateway } from "../recovery/recover-at-gateway.js";
import type { Journal } from "../store/journal.js";
import type { KeyVault } from "../store/key-rows.js";
import type { LedgerStore, SilenceLimits } from "../store/port.js";

/** What every rule of the ledger works with. */
export interface LedgerContext {
  readonly store: LedgerStore;
  readonly mid: string;
  readonly times: LedgerTimes;
  readonly timers: LedgerTimers;
  /** Where billing keys are encrypted; missing if nobody gave secrets. */
  readonly vault: KeyVault | undefined;
  /** Where a yes of the gateway is kept while the database is away; missing if nobody gave a folder. */
  readonly journal: Journal | undefined;
  /** What `recover()` calls the gateway with; missing if only the merchant's names were given. */
  readonly gateway: LedgerGateway | undefined;
  /** Result codes by which the gateway refuses to cancel what is cancelled already. */
  readonly alreadyCancelledCodes: readonly string[];
  /** `false` where tests tell the ledger's time and not the process's. */
  readonly comparesClocks: boolean;
  /** Tells whoever runs it what should not stay as it is. */
  readonly warn: Warn;
  /** The clock given in the options, otherwise the store's. */
  now(read: { readonly now: Date }): Date;
}

function before(time: Date, ms: number): Date {
  return new Date(time.getTime() - ms);
}

/** From when on a call counts as silent. */
export function silenceOf(
  { times }: LedgerContext,
  now: Date,
): Pick<SilenceLimits, "reservedBefore" | "deadlineBefore"> {
  return {
    reservedBefore: before(now, times.reservedTimeoutMs),
    deadlineBefore: before(now, times.sendingGraceMs),
  };
}

export function newId(): string {
  return randomUUID();
}
