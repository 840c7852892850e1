import { problemsError } from "./errors.js";
import type { InputOf, Operation, ResultOf } from "./operations/index.js";
import { type OptionNames, optionProblems } from "./option-names.js";

/** What any call takes beside its input. */
export interface CallOptions {
  /** Aborts the call: `not-sent` before the first byte, `unknown` after it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Awaited when the connection is up and before the first byte leaves: the moment to make durable that the call is being
   * sent. It is awaited once; for operations that only read, once for each time they are tried. If it throws, nothing is sent and the call fails with `before-send-failed`.
   */
  readonly beforeSend?: (() => Promise<void> | void) | undefined;
}

/** One operation as a method. It resolves on proven success and otherwise throws a {@link PayApiError}. */
export type Method<O extends Operation> = (input: InputOf<O>, options?: CallOptions) => Promise<ResultOf<O>>;

const names = { signal: true, beforeSend: true } satisfies OptionNames<CallOptions>;

/** @throws PayApiError `invalid-input`: a misspelled `beforeSend` would never be called, and the call sent without being stored */
export function checkCallOptions(operation: string, options: CallOptions): void {
  const documented = 'the README of @payapi/core, "Operations"';
  const problems = optionProblems(options, { names, documented });
  if (problems.length > 0) throw problemsError("invalid-input", problems, operation);
}
