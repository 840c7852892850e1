import { setTimeout as wait } from "node:timers/promises";
import { alreadyCancelledCodes as seenCodes } from "@payapi/core/codes";
import type { LedgerSecrets } from "./commands/keys/secrets.js";
import type { LedgerWarning } from "./errors.js";
import { LedgerError } from "./errors.js";
import type { LedgerGateway } from "./recovery/recover-at-gateway.js";

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

/** The process's own. */
export const processTimers: LedgerTimers = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: (ms, options) => wait(ms, undefined, options),
};

/** How long things may take, in milliseconds, what billing keys are encrypted under, and what the gateway means. */
export interface LedgerOptions {
  /** The time; the database's own clock when left out. Without `timers` it is not compared with the process's. For tests. */
  readonly clock?: () => Date;
  /** How time passes; the process's own timers when left out. For tests. */
  readonly timers?: LedgerTimers;
  /**
   * How long a call to the gateway may take from its first byte on: the `timeoutMs` of `payapi`, and never less; 60 000 if
   * only the merchant's names were given.
   */
  readonly callTimeoutMs?: number;
  /** How long making "sending" durable may take before it is too late to send, 2000. */
  readonly maxPauseMs?: number;
  /** How old a reservation that never came to sending must be for `recover()` to release it, 60 000. */
  readonly reservedTimeoutMs?: number;
  /** How long after its deadline `recover()` declares a silent call unknown, 30 000. */
  readonly sendingGraceMs?: number;
  /** How long `settle` keeps trying while the database cannot be reached, 30 000. */
  readonly settleRetryMs?: number;
  /** How long `close()` waits for calls in flight: as long as a call and its settling may take, `callTimeoutMs` + `settleRetryMs`. */
  readonly closeTimeoutMs?: number;
  /**
   * Result codes by which the gateway refuses to cancel what is cancelled already: `["01"]`, as it was seen to answer; its guide names
   * none. Ask the gateway, and pass `[]` if any of them may mean something else: then such a refusal is one like any other.
   */
  readonly alreadyCancelledCodes?: readonly string[];
  /**
   * How far the clocks of the process and of the database may lie apart, 300 000: with more, the ledger does not open and no call
   * is sent, since the gateway is told the time with every call. From 60 000 on there is a warning.
   */
  readonly maxSkewMs?: number;
  /** Told of what should not stay as it is and stops nothing yet; `process.emitWarning` when left out. */
  readonly onWarning?: (warning: LedgerWarning) => void;
  /** What billing keys are encrypted under; whoever keeps none needs none. */
  readonly secrets?: LedgerSecrets;
}

export type LedgerTimes = Required<
  Omit<LedgerOptions, "clock" | "timers" | "secrets" | "alreadyCancelledCodes" | "onWarning">
>;

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
