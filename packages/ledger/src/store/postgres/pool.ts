import { createConnection } from "node:net";
import { type ClientBase, Pool, type PoolClient } from "pg";
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

/** What is known of how the database answers through a pool. */
interface Answering {
  /** The connections in use, and since when each has waited for an answer. */
  readonly waiting: Map<ClientBase | symbol, number>;
  lastAnswerAt: number;
  /** Whether a query was given up without an answer, and none was answered since. */
  isSilent: boolean;
}

const answering = new WeakMap<Pool, Answering>();
const poolOf = new WeakMap<ClientBase, Answering>();

/** How long without any answer, with several queries waiting, until the database counts as silent. */
const silentMs = 3_000;
const severalWaiting = 3;

/**
 * Gets a connection within a time limit, since a pool that was passed in may wait forever. While the database does not answer, one query at a
 * time asks whether it does again, and all others are refused at once: each query that is given up leaves a backend behind, and a database
 * whose standby is gone would otherwise run out of connections.
 *
 * @param isLong for work without a time limit, which says nothing about how the database answers
 */
export async function connect(pool: Pool, isLong = false): Promise<PoolClient> {
  if (isLong) return connectInTime(pool).catch(rethrowWrapped);
  const state = answering.get(pool) ?? {
    waiting: new Map(),
    lastAnswerAt: performance.now(),
    isSilent: false,
  };
  answering.set(pool, state);
  refuseWhenSilent(state);
  const place = Symbol("connecting");
  state.waiting.set(place, performance.now());
  try {
    const client = await connectInTime(pool);
    poolOf.set(client, state);
    state.waiting.set(client, performance.now());
    return client;
  } catch (error) {
    return rethrowWrapped(error);
  } finally {
    state.waiting.delete(place);
  }
}

function refuseWhenSilent(state: Answering): void {
  const { waiting, lastAnswerAt } = state;
  const since = performance.now() - silentMs;
  const long = [...waiting.values()].filter((begun) => begun < since);
  if (lastAnswerAt < since && long.length >= severalWaiting) state.isSilent = true;
  if (!state.isSilent || waiting.size === 0) return;
  throw new LedgerUnavailableError(
    "The ledger's database does not answer, so nothing new is asked until it does: look for a standby that commits wait for, or for locks",
    undefined,
  );
}

/** Notes that the database answered a query of this connection. */
export function answered(client: ClientBase): void {
  const state = poolOf.get(client);
  if (state === undefined) return;
  state.lastAnswerAt = performance.now();
  state.isSilent = false;
  if (state.waiting.has(client)) state.waiting.set(client, state.lastAnswerAt);
}

/** Gives up a query without an answer, and asks the server to cancel it: its backend may wait for a standby for ever. */
export function giveUp(client: ClientBase): void {
  const state = poolOf.get(client);
  if (state !== undefined) state.isSilent = true;
  // As libpq cancels: over a connection of its own, with the key of the session.
  const { processID, secretKey, host, port } = client as unknown as Session;
  if (processID == null || typeof secretKey !== "number" || host === undefined) return;
  const request = Buffer.alloc(16);
  for (const [index, number] of [16, 80_877_102, processID, secretKey].entries()) {
    request.writeInt32BE(number, index * 4);
  }
  const socket = host.startsWith("/")
    ? createConnection({ path: `${host}/.s.PGSQL.${port}` })
    : createConnection({ host, port: Number(port) });
  socket.on("error", ignore).setTimeout(connectMs, () => socket.destroy());
  socket.unref().end(request);
}

/** Fields of a client that the types of `pg` lack. */
interface Session {
  readonly processID?: number | null;
  readonly secretKey?: unknown;
  readonly host?: string;
  readonly port?: number;
}

/** Gives a connection back to its pool, or ends it if it is not usable. */
export function release(client: PoolClient, isUsable: boolean): void {
  poolOf.get(client)?.waiting.delete(client);
  client.release(!isUsable);
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
  "25006": "a standby can only be read, so connect to the primary",
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
