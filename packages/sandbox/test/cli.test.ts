import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { actions, clearings } from "../src/control/actions.js";
import { faultKinds, ruleChoices, sandboxMerchant, testCards } from "../src/index.js";
import { approvalForm, formRequest, paths } from "./support/merchant.js";
import { exchange } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";

const BIN = fileURLToPath(new URL("../bin/payapi-sandbox.mjs", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Run {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly output: () => string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const exited = new Promise<Awaited<Run["exited"]>>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal, output })),
  );
  return { child, output: () => output, exited };
}

async function started({ output }: Run): Promise<string> {
  await expect.poll(output, { timeout: 30_000 }).toContain("Ctrl-C");
  const [url] = /https?:\/\/\S+/.exec(output()) ?? [];
  if (!url) throw new Error("no address printed");
  return url;
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "the CLI serves, and exits cleanly on %s despite a stalled call",
  async (signal) => {
    const sandbox = run("--port", "0");
    const url = await started(sandbox);
    for (const { number } of testCards) expect(sandbox.output()).toContain(number);
    expect(sandbox.output()).toContain("sandbox001");
    const approval = (oid: string) => formRequest(paths.approve, approvalForm({ oid }));
    expect((await exchange(url, approval("order-1"))).status).toBe(200);
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ fault: "stall-after-commit" });
    expect((await exchange(url, { path: "/_sandbox/faults", headers, body })).status).toBe(201);
    const stalled = exchange(url, approval("order-2"));
    await expect.poll(sandbox.output, { timeout: 30_000 }).toContain("fault stall-after-commit");
    sandbox.child.kill(signal);
    expect(await sandbox.exited).toMatchObject({ code: 0, signal: null });
    expect((await stalled).raw).toBe("");
    expect((await exchange(url, approval("order-3"))).end).toBe("ECONNREFUSED");
  },
);

test("the CLI accepts a choice where the guide is silent", async () => {
  const url = await started(run("--", "--port", "0", "--duplicate-oid", "accept"));
  for (const _ of [1, 2]) {
    const request = formRequest(paths.approve, approvalForm({ oid: "order-1" }));
    expect((await exchange(url, request)).body).toContain(`"ResultCode":"00"`);
  }
});

test("the CLI reads merchants from a file, and prints no keys", async () => {
  const folder = await mkdtemp(join(tmpdir(), "payapi-sandbox-"));
  try {
    const file = join(folder, "merchants.json");
    const merchant = { ...sandboxMerchant, mid: "mine", signKey: "a-sign-key-of-mine" };
    await writeFile(file, JSON.stringify([merchant]));
    const sandbox = run("--port", "0", "--merchants", file, "--escrow-url", "http://127.0.0.1:1/escrow");
    const url = await started(sandbox);
    expect(sandbox.output()).toContain("Merchant mine");
    expect(sandbox.output()).not.toMatch(/a-sign-key-of-mine|1{16}|sandbox001/);
    const body = JSON.stringify({ oid: "order-1", price: 100, mid: "mine" });
    const headers = { "Content-Type": "application/json" };
    expect((await exchange(url, { path: "/_sandbox/escrow-payments", headers, body })).status).toBe(201);
    await writeFile(file, JSON.stringify([{ mid: "x", signKey: "a-secret-key" }]));
    const wrong = await run("--merchants", file).exited;
    expect([wrong.code, wrong.output.includes("a-secret-key")]).toEqual([2, false]);
    const foreign = await run("--port", "0", "--escrow-url", "https://shop.example/").exited;
    expect([foreign.code, foreign.output]).toEqual([1, expect.stringContaining("escrowUrl")]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the CLI lists its options with --help", async () => {
  const { code, output } = await run("--help").exited;
  expect(code).toBe(0);
  const rules = Object.keys(ruleChoices).map((name) =>
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
  for (const option of ["port", "merchants", "deposit-url", "escrow-url", ...rules])
    expect(output).toContain(`--${option}`);
  for (const path of [...Object.keys(actions), ...Object.keys(clearings)]) expect(output).toContain(path);
  for (const kind of faultKinds) expect(output).toContain(kind);
  for (const choice of Object.values(ruleChoices).flat()) expect(output).toContain(choice);
});

test.each([
  [["--prot", "4010"], "--prot"],
  [["4010"], "4010"],
  [["--port"], "--port"],
  [["--port", "http"], "--port"],
  [["--port", "70000"], "--port"],
  [["--duplicate-oid", "maybe"], "--duplicate-oid"],
  [["--return-by", "pigeon"], "--return-by"],
  [["--merchants", "/nowhere.json"], "--merchants"],
])("the CLI exits with code 2 for the invalid arguments %j", async (args, named) => {
  const { code, output } = await run(...args).exited;
  expect(code).toBe(2);
  expect(output).toContain("payapi-sandbox: ");
  expect(output).toContain(named);
  expect(output).not.toMatch(/\n\s+at /);
});

test("the CLI reports a busy port in one line, with exit code 1", async () => {
  const { url } = await sandboxFor();
  const { port } = new URL(url);
  const { code, output } = await run("--port", port).exited;
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`^payapi-sandbox: Port ${port} on 127\\.0\\.0\\.1 is in use.*\\n$`));
});
