import { problemsError } from "./errors.js";
import type { InputOf, Operation, ResultOf } from "./operations/index.js";
import { type OptionNames, optionProblems } from "./option-names.js";

/** The options of a call. */
export interface CallOptions {
  /** Aborts the call. The outcome is `not-sent` before the first byte and `unknown` after it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Awaited once, after the connection is up and before the first byte is sent: store here that the call is being sent. For
   * operations that only read, it is awaited once for each try. If it throws, nothing is sent and the call fails with
   * `before-send-failed`.
   */
  readonly beforeSend?: (() => Promise<void> | void) | undefined;
}

/** An operation of the gateway. It resolves only for a proven success and otherwise rejects with a {@link PayApiError}. */
export type Method<O extends Operation> = (input: InputOf<O>, options?: CallOptions) => Promise<ResultOf<O>>;

const names = { signal: true, beforeSend: true } satisfies OptionNames<CallOptions>;

/** @throws PayApiError `invalid-input` for unknown options: with a misspelled `beforeSend` the call would be sent without being stored */
export function checkCallOptions(operation: string, options: CallOptions): void {
  const documented = 'the README of @payapi/core, "Operations"';
  const problems = optionProblems(options, { names, documented });
  if (problems.length > 0) throw problemsError("invalid-input", problems, operation);
}
