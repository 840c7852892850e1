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
  /** Writes the outcome to the journal, once. Resolves when it is durable or writing failed; never rejects. */
  keep(): Promise<void>;
  /** Runs one attempt to write to the database. If it fails, writes the outcome to the journal before it rejects. */
  during<T>(write: () => Promise<T>): Promise<T>;
  /** Removes the journal entry, if there is one. */
  forget(): Promise<void>;
  /** The error to reject with; it says if writing the journal failed too. */
  explain(error: unknown): unknown;
}

const none: SafetyNet = {
  keep: async () => {},
  during: (write) => write(),
  forget: async () => {},
  explain: (error) => error,
};

/** What recovery could not find out by itself: that the gateway approved, or that a call that was marked as sending was not sent. */
const worthKeeping: readonly SettledFacts["outcome"][] = ["succeeded", "moved", "not-sent"];

/** Keeps only outcomes that recovery could not find out by itself. */
export function safetyNet(journal: Journal | undefined, call: ReservedCall, facts: SettledFacts): SafetyNet {
  if (journal === undefined || !worthKeeping.includes(facts.outcome)) return none;
  let keeping: Promise<string | undefined> | undefined;
  let problem: unknown;
  async function keep(): Promise<void> {
    // A full disk must not stop the retries against the database.
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
      // An entry that stays is replayed, which changes nothing.
      await journal.remove(name).catch(() => {});
    },
    explain(error) {
      if (problem === undefined || !(error instanceof LedgerUnavailableError)) return error;
      const message = `${error.message}, and the journal could not be written: check the journal's folder`;
      return new LedgerUnavailableError(message, error.sqlState, {
        cause: new AggregateError([error, problem]),
      });
    },
  };
}

/** The call to settle. */
type SettledCall = Pick<ReservedCall, "kind" | "id" | "orderId"> & Partial<Pick<ReservedApproval, "counted">>;

/** If the database takes longer than this to answer, the outcome is written to the journal meanwhile. */
const slowMs = 1_000;

/**
 * Makes a call's outcome durable. Safe to repeat; retries while the database is unreachable. An approval that the database did not
 * take is written to the journal first.
 */
export function settle(
  context: LedgerContext,
  call: ReservedCall,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  return withJournal(context, call, factsOf(outcome), (net) => settleDurably(context, call, outcome, net));
}

/** Runs `write` with the journal as its safety net. The entry is removed when `write` succeeds. */
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
    // Aborted: the database has answered.
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
    return write(withoutTexts(outcome));
  }
}

/** Retries an idempotent write while the database is unreachable, for up to `settleRetryMs`. */
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

/** SQLSTATE class 22: the database can't store a value. Retrying does not help. */
function isDataRefused(error: unknown): boolean {
  return error instanceof LedgerUnavailableError && error.sqlState?.startsWith("22") === true;
}

/** Drops texts that the database may refuse, so that at least the state and the tid are stored. */
function withoutTexts({ resultMessage: _, applNum: __, ...rest }: CallOutcome): CallOutcome {
  return rest;
}

/** Settles a call, with one attempt. */
export function settleOnce(
  context: LedgerContext,
  { kind, id, orderId, counted }: SettledCall,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  const { alreadyCancelledCodes } = context;
  const facts = factsOf(outcome);
  const call = { kind, id };
  // A failed attempt stays counted, since it may be card testing; the gateway's refusal of the shop's set-up tells nothing about a card.
  const isReleased =
    outcome.outcome === "succeeded" || outcome.outcome === "not-sent" || outcome.code === "setup-fault";
  const release = isReleased && counted !== undefined ? countersOf(counted) : undefined;
  return changeOrder(
    context,
    orderId,
    (at) => ({ kind: "outcome", call, facts, at, alreadyCancelledCodes }),
    { ask: idsOf(facts), ...(release && { along: () => ({ release }) }) },
  );
}

/** The transaction ids of an outcome. */
export function idsOf({ tid, cancelTid }: SettledFacts) {
  return { tids: tid === null ? [] : [tid], cancelTids: cancelTid === null ? [] : [cancelTid] };
}

/** Runs `work` again after a unique conflict with a concurrent write. Nothing was written then, and the next round sees the other row. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let rounds = 1; ; rounds++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UniqueConflict) || rounds === 5) throw error;
    }
  }
}
