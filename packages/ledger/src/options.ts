import { setTimeout as wait } from "node:timers/promises";
import { alreadyCancelledCodes as seenCodes } from "@payapi/core/codes";
import { isOptions, type KnownOptions, type OptionNames, optionProblems } from "@payapi/core/internal";
import type { LedgerGateway, LedgerTimers, LedgerTimes } from "./commands/context.js";
import type { LedgerSecrets } from "./commands/keys/secrets.js";
import type { LedgerWarning } from "./errors.js";
import { LedgerError, refuseOptions } from "./errors.js";

/**
 * The part of core's `PayApi` the ledger needs: the whole of it if `recover()` is to end at the gateway what can be ended there,
 * otherwise the merchant's names alone.
 */
export interface LedgerMerchant extends Partial<LedgerGateway> {
  readonly mid: string;
  readonly environment: "sandbox" | "test" | "production";
  /** How long a call of its may take. */
  readonly timeoutMs?: number;
}

/** The process's own. */
export const processTimers: LedgerTimers = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: (ms, options) => wait(ms, undefined, options),
};

/** How long things may take, in milliseconds, what billing keys are encrypted under, and what the gateway means. */
export interface LedgerOptions extends Partial<LedgerTimes> {
  /**
   * Result codes by which the gateway refuses to cancel what is cancelled already: `["01"]`, as it was seen to answer; its guide names
   * none. Ask the gateway, and pass `[]` if any of them may mean something else: then such a refusal is one like any other.
   */
  readonly alreadyCancelledCodes?: readonly string[];
  /** Told of what should not stay as it is and stops nothing yet; `process.emitWarning` when left out. */
  readonly onWarning?: (warning: LedgerWarning) => void;
  /** What billing keys are encrypted under; whoever keeps none needs none. */
  readonly secrets?: LedgerSecrets;
}

/** The options with a clock and timers, for tests and the simulation. */
export interface TimedLedgerOptions extends LedgerOptions {
  /** The ledger's clock (default: the database's). If it is given without `timers`, it is not compared with the process's clock. */
  readonly clock?: () => Date;
  /** The timers of the process (default: the real ones). */
  readonly timers?: LedgerTimers;
}

const defaults: Omit<LedgerTimes, "closeTimeoutMs"> = {
  callTimeoutMs: 60_000,
  maxPauseMs: 2_000,
  reservedTimeoutMs: 60_000,
  sendingGraceMs: 30_000,
  settleRetryMs: 30_000,
  maxSkewMs: 300_000,
};

export function timesOf(options: LedgerOptions, { timeoutMs }: LedgerMerchant): LedgerTimes {
  const times = { ...defaults, ...(timeoutMs === undefined ? {} : { callTimeoutMs: timeoutMs }) };
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    times[name] = timeOf(options, name) ?? times[name];
  }
  if (timeoutMs !== undefined && times.callTimeoutMs < timeoutMs) {
    // Recovery would call a running one unknown, and cancel what its buyer is being told is paid.
    throw new LedgerError(
      "invalid-argument",
      `callTimeoutMs must be at least payapi.timeoutMs, ${timeoutMs}`,
    );
  }
  const closeTimeoutMs = timeOf(options, "closeTimeoutMs") ?? times.callTimeoutMs + times.settleRetryMs;
  return { ...times, closeTimeoutMs };
}

function timeOf(options: LedgerOptions, name: keyof LedgerTimes): number | undefined {
  const value = options[name];
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds`);
  }
  return value;
}

export function alreadyCancelledCodesOf({
  alreadyCancelledCodes = seenCodes.codes,
}: LedgerOptions): readonly string[] {
  const isList =
    Array.isArray(alreadyCancelledCodes) &&
    alreadyCancelledCodes.every((code) => typeof code === "string" && code !== "");
  if (!isList) throw new LedgerError("invalid-argument", "alreadyCancelledCodes must list result codes");
  return [...alreadyCancelledCodes];
}

export function checkMerchant(payapi: LedgerMerchant): void {
  if (typeof payapi?.mid !== "string" || payapi.mid === "") {
    throw new LedgerError("invalid-argument", "payapi.mid is missing");
  }
}

/** The names of the options for any store. */
export const ledgerOptionNames = {
  callTimeoutMs: true,
  maxPauseMs: true,
  reservedTimeoutMs: true,
  sendingGraceMs: true,
  settleRetryMs: true,
  closeTimeoutMs: true,
  alreadyCancelledCodes: true,
  maxSkewMs: true,
  onWarning: true,
  secrets: true,
} satisfies OptionNames<LedgerOptions>;

/** The names of the options for any store, with a clock and timers. */
export const timedOptionNames = {
  ...ledgerOptionNames,
  clock: true,
  timers: true,
} satisfies OptionNames<TimedLedgerOptions>;

const secretNames = { current: true, previous: true } satisfies OptionNames<LedgerSecrets>;

const readme = 'the README of @payapi/ledger, "Options"';

/**
 * Refuses options that are no object, and names that are no option: those would silently do nothing.
 *
 * @throws LedgerError `invalid-argument`, which names them and no value
 */
export function checkOptionNames(options: unknown, names: KnownOptions["names"], documented = readme): void {
  const secrets = isOptions(options) && "secrets" in options ? options.secrets : undefined;
  refuseOptions([
    ...optionProblems(options, { names, documented }),
    ...(secrets === undefined
      ? []
      : optionProblems(secrets, { names: secretNames, documented: readme, within: "secrets" })),
  ]);
}
