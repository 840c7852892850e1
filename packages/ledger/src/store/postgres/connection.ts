import { createHash } from "node:crypto";
import type { ClientBase, Pool, PoolClient, QueryConfig, QueryResult } from "pg";
import { LedgerUnavailableError } from "../../errors.js";
import { answered, connect, giveUp, ignore, release, rethrowWrapped } from "./pool.js";

/** A value of a row as PostgreSQL writes it. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The kinds of transactions. */
export type Mode = "read" | "write" | "migrate";

// Commits wait for the disk, even if the server's or the role's default is asynchronous.
const durable = ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL synchronous_commit = on"];
const path = "SET LOCAL search_path = pg_catalog";
// Limits every transaction, so that none locks an order for long.
const statementLimit = "SET LOCAL statement_timeout = '10s'";
const idleLimit = "SET LOCAL idle_in_transaction_session_timeout = '15s'";

/**
 * How each kind of transaction begins. Settings are local to the transaction: behind a pooler such as PgBouncer, the next one runs in another
 * session, and other programs use this session.
 */
export const beginnings: Record<Mode, string> = {
  read: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", path, statementLimit, idleLimit].join("; "),
  write: [...durable, path, statementLimit, idleLimit].join("; "),
  // A migration may change millions of rows, so it has no time limit.
  migrate: [
    ...durable,
    path,
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = 0",
    idleLimit,
  ].join("; "),
};

/** How long to wait for an answer: longer than the statement timeout, for a server that is silent. */
const answerMs: Record<Mode, number> = {
  read: 15_000,
  write: 15_000,
  // Practically unlimited: a lost server shows as a lost connection.
  migrate: 2 ** 31 - 1,
};

/** A query with a timeout, which overrides that of the pool. The types of `pg` lack `query_timeout`. */
export function limited(mode: Mode, text: string): { readonly text: string; readonly query_timeout: number } {
  return { text, query_timeout: answerMs[mode] };
}

/** Queries of one transaction. */
export interface Queries {
  /** When the transaction began, by the database's clock. */
  readonly startedAt: Date;
  query(text: string, values?: readonly unknown[]): Promise<TextRow[]>;
}

/** Returns every value as text, since the program may have changed the type parsers of `pg` for the whole process. */
const asText = { getTypeParser: () => (value: string) => value };

/** Serialization failure and deadlock: the database has rolled the transaction back. */
const rolledBack = ["40001", "40P01"];
/** A migration changed a table for which this session has a cached plan. Another session plans again. */
const plannedBefore = "0A000";
/** SQLSTATEs with which the server ends a connection, at a shutdown or on command. */
const sessionEnded = ["57P01", "57P02", "57P03", "57P05"];
const attempts = 5;
const staleConnectionMs = 2_000;

/** The prepared statement is missing or different in the session that a pooler chose. The transaction was rolled back. */
const namesMixedUp = ["26000", "42P05"];

/** Pools behind a pooler that does not track prepared statements: their statements are not named. */
const withoutNames = new WeakSet<Pool>();

/**
 * Runs `work` in a transaction. Runs it again if the transaction certainly left nothing behind: the database rolled it back, or the connection was
 * dead before it began.
 *
 * @throws LedgerUnavailableError if it did not commit, or if it is unknown whether it did
 */
export async function transact<T>(
  pool: Pool,
  mode: Mode,
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  const since = performance.now();
  for (let attempt = 1; ; attempt++) {
    const client = await connect(pool, mode === "migrate");
    const progress = { begun: false };
    const isNamed = !withoutNames.has(pool);
    try {
      return await transactOnce(client, mode, { progress, isNamed }, work);
    } catch (error) {
      const sqlState = error instanceof LedgerUnavailableError ? error.sqlState : undefined;
      if (isNamed && namesMixedUp.includes(sqlState ?? "")) {
        withoutNames.add(pool);
        continue;
      }
      const stale = !progress.begun && performance.now() - since < staleConnectionMs;
      const isOutdated = sqlState === plannedBefore && attempt === 1;
      const leftNothing = stale || isOutdated || rolledBack.includes(sqlState ?? "");
      if (attempt === attempts || !leftNothing) throw error;
    }
  }
}

/** One statement with its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether it only reads, so that it may be repeated over another connection. */
  readonly readsOnly: boolean;
}

/**
 * Runs one statement as its own transaction, in a single round trip. Runs it again if it certainly left nothing behind.
 *
 * @throws LedgerUnavailableError if it did not commit, or if it is unknown whether it did
 */
