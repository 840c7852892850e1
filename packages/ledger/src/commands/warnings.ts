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
