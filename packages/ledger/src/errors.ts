import {
  callLines,
  codeOf,
  createLog,
  errorName,
  type Log,
  type LogFields,
  type Logger,
  type LogLines,
} from "@payapi/core/internal";

/** Why the ledger failed, for programs. */
export type LedgerErrorCode =
  /** The database could not be reached, or it failed to do the work. */
  | "unavailable"
  /** The tables are missing, or older or newer than this package: run `migrateLedger`, or update the package. */
  | "not-migrated"
  /** The database could lose committed payments, is too old, or hides which server it is. The message says what to do. */
  | "unsafe-database"
  /** The tables hold this mid's payments of another environment. Nothing was read or written. The message says what to do. */
  | "other-environment"
  /** An option or argument is wrong. */
  | "invalid-argument"
  /** A rate limit is exhausted. Nothing was reserved. */
  | "rate-limited"
  /** The Idempotency-Key is already in use. Nothing was reserved. */
  | "request-known"
  /** The call must not be sent. Settle it as `not-sent`. */
  | "may-not-send"
  /** Another process sent or ended the call. Do not send it, and do not settle it. */
  | "not-yours"
  /**
   * The database is not the one that was accepted last, and may have lost payments. Nothing was reserved, written or sent. The message
   * says what to do. From `acceptDatabase`: the database is not the one in `seen`.
   */
  | "database-changed"
  /** The clocks of the process and the database differ too much to send calls. The message says what to do. */
  | "clock-skew"
  /** An entry of the journal could not be written to the database. `recover()` did everything else. */
  | "not-replayed"
  /** The ledger has no such call, link or quarantined notification. */
  | "no-such-call"
  /** The notification's `tid` is stored masked, so `release` needs it as an argument. Nothing was changed. */
  | "masked-tid"
  /** `close()` was called, so the ledger reserves no call and starts no worker. */
  | "closing"
  /** The virtual account's `tid` belongs to another payment. Nothing was written. */
  | "tid-used"
  /** A row would have broken a rule of the ledger: a mistake in this package or the calling program. Nothing was written. */
  | "broken-rule"
  /** The method needs a billing key, and the ledger was opened without `secrets`. */
  | "no-secrets"
  /** The consumer was removed, or its removal is unfinished. Nothing is delivered to it. The message says what to do. */
  | "consumer-removed"
  /** A stored billing key can't be decrypted: its secret is missing from `secrets`, or its row was changed. */
  | "unreadable-key";

/** An error of the ledger. Its message never contains a value from a row. */
export class LedgerError extends Error {
  override readonly name: string = "LedgerError";
  /** Only with `rate-limited`: milliseconds until every exhausted counter has restarted. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    { cause, retryAfterMs }: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The database failed. From `reserveApproval`, `reserveCancel` or `markSending`: send nothing. From `settle`: the outcome is not
 * durable yet, so settle again.
 */
export class LedgerUnavailableError extends LedgerError {
  override readonly name = "LedgerUnavailableError";

  constructor(
    message: string,
    /** The SQLSTATE, such as `57P01`, if the database sent one. */
    readonly sqlState: string | undefined,
    options?: { cause?: unknown },
  ) {
    super("unavailable", message, options);
  }
}

const databaseChangedMessage =
  "The ledger's database was restored, or another server took over, so payments may be missing. Nothing is reserved or sent. Call acceptDatabase({ actor, evidence, seen, transactions }) with the transactions of the gateway's console";

export function databaseChanged(): LedgerError {
  return new LedgerError("database-changed", databaseChangedMessage);
}

/** Every entry of the ledger's log. */
export const ledgerLines = {
  ...callLines,
  "clock-skew": {
    level: "warn",
    message:
      "The clocks of this process and of the ledger's database differ by more than a minute. Above maxSkewMs nothing is sent.",
    action: "Set both clocks with a time server (NTP).",
  },
  "slow-database": {
    level: "warn",
    message:
      "The ledger's database is so far away that marking a call takes a large part of maxPauseMs; a call whose marking takes longer is not sent.",
    action: "Run the shop near its database, or raise `maxPauseMs`.",
  },
  "asynchronous-standby": {
    level: "warn",
    message:
      "The ledger's database has a standby and commits without waiting for it (synchronous_standby_names is empty), so a failover can lose the last payments.",
    action:
      "Set `synchronous_standby_names`; otherwise, after a failover nothing is sent until an operator has accepted the database.",
  },
  "standby-lost": {
    level: "warn",
    message:
      "Commits of the ledger's database waited for a standby and no longer do (synchronous_standby_names was emptied), so the last payments are on one server only.",
    action: "Bring the standby back; with Patroni, `synchronous_mode_strict` stops sales instead.",
  },
  "database-changed": {
    level: "error",
    message: databaseChangedMessage,
    action: "`payapi database`: compare it with the gateway's console, and accept it.",
  },
  "recovered-unknown": {
    level: "warn",
    message: "A call whose process is silent is unknown now; the order is locked.",
    action: "Find it in the gateway's console and resolve it (`payapi review`).",
  },
  "recovered-not-sent": {
    level: "info",
    message: "A call whose process is silent was never sent; the order may be paid again.",
    action: "Nothing.",
  },
  "recovery-failed": {
    level: "error",
    message: "The recovery failed; the worker tries again.",
    action: "`reason` is the ledger's code: of `not-replayed`, see `operations.journal()`.",
  },
  "delivery-failed": {
    level: "error",
    message: "Events could not be delivered; the worker tries again, unless the consumer was removed.",
    action: "`reason` is the ledger's code, such as `unavailable` or `consumer-removed`.",
  },
  "event-failed": {
    level: "warn",
    message: "A handler of events failed; the event is delivered again.",
    action: "Mend the handler. `onError` has the error itself.",
  },
  "event-dead": {
    level: "error",
    message: "An event failed for the last time and is a dead letter now.",
    action: "Mend the handler, then `payapi events`.",
  },
} as const satisfies LogLines;

export type LedgerLine = keyof typeof ledgerLines;

/** The log of the ledger. */
export interface LedgerLog {
  readonly log: Log<LedgerLine>;
  /** Writes each code, with the same reason, at most once an hour, since every call finds the same problem again. */
  readonly warnings: Log<LedgerLine>;
}

const againMs = 60 * 60_000;

export function ledgerLog(logger: Logger | undefined, monotonic: () => number): LedgerLog {
  const log = createLog(ledgerLines, logger);
  const lastAt = new Map<string, number>();
  const warnings: Log<LedgerLine> = {
    write(code, fields = {}) {
      const kind = [code, fields.operation, fields.reason].join(" ");
      const now = monotonic();
      const last = lastAt.get(kind);
      if (last !== undefined && now - last < againMs) return;
      lastAt.set(kind, now);
      log.write(code, fields);
    },
  };
  return { log, warnings };
}

/** The fields that name an error: its class and its code, never its message, which may contain secrets. */
export function errorFields(error: unknown): LogFields {
  return { error: errorName(error), reason: codeOf(error) };
}

/**
 * Rejects options if there are problems with them.
 *
 * @throws LedgerError `invalid-argument`; it lists the names, never a value
 */
export function refuseOptions(
  problems: readonly { readonly field: string; readonly message: string }[],
): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ field, message }) => `${field} ${message}`);
  throw new LedgerError("invalid-argument", lines.join("; "));
}
