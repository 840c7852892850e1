import type { ReservedCall } from "@payapi/core";
import type { SettledFacts } from "../domain/reply-facts.js";
import { LedgerUnavailableError } from "../errors.js";
import type { Journal } from "./journal.js";

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
