import { LedgerError } from "../errors.js";
import { checkWorkerNames } from "../option-names.js";
import type { EventHandlers, LedgerEvent } from "./event-types.js";

/** Whoever takes events, and what for. */
export interface EventConsumer {
  /** Its name: processes with the same one share the work, and each event is taken by one of them. */
  readonly consumer: string;
  readonly on: EventHandlers;
  /**
   * Where a consumer begins that there was not before: with every event there ever was (`beginning`, the default), or with those
   * written from now on. One that has begun goes on where it is, whatever is said here.
   */
  readonly startFrom?: "beginning" | "now";
  /**
   * How long a handler may take, in milliseconds: 300 000. After that its event has failed as `HandlerTimeout` and comes again
   * like any other, even if the handler goes on: it should end when its `signal` is aborted.
   */
  readonly handlerTimeoutMs?: number;
  /** Told of everything that fails and is tried again: a handler (with its event), or the database. What it throws is not heard. */
  readonly onError?: (error: unknown, event?: LedgerEvent) => void;
}

/** What came of the events that were due. */
export interface Deliveries {
  readonly delivered: number;
  /** Handlers that threw or took too long: their events come again. */
  readonly failed: number;
  /** Events that failed for the last time; see `deadLetters()`. */
  readonly dead: number;
}

export type Alarm = NonNullable<EventConsumer["onError"]>;

/** Its `onError`. A failing alarm must not end a worker, and the process with it. */
export function alarmOf({ onError }: EventConsumer): Alarm {
  return (...failed) => {
    // One that is asynchronous may fail later. There is nobody left to tell.
    new Promise((resolve) => resolve(onError?.(...failed))).catch(() => {});
  };
}

export const defaultHandlerTimeoutMs = 300_000;

export function checkConsumer(given: EventConsumer): void {
  checkWorkerNames(given);
  const { consumer, on, startFrom, handlerTimeoutMs } = given;
  checkName(consumer);
  if (typeof on !== "object" || on === null) {
    throw new LedgerError("invalid-argument", "on must have the handlers, by the kind of event");
  }
  if (startFrom !== undefined && startFrom !== "beginning" && startFrom !== "now") {
    throw new LedgerError("invalid-argument", 'startFrom must be "beginning" or "now"');
  }
  if (handlerTimeoutMs !== undefined) checkInterval("handlerTimeoutMs", handlerTimeoutMs);
}

export function checkName(consumer: string): void {
  if (typeof consumer !== "string" || !/^[A-Za-z0-9_.-]{1,100}$/.test(consumer)) {
    throw new LedgerError(
      "invalid-argument",
      "consumer must be a name of 1 to 100 letters, digits, dots, hyphens or underscores",
    );
  }
}

export function checkInterval(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > 2 ** 31 - 1) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds, at least 1`);
  }
}
