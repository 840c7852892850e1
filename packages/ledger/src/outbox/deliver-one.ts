import type { LedgerContext } from "../commands/context.js";
import type { EventHandlers, HandlerContext, LedgerEvent } from "../domain/event-types.js";
import { readEvent } from "../domain/event-types.js";
import type { ClaimedEvent } from "../store/event-rows.js";
import { leaseMs, type ReportError } from "./consumers.js";

/** The handlers that take an event. */
export interface Taker {
  readonly on: EventHandlers;
  readonly handlerTimeoutMs: number;
  readonly reportError: ReportError;
}

/** After this many tries an event becomes a dead letter. */
export const maxTries = 10;

/** Delivers one claimed event. `lost`: another process took the event meanwhile, and its result counts. */
export async function deliverOne(
  context: LedgerContext,
  claimed: ClaimedEvent,
  taker: Taker,
): Promise<"delivered" | "failed" | "dead" | "lost"> {
  // The process ended during each earlier try, so another try might end this process too.
  const event = readEvent(context.environment, claimed.event, claimed.tries);
  if (claimed.tries > maxTries) return fail(context, claimed, event, "process-ended");
  try {
    await handle(context, claimed, event, taker);
  } catch (error) {
    taker.reportError(error, event);
    return fail(context, claimed, event, nameOf(error));
  }
  const { store, clock } = context;
  const held = await store.updateClaim(claimed.claim, { to: "delivered", clock });
  return held ? "delivered" : "lost";
}

/** Rejects with the error of the handler, or with `HandlerTimeout` even if the handler still runs. */
async function handle(
  context: LedgerContext,
  claimed: ClaimedEvent,
  event: LedgerEvent,
  { on, handlerTimeoutMs, reportError }: Taker,
): Promise<void> {
  const handling = new AbortController();
  const ended = new AbortController();
  const keepClaim = async () => {
    // A handler may run longer than one lease.
    while (await passed(context, leaseMs / 3, { signal: ended.signal, ref: false })) {
      const held = await extend(context, claimed).catch((error: unknown) => reportError(error));
      if (held === false) return handling.abort(new Error("Another process has taken the event"));
    }
  };
  const timeLimit = async () => {
    // This timer keeps the process alive: a hanging handler must be reported, and nothing else may keep the process running.
    if (!(await passed(context, handlerTimeoutMs, { signal: ended.signal, ref: true }))) return;
    const late = new HandlerTimeout(handlerTimeoutMs);
    handling.abort(late);
    throw late;
  };
  keepClaim().catch((error: unknown) => reportError(error));
  try {
    await Promise.race([call(on, event, { signal: handling.signal }), timeLimit()]);
  } finally {
    ended.abort();
  }
}

async function call(on: EventHandlers, event: LedgerEvent, handling: HandlerContext): Promise<void> {
  // The handler of `event.kind` takes exactly this type of event, which the compiler can't infer.
  const handler = on[event.kind] as
    | ((event: LedgerEvent, context: HandlerContext) => void | Promise<void>)
    | undefined;
  await handler?.(event, handling);
}

/** `false` if the signal ended the wait. */
async function passed(
  { timers }: LedgerContext,
  ms: number,
  how: { readonly signal: AbortSignal; readonly ref: boolean },
): Promise<boolean> {
  try {
    await timers.wait(ms, how);
  } catch (error) {
    if (!how.signal.aborted) throw error;
  }
  return !how.signal.aborted;
}

function extend({ store, clock }: LedgerContext, { claim }: ClaimedEvent): Promise<boolean> {
  return store.updateClaim(claim, { to: "held", clock, leaseMs });
}

async function fail(
  { store, clock, log }: LedgerContext,
  { claim, tries }: ClaimedEvent,
  event: LedgerEvent,
  failure: string,
): Promise<"failed" | "dead" | "lost"> {
  const isDead = tries >= maxTries;
  const change = isDead
    ? ({ to: "dead", failure } as const)
    : ({ to: "waiting", failure, afterMs: retryAfterMs(tries) } as const);
  if (!(await store.updateClaim(claim, { ...change, clock }))) return "lost";
  const { id: eventId, kind } = event;
  const of = "orderId" in event ? { orderId: event.orderId } : {};
  const { consumer } = claim;
  log.write(isDead ? "event-dead" : "event-failed", {
    consumer,
    eventId,
    kind,
    ...of,
    tries,
    error: failure,
  });
  return isDead ? "dead" : "failed";
}

/** 5 s, doubled with every try: the tenth try comes 43 minutes after the first. */
function retryAfterMs(tries: number): number {
  return 5_000 * 2 ** (tries - 1);
}

class HandlerTimeout extends Error {
  override readonly name = "HandlerTimeout";

  constructor(ms: number) {
    super(`The handler did not end within ${ms} ms`);
  }
}

/** Only the name of an error is stored, since its message may contain secrets. */
function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  return /^[A-Za-z0-9_$.-]{1,60}$/.test(name) ? name : "Error";
}
