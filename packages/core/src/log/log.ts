/** An entry of the log. Its fields never contain card data, keys or billing keys. */
export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  /** What happened, as a stable name to search for: a line of docs/guides/logs.md. */
  readonly code: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/**
 * Writes an entry of the log. It may be asynchronous; if it throws or rejects, the entry goes to the console.
 *
 * @example
 * ```ts
 * const toPino: Logger = ({ level, message, ...fields }) => pino[level](fields, message);
 * const toWinston: Logger = (entry) => winston.log(entry);
 * const toConsole: Logger = ({ level, message, ...fields }) => console[level](message, fields);
 * ```
 */
export type Logger = (entry: LogEntry) => unknown;

/** A kind of entry. */
export interface LogLine {
  readonly level: LogEntry["level"];
  readonly message: string;
  /** What the operator does about it. */
  readonly action: string;
}

export type LogLines = Readonly<Record<string, LogLine>>;

export type LogFields = Readonly<Record<string, unknown>>;

/** Writes entries by their code. It never throws. */
export interface Log<Code extends string = string> {
  write(code: Code, fields?: LogFields): void;
}

/**
 * Creates a log from its lines and the merchant's logger. A logger that throws or rejects changes no answer and cannot end the
 * process; its entry goes to the console instead.
 */
export function createLog<Lines extends LogLines>(
  lines: Lines,
  logger: Logger = consoleLogger,
): Log<keyof Lines & string> {
  return {
    write(code, fields = {}) {
      const { level, message } = lines[code] as LogLine;
      const entry = { ...withoutUndefined(fields), level, code, message };
      const failed = () => consoleLogger(entry);
      try {
        Promise.resolve(logger(entry)).catch(failed);
      } catch {
        failed();
      }
    },
  };
}

function withoutUndefined(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function consoleLogger({ level, message, ...fields }: LogEntry): void {
  try {
    console[level](message, fields);
  } catch {
    // A closed standard error must not prevent an answer.
  }
}

/** Returns an error's code, such as `DEPTH_ZERO_SELF_SIGNED_CERT` or the ledger's `database-changed`. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[\w-]{1,60}$/.test(code) ? code : undefined;
}

/** Returns an error's class for logs, since its message may contain secrets. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
