/** What a transaction is for. */
export type Mode = "read" | "write" | "migrate";

// Others may have made their database faster than safe; a commit of ours is on disk.
const durable = ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL synchronous_commit = on"];
const path = "SET LOCAL search_path = pg_catalog";
// Whatever the merchant's pool allows, no transaction of ours keeps an order locked for long.
const statementLimit = "SET LOCAL statement_timeout = '10s'";
const idleLimit = "SET LOCAL idle_in_transaction_session_timeout = '15s'";

/**
 * How each begins. Everything is set for one transaction only: behind a pooler such as PgBouncer the next one has another
 * session, and this session is somebody else's next.
 */
export const beginnings: Record<Mode, string> = {
  read: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", path, statementLimit, idleLimit].join("; "),
  write: [...durable, path, statementLimit, idleLimit].join("; "),
  // Changing millions of rows takes longer than any payment may.
  migrate: [
    ...durable,
    path,
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = 0",
    idleLimit,
  ].join("; "),
};

/** Longer than the server may work on an answer: for a server that fell silent. */
const answerMs: Record<Mode, number> = {
  read: 15_000,
  write: 15_000,
  // As good as for ever: that the server is gone shows on its connection.
  migrate: 2 ** 31 - 1,
};

/** A query with its limit, which wins over that of a pool of the merchant's own. The types of `pg` do not have it. */
export function limited(mode: Mode, text: string): { readonly text: string; readonly query_timeout: number } {
  return { text, query_timeout: answerMs[mode] };
}
