import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { Client } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolderOfOurOwn } from "./temporary-folder.js";

test("gives a real PostgreSQL 18 that syncs to disk and listens on this machine only", async () => {
  const postgres = await startLocalPostgres();
  onTestFinished(postgres.stop);
  const settings = await query(
    postgres.url,
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
            current_setting('server_encoding') as encoding`,
  );
  expect(settings).toEqual({
    version: expect.stringMatching(/^18\./),
    fsync: "on",
    addresses: "127.0.0.1",
    sockets: "",
    encoding: "UTF8",
  });
  const unicode = await query(postgres.url, "select upper('é') as upper, length('결제') as length");
  expect(unicode).toEqual({ upper: "É", length: 2 });
});

test("lets nobody in without the password", async () => {
  const postgres = await startLocalPostgres();
  onTestFinished(postgres.stop);
  const url = new URL(postgres.url);
  url.password = "guess";
  await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
});

test("stop ends the server, also under a client that holds a transaction open, and removes its data", async () => {
  const postgres = await startLocalPostgres();
  const [folder] = await query(postgres.url, "select current_setting('data_directory') as data").then(
    (row) => Object.values(row) as [string],
  );
  const client = new Client({ connectionString: postgres.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("begin");
  await postgres.stop();
  await postgres.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(query(postgres.url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("several starts at once do not disturb each other", async () => {
  const servers = await Promise.all([startLocalPostgres(), startLocalPostgres(), startLocalPostgres()]);
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  expect(new Set(servers.map((server) => server.url)).size).toBe(3);
  for (const server of servers) expect(await query(server.url, "select 1 as one")).toEqual({ one: 1 });
});

test("a port that another program holds is a clear error and leaves nothing behind", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  onTestFinished(() => void holder.close());
  const address = holder.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const temporary = await temporaryFolderOfOurOwn();
  await expect(startLocalPostgres({ port })).rejects.toThrow(`Port ${port} is in use`);
  expect((await readdir(temporary)).filter((name) => name.startsWith("payapi-postgres-"))).toEqual([]);
});

test("a parent killed with SIGKILL takes server and data with it", async () => {
  const { parent, pid, data } = await startInAnotherProcess();
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(
    () => expect({ alive: isAlive(pid), data: existsSync(data) }).toEqual({ alive: false, data: false }),
    {
      timeout: 15_000,
      interval: 50,
    },
  );
});

test("a parent that simply ends is not kept alive by the server, which ends too", async () => {
  const { parent, pid, data } = await startInAnotherProcess();
  parent.stdin?.end();
  await once(parent, "exit");
  expect(parent.exitCode).toBe(0);
  await vi.waitFor(
    () => expect({ alive: isAlive(pid), data: existsSync(data) }).toEqual({ alive: false, data: false }),
    {
      timeout: 15_000,
      interval: 50,
    },
  );
});

test("a guardian killed with SIGKILL leaves nothing behind either", async () => {
  const postgres = await startLocalPostgres();
  const row = await query(
    postgres.url,
    "select current_setting('data_directory') as data, pg_read_file('postmaster.pid') as lock",
  );
  const data = String(row.data);
  const pid = Number.parseInt(String(row.lock), 10);
  process.kill(parentOf(pid), "SIGKILL");
  await postgres.stop();
  await vi.waitFor(
    () => expect({ alive: isAlive(pid), data: existsSync(data) }).toEqual({ alive: false, data: false }),
    {
      timeout: 15_000,
      interval: 50,
    },
  );
});

async function startInAnotherProcess(): Promise<{ parent: ChildProcess; pid: number; data: string }> {
  const program = `
    import { startLocalPostgres } from "@payapi/dev-services/postgres";
    import { Client } from "pg";
    import { readFileSync } from "node:fs";
    const { url } = await startLocalPostgres();
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("select current_setting('data_directory') as data");
    await client.end();
    const pid = Number(readFileSync(rows[0].data + "/postmaster.pid", "utf8").split("\\n")[0]);
    console.log(JSON.stringify({ pid, data: rows[0].data }));
    process.stdin.resume();`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  return { parent, ...(JSON.parse(line) as { pid: number; data: string }) };
}

async function query(url: string, text: string): Promise<Record<string, unknown>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

function parentOf(pid: number): number {
  // Slim containers have no ps.
  return process.platform === "linux"
    ? Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
    : Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
