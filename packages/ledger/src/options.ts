import { setTimeout as wait } from "node:timers/promises";
import type { Environment } from "@payapi/core";
import { alreadyCancelledCodes as seenCodes } from "@payapi/core/codes";
import {
  isOptions,
  type KnownOptions,
  type Logger,
  type OptionNames,
  optionProblems,
} from "@payapi/core/internal";
import type { LedgerGateway, LedgerTimers, LedgerTimes } from "./commands/context.js";
import { LedgerError, refuseOptions } from "./errors.js";
import type { LedgerSecrets } from "./store/key-vault.js";

/**
 * The merchant whose payments the ledger keeps: a `PayApi`, or only its `mid` and `environment`. `recover()` calls the gateway only with a
 * `PayApi`.
 */
export interface LedgerMerchant extends Partial<LedgerGateway> {
  readonly mid: string;
  /** Stored with the merchant's first row. A ledger of another environment then refuses these tables for this `mid`. */
  readonly environment: Environment;
  /** The client's timeout for one call, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The real clocks and timers of the process. */
export const processTimers: LedgerTimers = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: (ms, options) => wait(ms, undefined, options),
};

/** Options of every ledger: time limits, the secrets that encrypt billing keys, and the gateway's codes. */
export interface LedgerOptions extends Partial<LedgerTimes> {
  /**
   * Result codes by which the gateway refuses a cancel because the payment is already cancelled (default: `["01"]`, as observed; the
   * gateway's guide documents none). Ask the gateway for its codes. With `[]`, every refusal is treated as an ordinary refusal.
   */
  readonly alreadyCancelledCodes?: readonly string[];
  /**
   * Whether other systems make, or ever made, payments with this `mid` (default: `true`, but `false` in the sandbox). If so, an approval of
   * the payment page whose outcome is unknown is never net-cancelled, since its P_TID may be of a payment that another system delivered.
   */
  readonly midIsShared?: boolean;
  /**
   * Writes the log: problems that need attention, and what the recovery and the delivery of events found (default: to the console).
   * docs/guides/logs.md lists every entry. The handler takes the same function.
   */
  readonly logger?: Logger;
  /** Secrets that encrypt billing keys. Needed only to store billing keys. */
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
    // Otherwise recovery would mark a running call as unknown, and cancel a payment that the buyer is about to see as paid.
    throw new LedgerError(
      "invalid-argument",
      `callTimeoutMs must be at least payapi.timeoutMs (${timeoutMs})`,
    );
  }
  const closeTimeoutMs = timeOf(options, "closeTimeoutMs") ?? times.callTimeoutMs + times.settleRetryMs;
  return { ...times, closeTimeoutMs };
}

function timeOf(options: LedgerOptions, name: keyof LedgerTimes): number | undefined {
  const value = options[name];
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds, 0 or more`);
  }
  return value;
}

/** Returns whether a P_TID that the ledger does not know can only be of a transaction that no other system made. */
export function mayNetCancel({ midIsShared }: LedgerOptions, { environment }: LedgerMerchant): boolean {
  if (midIsShared !== undefined && typeof midIsShared !== "boolean") {
    throw new LedgerError("invalid-argument", "midIsShared must be true or false");
  }
  return !(midIsShared ?? environment !== "sandbox");
}

export function alreadyCancelledCodesOf({
  alreadyCancelledCodes = seenCodes.codes,
}: LedgerOptions): readonly string[] {
  const isList =
    Array.isArray(alreadyCancelledCodes) &&
    alreadyCancelledCodes.every((code) => typeof code === "string" && code !== "");
  if (!isList) {
    throw new LedgerError(
      "invalid-argument",
      'alreadyCancelledCodes must be an array of result codes, such as ["01"]',
    );
  }
  return [...alreadyCancelledCodes];
}

export function checkMerchant(payapi: LedgerMerchant): void {
  if (typeof payapi?.mid !== "string" || payapi.mid === "") {
    throw new LedgerError(
      "invalid-argument",
      "payapi.mid is missing: pass the PayApi of createPayApi, or { mid, environment }",
    );
  }
  if (!["sandbox", "test", "production"].includes(payapi.environment)) {
    throw new LedgerError("invalid-argument", 'payapi.environment must be "sandbox", "test" or "production"');
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
  midIsShared: true,
  maxSkewMs: true,
  logger: true,
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
 * Rejects options that are not an object, and unknown option names, which would silently do nothing.
 *
 * @throws LedgerError `invalid-argument`; it lists the names, never a value
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
