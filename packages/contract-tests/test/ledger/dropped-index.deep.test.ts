import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { databaseUrl } from "./new-schema.js";

const vitestProgram = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);
const fixture = join(import.meta.dirname, "fixtures", "without-index");

/** The store's suite on one schema for each unique index, which lacks that one; the names of what failed by index. */
function suiteWithoutEach(): ReadonlyMap<string, readonly string[]> {
  const { stdout } = spawnSync(process.execPath, [vitestProgram, "run", "--root", fixture], {
    encoding: "utf8",
    env: { ...process.env, DATABASE_URL: databaseUrl },
    maxBuffer: 64 * 2 ** 20,
  });
  const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    testResults: readonly {
      assertionResults: readonly { ancestorTitles: readonly string[]; title: string; status: string }[];
    }[];
  };
  const failed = new Map<string, string[]>();
  for (const { ancestorTitles, title, status } of report.testResults.flatMap(
    (file) => file.assertionResults,
  )) {
    const index = /without (\S+)/.exec(ancestorTitles[0] ?? "")?.[1];
    if (index === undefined) continue;
    const names = failed.get(index) ?? [];
    failed.set(index, names);
    if (status === "failed") names.push([...ancestorTitles.slice(1), title].join(" "));
  }
  return failed;
}

const failures = suiteWithoutEach();

describe("the store's suite", () => {
  it("passes with all unique indexes", () => {
    expect(failures.get("nothing")).toEqual([]);
    expect(failures.size).toBeGreaterThan(15);
  });

  it.each([...failures.keys()].filter((index) => index !== "nothing"))(
    "fails without the unique index %s",
    (index) => {
      expect(failures.get(index)).not.toEqual([]);
    },
  );
});
