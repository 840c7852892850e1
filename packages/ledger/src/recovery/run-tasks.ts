import type { CallOutcome } from "@payapi/core";
import type { LedgerContext } from "../commands/context.js";
import { LedgerUnavailableError } from "../errors.js";
import type { DuePage, DuePlace, LedgerReading } from "../store/port.js";

/** One run of `recover()`: until when it goes on, and what went wrong in it. */
export interface RecoveryRun {
  /** Once this is `false`, nothing more begins; what has begun ends. */
  mayGoOn(): boolean;
  readonly errors: unknown[];
}

/** One thing to be ended at the gateway; `undefined` if there was nothing to be done after all. */
export type Task = () => Promise<CallOutcome["outcome"] | undefined>;

/** How many calls are under way at once, and how many may stay without an answer before the gateway counts as away. */
const sideBySide = 4;
const silentCalls = 3;
/** A run that takes long keeps this process from ending other calls; the next one goes on. */
const callsPerRun = 200;
const pageSize = 50;

/** What is due, page by page and the longest due first: nothing that cannot be ended stands before the rest. */
export async function* dueTasks<Due extends DuePlace>(
  context: LedgerContext,
  find: (tx: LedgerReading, page: DuePage) => Promise<readonly Due[]>,
  end: (due: Due) => ReturnType<Task>,
): AsyncGenerator<Task, void> {
  let after: Due | undefined;
  for (;;) {
    const page = await context.store.read((tx) => find(tx, { now: context.now(tx), limit: pageSize, after }));
    for (const due of page) yield () => end(due);
    after = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/** Runs tasks of several kinds, each kind in its turn, so that many of one do not keep the others waiting. */
export async function runTasks(
  kinds: readonly AsyncGenerator<Task, void>[],
  run: RecoveryRun,
): Promise<void> {
  const { errors } = run;
  const tasks = inTurn(kinds, errors);
  let calls = 0;
  let silent = 0;
  let isAway = false;

  async function work(): Promise<void> {
    while (!isAway && silent < silentCalls && calls < callsPerRun) {
      const { value: task } = await tasks.next();
      // The last moment to stop: finding the task took its time.
      if (task === undefined || !run.mayGoOn()) return;
      try {
        const outcome = await task();
        if (outcome === undefined) continue;
        calls++;
        silent = outcome === "unknown" || outcome === "not-sent" ? silent + 1 : 0;
      } catch (error) {
        errors.push(error);
        isAway ||= isDatabaseAway(error);
      }
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work));
}

/** Without a database nothing could be recorded. */
export function isDatabaseAway(error: unknown): boolean {
  return error instanceof LedgerUnavailableError && error.sqlState === undefined;
}

async function* inTurn(
  kinds: readonly AsyncGenerator<Task, void>[],
  errors: unknown[],
): AsyncGenerator<Task, void> {
  const left = new Set(kinds);
  while (left.size > 0) {
    for (const kind of left) {
      try {
        const next = await kind.next();
        if (next.done !== true) {
          yield next.value;
          continue;
        }
      } catch (error) {
        errors.push(error);
      }
      left.delete(kind);
    }
  }
}
