import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, statfs } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { plainTemporaryFolder } from "./cache-folder.js";
import { clockEnvironment } from "./environment.js";
import { postgresBinaries } from "./postgres-binaries.js";
import type { RunningServer, ServerRequest } from "./postgres-server.js";
import { serverUser } from "./server-user.js";

/** A running PostgreSQL server. */
export interface LocalPostgres {
  /** Connection string of a superuser, with a password made for this server. */
  readonly url: string;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}

/** The options of the server. */
export interface LocalPostgresOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** Settings by name, such as `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Keeps its files in memory where this machine has room for them, so that it syncs in no time. Default: `false`. */
  readonly inMemory?: boolean;
  /** Starts it as a hot standby that waits for a primary: it can be read and not written. */
  readonly standby?: boolean;
  /**
   * A data folder to begin with, which is copied; by default an empty database. Of a running server, it should be the folder of a moment without
   * writes, right after a checkpoint. The copy has the roles and passwords of the original.
   */
  readonly copyOf?: string;
}

type Guardian = ChildProcessByStdio<Writable, Readable, null>;

const guardianProgram = fileURLToPath(new URL("./postgres-guardian.js", import.meta.url));
const guardianMs = 20_000;
const roomInMemory = 4 * 1024 ** 3;

/**
 * Starts a real PostgreSQL 18 from npm on 127.0.0.1, with an empty database and fsync on. It ends with this process
 * at the latest, however this process ends, and does not keep this process alive by itself.
 *
 * @throws if PostgreSQL is not available for this platform or user; the message says what to do
 */
export async function startLocalPostgres({
  inMemory = false,
  ...options
}: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const user = serverUser();
  const request: ServerRequest = {
    binaries: await postgresBinaries(),
    temporary: (inMemory && (await memoryFolder())) || (await plainTemporaryFolder()),
    ...(user === undefined ? {} : { user }),
    ...options,
  };
  // Detached, so that Ctrl-C in a terminal reaches the program using the database first, and never this process.
  const guardian = spawn(process.execPath, [guardianProgram], {
    cwd: "/",
    detached: true,
    env: { PATH: process.env.PATH, ...clockEnvironment() },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => guardian.once("exit", () => resolve()));
  guardian.stdin.on("error", () => {});
  guardian.stdin.write(`${JSON.stringify(request)}\n`);
  const server = await firstAnswer(guardian);
  guardian.once("exit", () => void removeOrphan(server));
  setKeepingAlive(guardian, false);

  return {
    url: server.url,
    async stop() {
      setKeepingAlive(guardian, true);
      guardian.stdin.end();
      const kill = setTimeout(() => guardian.kill("SIGKILL"), guardianMs);
      await ended;
      clearTimeout(kill);
      await removeOrphan(server);
    },
  };
}

/** Linux keeps files in memory here. A container may have next to no room in it. */
async function memoryFolder(): Promise<string | undefined> {
  const folder = "/dev/shm";
  const room = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return room < roomInMemory ? undefined : folder;
}

async function firstAnswer(guardian: Guardian): Promise<RunningServer> {
  const [line] = await Promise.race([
    once(createInterface({ input: guardian.stdout }), "line") as Promise<[string]>,
    once(guardian, "exit").then(() => [""] as [string]),
  ]);
  const answer = JSON.parse(line || '{"error":"its guardian process ended at once"}') as
    | RunningServer
    | { error: string };
  if ("error" in answer) {
    throw new Error(
      `No local PostgreSQL: ${answer.error}\nDATABASE_URL can name a PostgreSQL server of your own instead`,
    );
  }
  return answer;
}

function setKeepingAlive(guardian: Guardian, alive: boolean): void {
  const pipes = [guardian.stdin, guardian.stdout].filter((pipe) => pipe instanceof Socket);
  for (const handle of [guardian, ...pipes]) {
    if (alive) handle.ref();
    else handle.unref();
  }
}

/** Cleans up in case the guardian was killed; usually there is nothing to do. */
async function removeOrphan({ folder, pid }: RunningServer): Promise<void> {
  const lock = await readFile(join(folder, "data", "postmaster.pid"), "utf8").catch(() => "");
  if (lock.startsWith(`${pid}\n`)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
