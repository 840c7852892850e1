import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, inject, test } from "vitest";
import type { Child } from "../dist/supervisor/child.js";
import { startDemo } from "../dist/supervisor/demo.js";
import { findPort, startServer } from "../dist/supervisor/ports.js";
import { listen } from "./support/listen.js";
import { familyOf, survivorsOf } from "./support/processes.js";
import { addressesOf, type RunningDemo, runDemo } from "./support/run-demo.js";
import { createTestDatabase } from "./support/test-database.js";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
let demo: RunningDemo | undefined;

afterEach(() => {
  demo?.process.kill("SIGKILL");
  demo = undefined;
});

describe("the demo's main program", () => {
  test("npm run demo refuses an option, since it has none", () => {
    const script = fileURLToPath(new URL("../../../scripts/demo.mjs", import.meta.url));
    const { status, stderr, stdout } = spawnSync(process.execPath, [script, "--prot", "3"], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("옵션이 없습니다: --prot");
    expect(stderr).toContain("takes no option: --prot");
  });

  test("starts everything with a database of its own, and SIGTERM ends all of it with exit code 0", async () => {
    demo = runDemo();
    const addresses = await addressesOf(demo);
    expect(demo.output()).toContain("4111 1111 1111 1111");
    for (const url of Object.values(addresses)) expect((await fetch(url)).status).toBe(200);

    // The link was used up by the line above, and the next one is printed.
    const [, next = ""] = await demo.shows(/next staff link: (http:\S+)/);
    expect((await fetch(addresses.backOffice)).status).toBe(403);
    expect((await fetch(next)).status).toBe(200);

    // Typed in the repository, the command works; what it needs to know is in a file, and nowhere on the screen.
    const [command = "", operatorFile = ""] = await demo.shows(/\(set -a; \. '(.+)'; node .+\)/);
    const secret = /^DATABASE_URL='(.+)'$/m.exec(await readFile(operatorFile, "utf8"))?.[1] ?? "";
    expect(new URL(secret).password).toHaveLength(32);
    expect(demo.output()).not.toContain(new URL(secret).password);
    const said = spawnSync("sh", ["-c", command], { cwd: repository, encoding: "utf8", timeout: 30_000 });
    expect(said).toMatchObject({ status: 0, stdout: expect.stringContaining("없습니다") });
    const folder = dirname(operatorFile);
    expect((await readdir(folder)).sort()).toEqual(["journal", "operator.env"]);

    const family = familyOf(demo.process.pid);
    expect(family.map(({ command }) => command).join("\n")).toMatch(/postgres/);
    expect(family.length).toBeGreaterThan(4);
    demo.process.kill("SIGTERM");
    expect(await demo.ended).toEqual([0, null]);
    expect(survivorsOf(family)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    for (const url of Object.values(addresses)) await expect(fetch(url)).rejects.toThrow();
  });
});

test("a failed start leaves nothing behind", async () => {
  const database = await createTestDatabase(inject("databaseUrl"));
  const before = familyOf(process.pid).length;
  const stopping = new AbortController();
  const log = () => stopping.abort(new Error("enough"));
  const ports = { storefront: 0, backOffice: 0, sandbox: 0 };
  const journal = join(tmpdir(), `ondam-journal-${randomUUID()}`);
  await expect(
    startDemo({ ports, databaseUrl: database.url, journal, log, signal: stopping.signal }),
  ).rejects.toThrow("enough");
  expect(familyOf(process.pid).length).toBeLessThanOrEqual(before);
  await database.drop();
  await rm(journal, { recursive: true, force: true });
});

test("another port is used if another program takes the found port first, even one that answers requests", async () => {
  const other = createHttpServer((_request, response) => response.end("somebody else")).listen(
    0,
    "127.0.0.1",
  );
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const script = fileURLToPath(new URL("./support/listening-process.mjs", import.meta.url));
  const children = new Set<Child>();
  const { url, child } = await startServer({ port, wanted: 0, children, signal: undefined }, (_url, at) => ({
    name: "server",
    script,
    args: [String(at)],
    env: {},
    listens: /^listening$/,
  }));
  expect(await (await fetch(url)).text()).toBe("the right one");
  expect([...children]).toEqual([child]);
  await child.stop();
  other.close();
});

test("a port that is held, or promised, is not offered", async () => {
  const held = await listen(0);
  const found = await findPort(held.port, new Set([held.port + 1]));
  expect(found).toBeGreaterThan(held.port + 1);
  held.close();
});
