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

/** A problem that needs attention and does not stop the ledger yet. */
export interface LedgerWarning {
  readonly code: /** The clocks of the process and the database differ by more than a minute. */
    | "clock-skew"
    /** The database has standbys and commits without waiting for one: a standby that takes over may lack payments. */
    | "asynchronous-standby"
    /** Commits waited for a standby before and no longer do, so payments are on one server only. */
    | "standby-lost"
    /** The database was restored, or another server took over: nothing is reserved or sent until it is accepted. */
    | "database-changed"
    /** The way to the database is so slow that marking a call as sending takes a large part of `maxPauseMs`. */
    | "slow-database"
    /** The gateway rejected a call of the recovery for the shop's set-up or its request. The message has the operation and result code. */
    | "setup-fault";
  readonly message: string;
}

export type Warn = (code: LedgerWarning["code"], message: string) => void;

const againMs = 60 * 60_000;

/** Reports each kind of warning at most once an hour, since every call finds the same problem again. */
export function warner(
  onWarning: (warning: LedgerWarning) => void = emitWarning,
  monotonic: () => number,
): Warn {
  const lastAt = new Map<LedgerWarning["code"], number>();
  return (code, message) => {
    const now = monotonic();
    const last = lastAt.get(code);
    if (last !== undefined && now - last < againMs) return;
    lastAt.set(code, now);
    try {
      onWarning({ code, message });
    } catch {
      // A failing `onWarning` must not fail a payment.
    }
  };
}

function emitWarning({ code, message }: LedgerWarning): void {
  process.emitWarning(message, { type: "PayApiLedgerWarning", code });
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
