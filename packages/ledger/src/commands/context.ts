import { randomUUID } from "node:crypto";
import type { PayApi } from "@payapi/core";
import type { SilenceLimits } from "../domain/deadlines.js";
import type { Warn } from "../errors.js";

import type { Journal } from "../store/journal.js";
import type { KeyVault } from "../store/key-rows.js";
import type { LedgerStore } from "../store/port.js";

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
  /** The clock given in the options; missing where the store's counts. */
  readonly clock: (() => Date) | undefined;
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

/** How time passes for the process, in milliseconds. */
export interface LedgerTimers {
  /** A clock that nobody sets, such as `performance.now()`. */
  monotonic(): number;
  /** The time of day, such as `Date.now()`; it may jump. */
  wall(): number;
  /** As `setTimeout` of `node:timers/promises`. A wait that goes on although its signal was aborted does no harm. */
  wait(ms: number, options?: WaitOptions): Promise<unknown>;
}

/** How a wait may end early, and whether it keeps the process alive. */
export interface WaitOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** `false` if the process need not stay alive for it. */
  readonly ref?: boolean;
}

/** The part of core's `PayApi` that `recover()` calls the gateway with. */
export type LedgerGateway = Pick<PayApi, "payments" | "billing">;

/** How long things may take, in milliseconds. */
export interface LedgerTimes {
  /**
   * How long a call to the gateway may take from its first byte on: the `timeoutMs` of `payapi`, and never less; 60 000 if
   * only the merchant's names were given.
   */
  readonly callTimeoutMs: number;
  /** How long making "sending" durable may take before it is too late to send, 2000. */
  readonly maxPauseMs: number;
  /** How old a reservation that never came to sending must be for `recover()` to release it, 60 000. */
  readonly reservedTimeoutMs: number;
  /** How long after its deadline `recover()` declares a silent call unknown, 30 000. */
  readonly sendingGraceMs: number;
  /** How long `settle` keeps trying while the database cannot be reached, 30 000. */
  readonly settleRetryMs: number;
  /** How long `close()` waits for calls in flight: as long as a call and its settling may take, `callTimeoutMs` + `settleRetryMs`. */
  readonly closeTimeoutMs: number;
  /**
   * How far the clocks of the process and of the database may lie apart, 300 000: with more, the ledger does not open and no call
   * is sent, since the gateway is told the time with every call. From 60 000 on there is a warning.
   */
  readonly maxSkewMs: number;
}
