import { Pool, type PoolClient } from "pg";
import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import { UniqueConflict } from "../port.js";

const connectMs = 10_000;

/** A connection string, or a pool of the merchant's own. */
export type Database = string | Pool;

export interface OpenPool {
  readonly pool: Pool;
  /** Ends the pool if it was opened here; another's is only let go of. */
  close(): Promise<void>;
}

export function openPool(database: Database): OpenPool {
  // A setting that is missing in the environment is undefined, whatever the types say.
  if (!database) {
    throw new LedgerError(
      "invalid-argument",
      "database is missing: give a connection string such as postgres://user:password@host:5432/shop, or a pool of pg",
    );
  }
  if (typeof database !== "string") return { pool: database, close: listenToErrors(database) };
  // No setting of the session: a pooler such as PgBouncer refuses those, and hands the session to others.
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

/** A pooled connection that breaks while idle is replaced by the next query; unheard, it would end the process. */
export function ignore(): void {}

/** How many have each pool of the merchant's open: one listener serves them all, until the last one lets go. */
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

/** A pool of the merchant's own may wait for ever for a free connection; a payment does not. */
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
      reject(new Error("The pool gave no connection in time"));
    }, connectMs);
    pool
      .connect()
      .then((client) => (tooLate ? client.release() : resolve(client)), reject)
      .finally(() => clearTimeout(timer));
  });
}

/** An error of `pg` as ours, without the values PostgreSQL likes to quote in its details. */
export function rethrowWrapped(error: unknown): never {
  const { code, constraint, severity } = error as {
    code?: unknown;
    constraint?: unknown;
    severity?: unknown;
  };
  // Only the server sends a severity: the EPIPE of a socket looks like a SQLSTATE too.
  const fromServer = typeof severity === "string" && typeof code === "string";
  const sqlState = fromServer && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (sqlState === "23505" && typeof constraint === "string") throw new UniqueConflict(constraint);
  if (error instanceof Error) {
    for (const name of ["detail", "where", "internalQuery"]) Reflect.deleteProperty(error, name);
  }
  if (sqlState?.startsWith("23")) {
    throw new LedgerError("broken-rule", "The database refused a row that would break a rule", {
      cause: error,
    });
  }
  throw new LedgerUnavailableError(`The ledger's database ${whyUnavailable(sqlState)}`, sqlState, {
    cause: error,
  });
}

function whyUnavailable(sqlState: string | undefined): string {
  if (sqlState === undefined) return "cannot be reached";
  const why = `refused the work (${sqlState})`;
  // A protocol violation: what a pooler says to anything it cannot do.
  return sqlState === "08P01"
    ? `${why}: a pooler before it must keep transactions together, so session or transaction pooling`
    : why;
}

export const defaultSchema = "payapi";

/** The name, quoted for SQL. It becomes part of statements, so only plain identifiers are taken. */
export function quotedSchema(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name) || /^pg_/i.test(name)) {
    throw new LedgerError(
      "invalid-argument",
      "schema must be a plain identifier: letters, digits and _, at most 63 characters, not beginning with pg_",
    );
  }
  return `"${name}"`;
}
