import { Pool, type PoolClient } from "pg";
import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import { UniqueConflict } from "../port.js";

const connectMs = 10_000;

/** A connection string, or a `pg` pool. */
export type Database = string | Pool;

export interface OpenPool {
  readonly pool: Pool;
  /** Ends the pool if it was created here; of a pool that was passed in, removes the listener. */
  close(): Promise<void>;
}

export function openPool(database: Database): OpenPool {
  // A missing environment variable is undefined at runtime, against its type.
  const problem = !database
    ? "is missing"
    : typeof database === "string" && !isConnectionString(database)
      ? "is not a connection string"
      : undefined;
  if (problem !== undefined) {
    throw new LedgerError(
      "invalid-argument",
      `database ${problem}: give one such as postgres://user:password@host:5432/shop, or a pool of pg`,
    );
  }
  if (typeof database !== "string") return { pool: database, close: listenToErrors(database) };
  // Sets no session parameters: a pooler such as PgBouncer rejects them, or shares the session with others.
  const pool = new Pool({
    connectionString: database,
    application_name: "payapi-ledger",
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  pool.on("error", ignore);
  return { pool, close: () => pool.end() };
}

/** Whether a text is a URL of PostgreSQL or a socket's path. `pg` takes almost any text, and then fails without naming a cause. */
export function isConnectionString(text: string): boolean {
  if (/^(socket:|\/)/.test(text)) return true;
  // With a socket's folder in ?host=, there may be no host before it.
  return /^postgres(ql)?:\/\//i.test(text) && URL.canParse(text.replace("@/", "@localhost/"));
}

/** Ignores the error of an idle connection, which the next query replaces. An unhandled one would end the process. */
export function ignore(): void {}

/** How many ledgers use each pool that was passed in. They share one listener, which the last one removes. */
const openings = new WeakMap<Pool, number>();

function listenToErrors(pool: Pool): () => Promise<void> {
  const before = openings.get(pool) ?? 0;
  if (before === 0) pool.on("error", ignore);
  openings.set(pool, before + 1);
  let open = true;
  return async () => {
    if (!open) return;
    open = false;
    const left = (openings.get(pool) ?? 1) - 1;
    openings.set(pool, left);
    if (left === 0) pool.off("error", ignore);
  };
}

/** Gets a connection within a time limit, since a pool that was passed in may wait forever. */
export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await connectInTime(pool);
  } catch (error) {
    return rethrowWrapped(error);
  }
}

function connectInTime(pool: Pool): Promise<PoolClient> {
  return new Promise((resolve, reject) => {
    let tooLate = false;
    const timer = setTimeout(() => {
      tooLate = true;
      reject(
        new Error(
          `The pool gave no connection within ${connectMs} ms: raise its max, or look for hanging queries`,
        ),
      );
    }, connectMs);
    pool
      .connect()
      .then((client) => (tooLate ? client.release() : resolve(client)), reject)
      .finally(() => clearTimeout(timer));
  });
}

/** Rethrows an error of `pg` as an error of the ledger, without the row values that PostgreSQL quotes in its details. */
export function rethrowWrapped(error: unknown): never {
  const { code, constraint, severity } = error as {
    code?: unknown;
    constraint?: unknown;
    severity?: unknown;
  };
  // Only the server sends a severity. The EPIPE of a socket has the form of a SQLSTATE, too.
  const fromServer = typeof severity === "string" && typeof code === "string";
  const sqlState = fromServer && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (sqlState === "23505" && typeof constraint === "string") throw new UniqueConflict(constraint);
  if (error instanceof Error) {
    for (const name of ["detail", "where", "internalQuery"]) Reflect.deleteProperty(error, name);
  }
  if (sqlState?.startsWith("23")) {
    throw new LedgerError(
      "broken-rule",
      `The database refused a row that breaks a rule of the ledger (${sqlState})`,
      {
        cause: error,
      },
    );
  }
  throw new LedgerUnavailableError(`The ledger's database ${whyUnavailable(sqlState, code)}`, sqlState, {
    cause: error,
  });
}

/** What to do about a state that a wrong setting causes. */
const advice: Readonly<Record<string, string>> = {
  // A protocol violation: how a pooler answers everything that it does not support.
  "08P01": "a pooler in statement mode can't run transactions, so use session or transaction pooling",
  "28000": "the server refuses this role, so check the connection string",
  "28P01": "the role or its password is wrong, so check the connection string",
  "3D000": "the server has no database of this name, so check the connection string",
};

function whyUnavailable(sqlState: string | undefined, code: unknown): string {
  if (sqlState !== undefined) {
    const what = advice[sqlState];
    return `failed with SQLSTATE ${sqlState}${what === undefined ? "" : `: ${what}`}`;
  }
  // The system's name of the failure, such as ECONNREFUSED.
  const isName = typeof code === "string" && /^E[A-Z_]{3,30}$/.test(code);
  return `cannot be reached${isName ? ` (${code})` : ""}`;
}

export const defaultSchema = "payapi";

/** The schema's name, quoted for SQL. It becomes part of statements, so only plain identifiers are accepted. */
export function quotedSchema(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name) || /^pg_/i.test(name)) {
    throw new LedgerError(
      "invalid-argument",
      "schema must be a plain identifier: letters, digits and _, at most 63 characters, not beginning with pg_",
    );
  }
  return `"${name}"`;
}
