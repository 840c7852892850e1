import type { LogEntry, Logger } from "./options.js";

/** The logger as the handler's own code uses it. Its functions never throw. */
export interface Log {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Creates the log of a handler from the merchant's logger. A logger that throws or rejects changes no answer and cannot end the
 * process; its entry goes to the console instead.
 */
export function createLog(logger: Logger = consoleLogger): Log {
  const write =
    (level: LogEntry["level"]) => (fields: Readonly<Record<string, unknown>>, message: string) => {
      const entry = { ...fields, level, message };
      const failed = () => consoleLogger(entry);
      try {
        Promise.resolve(logger(entry)).catch(failed);
      } catch {
        failed();
      }
    };
  return { warn: write("warn"), error: write("error") };
}

function consoleLogger({ level, message, ...fields }: LogEntry): void {
  try {
    console[level](message, fields);
  } catch {
    // A closed standard error must not prevent an answer.
  }
}
