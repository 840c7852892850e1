import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { childEnvironment } from "@payapi/dev-services/environment";
import type {} from "@payapi/dev-services/vitest";
import { startSandbox } from "@payapi/sandbox";
import pg from "pg";
import { expect, inject, it, onTestFinished } from "vitest";

const packages = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs the first JavaScript block of a package's README as it stands there; gives what it prints. */
async function runExample(name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const readme = await readFile(join(packages, name, "README.md"), "utf8");
  const [, example] = /^```js\n(.*?)^```/ms.exec(readme) ?? [];
  if (example === undefined) throw new Error(`${name} has no example`);
  // Beside this package's own modules, so that the packages' names lead where they lead a merchant.
  const folder = await mkdtemp(fileURLToPath(new URL("../../.readme-", import.meta.url)));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = join(folder, "example.mjs");
  await writeFile(script, example);
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: childEnvironment(env),
    timeout: 30_000,
  });
  return stdout;
}

it("core's example takes a payment", async () => {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.close());
  const printed = await runExample("core", { PAYAPI_URL: sandbox.url });
  const [payment] = sandbox.book.transactions;
  expect(printed).toContain(payment?.tid);
  expect(payment).toMatchObject({ price: 15_000, remaining: 15_000 });
});

it("the sandbox's example loses a reply after the money moved", async () => {
  expect(await runExample("sandbox")).toBe("unknown\n1\n");
});

it("the ledger's example pays, delivers, cancels and balances", async () => {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.close());
  const name = `readme_${randomBytes(6).toString("hex")}`;
  const server = new pg.Client({ connectionString: inject("databaseUrl") });
  await server.connect();
  onTestFinished(() => server.end());
  await server.query(`create database ${name}`);
  onTestFinished(async () => {
    await server.query(`drop database ${name} with (force)`);
  });
  const database = new URL(inject("databaseUrl"));
  database.pathname = `/${name}`;
  const printed = await runExample("ledger", { PAYAPI_URL: sandbox.url, DATABASE_URL: database.href });
  expect(printed.split("\n")).toEqual(
    expect.arrayContaining(["200 paid", "{ gateway: 0, paid: 0, suspense: 0 }", "cancelled 42"]),
  );
  expect(sandbox.book.transactions).toMatchObject([{ price: 15_000, remaining: 0 }]);
});
