/** What went wrong, for programs. */
export type LedgerErrorCode =
  /** The database cannot be reached or refused the work. */
  | "unavailable"
  /** The schema is missing, older or newer than this package: run `migrateLedger`. */
  | "not-migrated"
  /** The database would not keep what it confirmed, or is too old. */
  | "unsafe-database"
  /** An option or argument is wrong. */
  | "invalid-argument"
  /** A rate limit refuses the attempt: nothing was reserved. */
  | "rate-limited"
  /** The request with this Idempotency-Key was begun before: nothing was reserved. */
  | "request-known"
  /** The call may not be sent (any more); nothing was sent: settle it as not sent. */
  | "may-not-send"
  /** Another sent the call or gave it up: send nothing and settle nothing. */
  | "not-yours"
  /**
   * The database is not the one that was accepted last, and may have lost payments. Nothing was reserved, written or sent; the message
   * says what to do. In `acceptDatabase`: it is not the one that was `seen`.
   */
  | "database-changed"
  /** The clocks of the process and the database lie too far apart to send calls; the message says what to do. */
  | "clock-skew"
  /** What the gateway said yes to is in the journal and could not be told to the database; `recover()` did everything else. */
  | "not-replayed"
  /** The call to settle, or the link, is not in the record. */
  | "no-such-call"
  /** The notification's transaction is kept masked, and must be named by whoever releases it; nothing was changed. */
  | "masked-tid"
  /** `close()` was called: nothing may be reserved any more, and no worker started. */
  | "closing"
  /** The virtual account's transaction is another payment's; nothing was written. */
  | "tid-used"
  /** A row would have broken a rule of the ledger; nothing was written. */
  | "broken-rule"
  /** Billing keys are only kept encrypted, and no secrets were given: the message says what to do. */
  | "no-secrets"
  /** The consumer was removed, or its removal has not ended: nothing is delivered to it, and the message says what to do. */
  | "consumer-removed"
  /** A stored billing key cannot be decrypted: another secret, or a row that was changed. */
  | "unreadable-key";

/** An error of the ledger. Its text never carries a value from a row. */
export class LedgerError extends Error {
  override readonly name: string = "LedgerError";
  /** With `rate-limited`: milliseconds until the fullest counter starts anew. */
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
 * The database could not do the work. In `reserveApproval`, `reserveCancel` and `markSending` it means: nothing may be
 * sent. In `settle` it means: what is known is not yet durable; settle again.
 */
export class LedgerUnavailableError extends LedgerError {
  override readonly name = "LedgerUnavailableError";

  constructor(
    message: string,
    /** The database's own code, such as `57P01`, if it sent one. */
    readonly sqlState: string | undefined,
    options?: { cause?: unknown },
  ) {
    super("unavailable", message, options);
  }
}

/** Something that should not stay as it is, and stops nothing yet. */
export interface LedgerWarning {
  readonly code: /** The clocks of the process and the database lie more than a minute apart. */
    | "clock-skew"
    /** The database has standbys, and waits for none of them: one that takes over may lack payments. */
    | "asynchronous-standby";
  readonly message: string;
}

export type Warn = (code: LedgerWarning["code"], message: string) => void;

const againMs = 60 * 60_000;

/** Each kind at most once an hour, since what is wrong is found again with every call. */
export function warner(
  onWarning: (warning: LedgerWarning) => void = emitWarning,
  monotonic: () => number,
): Warn {
  const told = new Map<LedgerWarning["code"], number>();
  return (code, message) => {
    const now = monotonic();
    const last = told.get(code);
    if (last !== undefined && now - last < againMs) return;
    told.set(code, now);
    try {
      onWarning({ code, message });
    } catch {
      // No payment fails because nobody can be told.
    }
  };
}

function emitWarning({ code, message }: LedgerWarning): void {
  process.emitWarning(message, { type: "PayApiLedgerWarning", code });
}

/**
 * Refuses options by what is wrong with them.
 *
 * @throws LedgerError `invalid-argument`, which names them and no value
 */
export function refuseOptions(
  problems: readonly { readonly field: string; readonly message: string }[],
): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ field, message }) => `${field} ${message}`);
  throw new LedgerError("invalid-argument", lines.join("; "));
}
