import { randomUUID } from "node:crypto";
import type { Environment, PayApi } from "@payapi/core";
import type { SilenceLimits } from "../domain/deadlines.js";
import { LedgerError, type LedgerLog } from "../errors.js";
import type { Journal } from "../store/journal.js";
import type { KeyVault } from "../store/key-vault.js";
import type { LedgerReading, LedgerStore } from "../store/port.js";

/** The store, the clocks and the settings that every command uses. */
export interface LedgerContext extends LedgerLog {
  readonly store: LedgerStore;
  readonly mid: string;
  readonly environment: Environment;
  readonly times: LedgerTimes;
  readonly timers: LedgerTimers;
  /** Encrypts billing keys; missing without secrets. */
  readonly vault: KeyVault | undefined;
  /** Keeps approvals of the gateway while the database is unreachable; missing without a folder. */
  readonly journal: Journal | undefined;
  /** The gateway, for `recover()`; missing if the ledger was opened with `{ mid, environment }` only. */
  readonly gateway: LedgerGateway | undefined;
  /** Result codes by which the gateway refuses a cancel because the payment is already cancelled. */
  readonly alreadyCancelledCodes: readonly string[];
  /** Whether a P_TID that no payment of the ledger has can't be another system's. */
  readonly mayNetCancel: boolean;
  /** `false` where a test sets the ledger's clock and not the process's. */
  readonly comparesClocks: boolean;
  /** The clock given in the options, otherwise the store's. */
  now(read: { readonly now: Date }): Date;
  /** The clock of the options; missing if the store's clock is used. */
  readonly clock: (() => Date) | undefined;
}

/**
 * The store for one environment of a merchant. Every operation rejects with `other-environment` if the merchant's rows belong to another one,
 * so that test data is never mixed with sales. The first save stores the environment, which never changes; from then on nothing is looked up.
 */
export function inEnvironment(
  { mid, environment }: Pick<LedgerContext, "mid" | "environment">,
  store: LedgerStore,
): LedgerStore {
  let isOurs = false;
  const check = async (claimed?: Environment) => {
    const stored = await store.environmentOf(mid, claimed);
    if (stored !== undefined && stored !== environment) throw otherEnvironment(mid, stored, environment);
    isOurs = stored !== undefined;
  };
  const checked =
    <Asked extends unknown[], T>(operation: (...asked: Asked) => Promise<T>, claimed?: Environment) =>
    (...asked: Asked): Promise<T> =>
      isOurs ? operation(...asked) : check(claimed).then(() => operation(...asked));
  return {
    ...store,
    load: checked(store.load),
    loadKey: checked(store.loadKey),
    save: checked(store.save, environment),
    notified: checked(store.notified),
    link: checked(store.link),
    request: checked(store.request),
    removeEnded: checked(store.removeEnded),
    compareDatabase: checked(store.compareDatabase),
    acceptDatabase: checked(store.acceptDatabase),
    openQueue: checked(store.openQueue),
    fillQueue: checked(store.fillQueue),
    claim: checked(store.claim),
    updateClaim: checked(store.updateClaim),
    removeQueue: checked(store.removeQueue),
    revive: checked(store.revive),
    read: <T>(work: (tx: LedgerReading) => Promise<T>) => checked(() => store.read(work))(),
  };
}

function otherEnvironment(mid: string, stored: Environment, asked: Environment): LedgerError {
  return new LedgerError(
    "other-environment",
    `These tables hold payments of ${mid} in the environment "${stored}", and the ledger was opened for "${asked}". Test data is never mixed with sales: give each environment its own database or schema, or correct the environment`,
  );
}

function before(time: Date, ms: number): Date {
  return new Date(time.getTime() - ms);
}

/** The times before which a call counts as silent. */
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

/** The clocks and timers of the process, in milliseconds. */
export interface LedgerTimers {
  /** A monotonic clock, such as `performance.now()`. */
  monotonic(): number;
  /** The time of day, such as `Date.now()`; it may jump. */
  wall(): number;
  /** Waits, like `setTimeout` of `node:timers/promises`. A wait may outlast its aborted signal. */
  wait(ms: number, options?: WaitOptions): Promise<unknown>;
}

/** Options of one wait. */
export interface WaitOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** `false` lets the process exit during the wait (default: `true`). */
  readonly ref?: boolean;
}

/** The parts of core's `PayApi` that `recover()` uses to call the gateway. */
export type LedgerGateway = Pick<PayApi, "payments" | "billing">;

/** Time limits, in milliseconds. */
export interface LedgerTimes {
  /**
   * How long a call to the gateway may take after its first byte; at least `payapi.timeoutMs` (default: `payapi.timeoutMs`, or 60_000
   * without it).
   */
  readonly callTimeoutMs: number;
  /** How long marking a call as sending may take; after that the call is not sent (default: 2_000). */
  readonly maxPauseMs: number;
  /** Age at which `recover()` releases a reservation that was never marked as sending (default: 60_000). */
  readonly reservedTimeoutMs: number;
  /** How long after its deadline `recover()` marks a silent call as unknown (default: 30_000). */
  readonly sendingGraceMs: number;
  /** How long `settle` retries while the database is unreachable (default: 30_000). */
  readonly settleRetryMs: number;
  /** How long `close()` waits for calls in flight and running handlers (default: `callTimeoutMs + settleRetryMs`). */
  readonly closeTimeoutMs: number;
  /**
   * How far the clocks of the process and the database may differ (default: 300_000). Beyond it the ledger does not open and sends no
   * call, since every request carries the process's time. From 60_000 on, the log has `clock-skew`.
   */
  readonly maxSkewMs: number;
}
