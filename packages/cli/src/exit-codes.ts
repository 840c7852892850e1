/** What the exit code of any command means; the README has the same table. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** The gateway or the ledger refused, or a check failed; nothing is uncertain. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** The outcome is unknown, or something needs review. */
  review: 3,
  /** The configuration is wrong or the tables are not ready; nothing was done. */
  configuration: 4,
  /** The gateway or the database was not reached; nothing was sent. */
  unreachable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
