import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { clockEnvironment } from "./environment.js";
import type { ServerUser } from "./server-user.js";

/** The options for the guardian. */
export interface ServerRequest {
  /** Folder with PostgreSQL's `bin`, `lib` and `share`. */
  readonly binaries: string;
  /** Folder in which the data folder is made. */
  readonly temporary: string;
  readonly user?: ServerUser;
  /** A free one when missing. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly standby?: boolean;
  readonly copyOf?: string;
}

/** The guardian's answer once the server accepts connections. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** Holds everything the server writes; removed at the end. */
  readonly folder: string;
}

const fastShutdownMs = 5_000;

/**
 * Makes a database cluster, serves it until `stop` fires, and removes it. Resolves when nothing is left.
 */
export async function servePostgres(
  request: ServerRequest,
  stop: AbortSignal,
  onReady: (server: RunningServer) => void,
): Promise<void> {
  const folder = await mkdtemp(join(request.temporary, "payapi-postgres-"));
  try {
    const password = randomBytes(24).toString("base64url");
    await createCluster(request, folder, password, stop);
    await serveCluster(request, folder, password, stop, onReady);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

async function createCluster(
  request: ServerRequest,
  folder: string,
  password: string,
  stop: AbortSignal,
): Promise<void> {
  if (request.copyOf !== undefined) {
    if (request.user !== undefined) await chown(folder, request.user.uid, request.user.gid);
    await copyCluster(request.copyOf, join(folder, "data"), request.user);
    if (request.standby) await writeFile(join(folder, "data", "standby.signal"), "");
    return;
  }
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (request.user !== undefined) {
    await chown(passwordFile, request.user.uid, request.user.gid);
    await chown(folder, request.user.uid, request.user.gid);
  }
  stop.throwIfAborted();
  const initdb = launch(request, folder, "initdb", [
    ...["--pgdata", join(folder, "data"), "--username", "postgres", "--pwfile", passwordFile],
    ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"],
    // The builtin provider knows Unicode without help from the machine, so texts sort alike everywhere.
    ...["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    // Many rounds protect passwords that people choose. This one is random, and tests connect thousands of times.
    ...["--set", "scram_iterations=1"],
  ]);
  const kill = () => initdb.process.kill("SIGKILL");
  stop.addEventListener("abort", kill, { once: true });
  const code = await initdb.closed;
  stop.removeEventListener("abort", kill);
  stop.throwIfAborted();
  if (code !== 0) throw new Error(`initdb failed: ${initdb.lastWords()}`);
  await rm(passwordFile);
  if (request.standby) await writeFile(join(folder, "data", "standby.signal"), "");
}

/** A folder of a running server changes while it is copied: what vanishes is not missed, since the log has it. */
async function copyCluster(from: string, to: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  if (user !== undefined) await chown(to, user.uid, user.gid);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (/^postmaster\.(pid|opts)$/.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await copyCluster(source, target, user);
      continue;
    }
    await copyFile(source, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (user !== undefined) await chown(target, user.uid, user.gid).catch(() => {});
  }
}

async function serveCluster(
  request: ServerRequest,
  folder: string,
  password: string,
  stop: AbortSignal,
  onReady: (server: RunningServer) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const port = request.port ?? (await freePort());
    const server = launch(request, folder, "postgres", [
      ...["-D", join(folder, "data"), "-p", String(port)],
      ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
      ...["-c", "max_connections=100", "-c", "timezone=UTC", "-c", "log_timezone=UTC"],
      ...Object.entries(request.settings ?? {}).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]);
    const { pid } = server.process;
    const ready = await Promise.race([
      server.said(`database system is ready to accept ${request.standby ? "read-only " : ""}connections`),
      server.closed.then(() => false),
      aborted(stop).then(() => false),
    ]);
    if (ready && pid !== undefined) {
      onReady({ url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, pid, folder });
      await Promise.race([server.closed, aborted(stop)]);
      if (stop.aborted) return shutDown(server);
      throw new Error(`PostgreSQL ended by itself: ${server.lastWords()}`);
    }
    await shutDown(server);
    stop.throwIfAborted();
    // Between finding a free port and taking it, another program may have been faster.
    const taken = server.lastWords().includes("Address already in use");
    if (taken && request.port !== undefined) throw new Error(`Port ${port} is in use by another program`);
    if (!taken || attempt === 5) throw new Error(`PostgreSQL did not start: ${server.lastWords()}`);
  }
}

async function shutDown(server: Launched): Promise<void> {
  const kill = setTimeout(() => server.process.kill("SIGKILL"), fastShutdownMs);
  server.process.kill("SIGINT");
  await server.closed;
  clearTimeout(kill);
}

interface Launched {
  readonly process: ChildProcess;
  /** Fires when the program and everything it started are gone, since they share its error output. */
  readonly closed: Promise<number | null>;
  said(words: string): Promise<true>;
  lastWords(): string;
}

function launch(request: ServerRequest, folder: string, program: string, args: string[]): Launched {
  const options: SpawnOptions = {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    // The server gets no PG* variables or secrets of the caller, but the caller's moved clock, since the ledger rejects a server with
    // another clock.
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC", ...clockEnvironment() },
    ...request.user,
  };
  const child = spawn(join(request.binaries, "bin", program), args, options);
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    output = (output + chunk).slice(-4_000);
  });
  const closed = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(null);
    });
    child.once("close", (code) => resolve(code));
  });
  return {
    process: child,
    closed,
    said: (words) =>
      new Promise((resolve) => {
        child.stderr?.on("data", () => {
          if (output.includes(words)) resolve(true);
        });
      }),
    lastWords: () => output.trim(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("No free port on 127.0.0.1"));
      });
    });
  });
}
