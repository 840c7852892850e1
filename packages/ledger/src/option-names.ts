import { isOptions, type KnownOptions, type OptionNames, optionProblems } from "@payapi/core/internal";
import type { LedgerSecrets } from "./commands/keys/secrets.js";
import { type EventHandlers, keyEventKinds, orderEventKinds } from "./domain/event-types.js";
import { LedgerError } from "./errors.js";
import type { LedgerOptions } from "./options.js";
import type { WorkerOptions } from "./recovery/worker.js";

type Names = KnownOptions["names"];

/** The names of the options for any store. */
export const ledgerOptionNames = {
  clock: true,
  timers: true,
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

const secretNames = { current: true, previous: true } satisfies OptionNames<LedgerSecrets>;

const workerNames = {
  consumer: true,
  on: true,
  startFrom: true,
  handlerTimeoutMs: true,
  onError: true,
  intervalMs: true,
  recoverEveryMs: true,
} satisfies OptionNames<WorkerOptions>;

const eventNames = Object.fromEntries(
  [...orderEventKinds, ...keyEventKinds, "escrow", "notification-needs-attention"].map((kind) => [
    kind,
    true,
  ]),
) as OptionNames<EventHandlers>;

const readme = 'the README of @payapi/ledger, "Options"';
const reference = 'docs/guides/ledger-reference.md, "Events"';

/**
 * Refuses options that are no object, and names that are no option: those would silently do nothing.
 *
 * @throws LedgerError `invalid-argument`, which names them and no value
 */
export function checkOptionNames(options: unknown, names: Names, documented = readme): void {
  const secrets = isOptions(options) && "secrets" in options ? options.secrets : undefined;
  refuse([
    ...optionProblems(options, { names, documented }),
    ...(secrets === undefined
      ? []
      : optionProblems(secrets, { names: secretNames, documented: readme, within: "secrets" })),
  ]);
}

/** As {@link checkOptionNames}, for who takes events: a misspelled kind of event would never be told. */
export function checkWorkerNames(worker: unknown): void {
  const on = isOptions(worker) && "on" in worker ? worker.on : undefined;
  refuse([
    ...optionProblems(worker, { names: workerNames, documented: reference }),
    ...(isOptions(on)
      ? optionProblems(on, { names: eventNames, documented: reference, within: "on", what: "kind of event" })
      : []),
  ]);
}

function refuse(problems: ReturnType<typeof optionProblems>): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ field, message }) => `${field} ${message}`);
  throw new LedgerError("invalid-argument", lines.join("; "));
}
