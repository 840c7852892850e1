import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { expect, onTestFinished, test } from "vitest";

const vitestProgram = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);
const fixture = join(import.meta.dirname, "fixtures", "global-setup");

test("without DATABASE_URL a run gets a server of its own, which is gone after it", async () => {
  const { folder } = await runFixture({});
  expect(folder).toMatch(/payapi-postgres-/);
  expect(existsSync(folder)).toBe(false);
});

test("with DATABASE_URL a run uses that server and leaves it alone", async () => {
  const postgres = await startLocalPostgres();
  onTestFinished(postgres.stop);
  const { url, folder } = await runFixture({ DATABASE_URL: postgres.url });
  expect(url).toBe(postgres.url);
  expect(existsSync(folder)).toBe(true);
});

async function runFixture(env: { DATABASE_URL?: string }): Promise<{ url: string; folder: string }> {
  const { DATABASE_URL: _ignored, ...rest } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [vitestProgram, "run", "--root", fixture], {
    env: { ...rest, ...env },
  });
  const report = JSON.parse(stdout) as {
    testResults: [{ assertionResults: [{ meta: { server: { url: string; folder: string } } }] }];
  };
  return report.testResults[0].assertionResults[0].meta.server;
}
