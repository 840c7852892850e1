import type { CallOutcome, OrderPayment, ReservedApproval, ReservedCall } from "@payapi/core";
import { factsOf, type SettledFacts } from "../domain/facts.js";
import { LedgerUnavailableError } from "../errors.js";
import type { Journal } from "../store/journal.js";
import { UniqueConflict } from "../store/port.js";
import { changeOrder } from "./change-order.js";
import type { LedgerContext, LedgerTimers } from "./context.js";
import { countersOf } from "./request-guards.js";

/** The journal's part in settling one call. */
export interface SafetyNet {
  /** Keeps the fact, once; resolves when it is durable or cannot be kept, and never rejects. */
  keep(): Promise<void>;
  /** Runs one try to tell the database; if it fails, the fact is kept before anything else happens. */
  during<T>(write: () => Promise<T>): Promise<T>;
  /** Ends the entry, if there is one. */
  forget(): Promise<void>;
  /** The error that settling ends with; it says if the journal failed too. */
  explain(error: unknown): unknown;
}

const none: SafetyNet = {
  keep: async () => {},
  during: (write) => write(),
  forget: async () => {},
  explain: (error) => error,
};

/** Only what the gateway said yes to is kept: of everything else, recovery says the same without being told. */
export function safetyNet(journal: Journal | undefined, call: ReservedCall, facts: SettledFacts): SafetyNet {
  const saidYes = facts.outcome === "succeeded" || facts.outcome === "moved";
  if (journal === undefined || !saidYes) return none;
  let keeping: Promise<string | undefined> | undefined;
  let problem: unknown;
  async function keep(): Promise<void> {
    // A full disk must not keep anybody from trying the database again.
    keeping ??= journal?.keep(call, facts).catch((error: unknown) => {
      problem = error;
      return undefined;
    });
    await keeping;
  }
  return {
    keep,
    async during(write) {
      try {
        return await write();
      } catch (error) {
        await keep();
        throw error;
      }
    },
    async forget() {
      const name = await keeping;
      if (name === undefined) return;
      // What stays behind is replayed, and says nothing new.
      await journal.remove(name).catch(() => {});
    },
    explain(error) {
      if (problem === undefined || !(error instanceof LedgerUnavailableError)) return error;
      const message = `${error.message}, and the journal could not be written either`;
      return new LedgerUnavailableError(message, error.sqlState, {
        cause: new AggregateError([error, problem]),
      });
    },
  };
}

/** What settling has to know of a call. */
type SettledCall = Pick<ReservedCall, "kind" | "id" | "orderId"> & Partial<Pick<ReservedApproval, "counted">>;

/** A database that takes longer than this to answer may be going away: the journal is told while it is waited for. */
const slowMs = 1_000;

/**
 * Makes durable what is known after a call. Safe to repeat, and repeated here while the database is away; a yes of the
 * gateway that the database did not take goes to the journal first.
 */
export function settle(
  context: LedgerContext,
  call: ReservedCall,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  return withJournal(context, call, factsOf(outcome), (net) => settleDurably(context, call, outcome, net));
}

/** Runs `write` with the journal as its safety net, whose entry ends with it. */
export async function withJournal<T>(
  { journal, timers }: LedgerContext,
  call: ReservedCall,
  facts: SettledFacts,
  write: (net: SafetyNet) => Promise<T>,
): Promise<T> {
  const net = safetyNet(journal, call, facts);
  const written = new AbortController();
  if (journal !== undefined) void keepIfSlow(timers, net, written.signal);
  try {
    const result = await write(net);
    await net.forget();
    return result;
  } catch (error) {
    throw net.explain(error);
  } finally {
    written.abort();
  }
}

async function keepIfSlow(timers: LedgerTimers, net: SafetyNet, written: AbortSignal): Promise<void> {
  await timers.wait(slowMs, { signal: written }).catch(() => {
    // Nobody waits for the database any more.
  });
  if (!written.aborted) await net.keep();
}

async function settleDurably(
  context: LedgerContext,
  call: ReservedCall,
  outcome: CallOutcome,
  net: SafetyNet,
): Promise<OrderPayment> {
  const write = (said: CallOutcome) =>
    keepTrying(context, () => net.during(() => settleOnce(context, call, said)));
  try {
    return await write(outcome);
  } catch (error) {
    if (!isDataRefused(error)) throw error;
    return write(withoutWords(outcome));
  }
}

/** Repeats a write that is safe to repeat, for as long as the database is away and `settleRetryMs` lasts. */
export async function keepTrying<T>({ times, timers }: LedgerContext, write: () => Promise<T>): Promise<T> {
  const giveUpAt = timers.monotonic() + times.settleRetryMs;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      return await write();
    } catch (error) {
      const isAway = error instanceof LedgerUnavailableError && !isDataRefused(error);
      if (!isAway || timers.monotonic() + pause > giveUpAt) throw error;
      await timers.wait(pause);
    }
  }
}

/** SQLSTATE class 22: the database cannot keep a value, and never will, however often it is asked. */
function isDataRefused(error: unknown): boolean {
  return error instanceof LedgerUnavailableError && error.sqlState?.startsWith("22") === true;
}

/** The state and the tid matter more than the words that came with them. */
function withoutWords({ resultMessage: _, applNum: __, ...rest }: CallOutcome): CallOutcome {
  return rest;
}

/** Tells the order what became of its call, once. */
export function settleOnce(
  context: LedgerContext,
  { kind, id, orderId, counted }: SettledCall,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  const { alreadyCancelledCodes } = context;
  const facts = factsOf(outcome);
  const call = { kind, id };
  // A failed attempt stays counted: somebody may be trying out stolen cards.
  const isReleased = outcome.outcome === "succeeded" || outcome.outcome === "not-sent";
  const release = isReleased && counted !== undefined ? countersOf(counted) : undefined;
  return changeOrder(
    context,
    orderId,
    (at) => ({ kind: "outcome", call, facts, at, alreadyCancelledCodes }),
    { ask: idsOf(facts), ...(release && { along: () => ({ release }) }) },
  );
}

/** The transaction ids that are about to be kept. */
export function idsOf({ tid, cancelTid }: SettledFacts) {
  return { tids: tid === null ? [] : [tid], cancelTids: cancelTid === null ? [] : [cancelTid] };
}

/**
 * A unique constraint may be hit by a report that raced with another one, about the same tid or the same order. Nothing
 * was written then, and on the next round the rules see the other one's row.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let rounds = 1; ; rounds++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UniqueConflict) || rounds === 5) throw error;
    }
  }
}