export async function runAlone(
  pool: Pool,
  { text, values, readsOnly }: Statement,
): Promise<TextRow | undefined> {
  const since = performance.now();
  for (let attempt = 1; ; attempt++) {
    const client = await connect(pool);
    const isNamed = !withoutNames.has(pool);
    client.on("error", ignore);
    let usable = true;
    try {
      return (await run(client, readsOnly ? "read" : "write", text, { values, isNamed }))[0];
    } catch (error) {
      const sqlState = error instanceof LedgerUnavailableError ? error.sqlState : undefined;
      const isBroken = isConnectionLost(error);
      usable = !isBroken && sqlState !== plannedBefore;
      if (isNamed && namesMixedUp.includes(sqlState ?? "")) {
        withoutNames.add(pool);
        continue;
      }
      const isStale = readsOnly && isBroken && performance.now() - since < staleConnectionMs;
      const isOutdated = sqlState === plannedBefore && attempt === 1;
      const leftNothing = isStale || isOutdated || rolledBack.includes(sqlState ?? "");
      if (attempt === attempts || !leftNothing) throw error;
    } finally {
      client.off("error", ignore);
      release(client, usable);
    }
  }
}

/** Whether the connection is unusable after this error. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof LedgerUnavailableError)) return false;
  return error.sqlState === undefined || sessionEnded.includes(error.sqlState);
}

async function transactOnce<T>(
  client: PoolClient,
  mode: Mode,
  how: {
    readonly progress: { begun: boolean };
    readonly isNamed: boolean;
  },
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  // A connection that is lost between two queries: the next query reports it.
  client.on("error", ignore);
  let usable = false;
  try {
    const [row] = await run(
      client,
      mode,
      `${beginnings[mode]}; SELECT ${milliseconds("clock_timestamp()")} AS now`,
    );
    how.progress.begun = true;
    const result = await work({
      startedAt: new Date(Number(row?.now)),
      query: (text, values) => run(client, mode, text, { values, isNamed: how.isNamed }),
    });
    await commit(client, mode);
    usable = true;
    return result;
  } catch (error) {
    // No rollback over a lost connection, which would only time out. A session with outdated plans is closed.
    const isOutdated = error instanceof LedgerUnavailableError && error.sqlState === plannedBefore;
    usable = !isConnectionLost(error) && !isOutdated && (await rollBack(client, mode));
    throw error;
  } finally {
    client.off("error", ignore);
    release(client, usable);
  }
}

async function commit(client: ClientBase, mode: Mode): Promise<void> {
  const { command } = await ask(client, limited(mode, "COMMIT"));
  // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, without an error.
  if (command !== "COMMIT") {
    throw new LedgerUnavailableError(
      "The ledger's database rolled the transaction back: try again",
      undefined,
    );
  }
}

async function rollBack(client: ClientBase, mode: Mode): Promise<boolean> {
  try {
    await ask(client, limited(mode, "ROLLBACK"));
    return true;
  } catch {
    // The connection is lost, and the transaction with it. The first error says why.
    return false;
  }
}

async function run(
  client: ClientBase,
  mode: Mode,
  text: string,
  {
    values,
    isNamed = false,
  }: { readonly values?: readonly unknown[] | undefined; readonly isNamed?: boolean } = {},
): Promise<TextRow[]> {
  // The server plans a named statement once per session.
  const given =
    values === undefined ? {} : { values: [...values], ...(isNamed ? { name: nameOf(text) } : {}) };
  const config = { ...limited(mode, text), ...given, types: asText };
  const result = await ask(client, config);
  // Several statements at once give several results; the last one counts.
  const results: readonly QueryResult<TextRow>[] = Array.isArray(result) ? result : [result];
  return results.at(-1)?.rows ?? [];
}

/** Asks the server, and notes whether it answered. A refusal is an answer. */
async function ask(client: ClientBase, config: QueryConfig): Promise<QueryResult<TextRow>> {
  try {
    const result = await client.query<TextRow>(config);
    answered(client);
    return result;
  } catch (error) {
    // The words of `pg` for a query that took longer than its `query_timeout`.
    if (error instanceof Error && error.message === "Query read timeout") giveUp(client);
    else answered(client);
    return rethrowWrapped(error);
  }
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `payapi_${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** A time, as SQL: whole milliseconds since 1970, independent of the session's DateStyle and time zone. */
export function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::bigint`;
}
