import { createHash } from "node:crypto";
import type { ClientBase, Pool, PoolClient, QueryResult } from "pg";
import { LedgerUnavailableError } from "../../errors.js";
import { connect, ignore, rethrowWrapped } from "./pool.js";

/** A value of a row as PostgreSQL writes it. */
export type TextRow = Readonly<Record<string, string | null>>;

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

/** Queries of one transaction. */
export interface Queries {
  /** When the transaction began, by the database's clock. */
  readonly startedAt: Date;
  /** The row that was asked for alongside the beginning; `undefined` if none was, or the server refused it. */
  readonly alongside?: TextRow | undefined;
  query(text: string, values?: readonly unknown[]): Promise<TextRow[]>;
}

/**
 * Every value arrives as text: a merchant's own pool may have changed the parsers of `pg` for the whole process.
 */
const asText = { getTypeParser: () => (value: string) => value };

/** Serialization failure and deadlock: the database says itself that nothing of the transaction is left. */
const rolledBack = ["40001", "40P01"];
/** A migration changed a table under a statement that this session has planned: another session plans anew. */
const plannedBefore = "0A000";
/** The server's last words over a connection that it ends: an operator or a shutdown told it to. */
const sessionEnded = ["57P01", "57P02", "57P03", "57P05"];
const attempts = 5;
const staleConnectionMs = 2_000;

/** A statement's name means nothing, or something else, in the session that a pooler gave: nothing of the transaction is left. */
const namesMixedUp = ["26000", "42P05"];

/** Pools behind a pooler that gives each transaction another session and does not follow names: there, statements have none. */
const withoutNames = new WeakSet<Pool>();

/**
 * Runs `work` in a transaction; again if it certainly left nothing behind: the database rolled it back to end a
 * deadlock, or the pool had handed out a connection that was dead before it began.
 *
 * @param alongside a query of one row, which the statement that begins the transaction asks too: without a round trip of its own
 * @throws LedgerUnavailableError when it did not commit, or nobody knows whether it did
 */
export async function transact<T>(
  pool: Pool,
  mode: Mode,
  work: (queries: Queries) => Promise<T>,
  alongside?: string,
): Promise<T> {
  const since = performance.now();
  for (let attempt = 1; ; attempt++) {
    const client = await connect(pool);
    const progress = { begun: false };
    const isNamed = !withoutNames.has(pool);
    try {
      return await transactOnce(client, mode, { progress, isNamed, alongside }, work);
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

/** One statement, and which shape of answer is expected of it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether it only reads, so that it may be asked again over another connection. */
  readonly readsOnly: boolean;
}

/**
 * Runs one statement that is a transaction of its own, in a single round trip; again if it certainly left nothing behind.
 *
 * @throws LedgerUnavailableError when it did not commit, or nobody knows whether it did
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
      client.release(!usable);
    }
  }
}

/** Whether no further statement can be sent over the connection that the error came from. */
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
    readonly alongside: string | undefined;
  },
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  // Between two queries nobody listens for a lost connection; the next query reports it.
  client.on("error", ignore);
  let usable = false;
  try {
    const begun = await begin(client, mode, how.alongside);
    how.progress.begun = true;
    const result = await work({
      ...begun,
      query: (text, values) => run(client, mode, text, { values, isNamed: how.isNamed }),
    });
    await commit(client, mode);
    usable = true;
    return result;
  } catch (error) {
    // Over a connection that failed, a rollback would only wait for the same answer again; a session with old plans keeps them.
    const isOutdated = error instanceof LedgerUnavailableError && error.sqlState === plannedBefore;
    usable = !isConnectionLost(error) && !isOutdated && (await rollBack(client, mode));
    throw error;
  } finally {
    client.off("error", ignore);
    client.release(!usable);
  }
}

async function begin(
  client: ClientBase,
  mode: Mode,
  alongside: string | undefined,
): Promise<Pick<Queries, "startedAt" | "alongside">> {
  const statements = `${beginnings[mode]}; SELECT ${milliseconds("clock_timestamp()")} AS now`;
  const both =
    alongside && `${statements}, also.* FROM (VALUES (1)) AS one LEFT JOIN (${alongside}) AS also ON true`;
  const read = both === undefined ? undefined : await unlessRefused(client, mode, both);
  const { now, ...also } = read ?? (await run(client, mode, statements))[0] ?? {};
  return { startedAt: new Date(Number(now)), alongside: read && also };
}

/** The first row, or `undefined` if the server refused the statements; the caller then asks separately and gets the cause. */
async function unlessRefused(
  client: ClientBase,
  mode: Mode,
  statements: string,
): Promise<TextRow | undefined> {
  try {
    return (await run(client, mode, statements))[0];
  } catch (error) {
    const isRefused = error instanceof LedgerUnavailableError && error.sqlState !== undefined;
    if (isRefused && (await rollBack(client, mode))) return undefined;
    throw error;
  }
}

async function commit(client: ClientBase, mode: Mode): Promise<void> {
  const { command } = await client.query(limited(mode, "COMMIT")).catch(rethrowWrapped);
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and without an error.
  if (command !== "COMMIT") throw new LedgerUnavailableError("The database rolled back", undefined);
}

async function rollBack(client: ClientBase, mode: Mode): Promise<boolean> {
  try {
    await client.query(limited(mode, "ROLLBACK"));
    return true;
  } catch {
    // The connection is gone, and the transaction with it; the first error says why.
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
  // With a name, the server plans a statement once for each session, and not each time.
  const given =
    values === undefined ? {} : { values: [...values], ...(isNamed ? { name: nameOf(text) } : {}) };
  const config = { ...limited(mode, text), ...given, types: asText };
  const result = await client.query<TextRow>(config).catch(rethrowWrapped);
  // Several statements at once give several results, of which the last one is asked for.
  const results: readonly QueryResult<TextRow>[] = Array.isArray(result) ? result : [result];
  return results.at(-1)?.rows ?? [];
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `payapi_${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** A time in SQL as whole milliseconds since 1970, whatever DateStyle and time zone the session has. */
export function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::bigint`;
}
