import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { expect, test, vi } from "vitest";
import { query } from "./query.js";

test("a parent killed with SIGKILL takes server and data with it", async () => {
  const { parent, pid, data } = await startInAnotherProcess();
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(
    () => expect({ alive: isAlive(pid), data: existsSync(data) }).toEqual({ alive: false, data: false }),
    {
      timeout: 60_000,
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
      timeout: 60_000,
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
      timeout: 60_000,
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
