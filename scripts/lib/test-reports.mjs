import { existsSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { readJson, workspacePackages } from "./workspace.mjs";

const scriptOf = { fast: "test", deep: "test:deep" };

/** Packages with tests of a tier, and where vitest leaves its report of them. */
function reportsOf(tier) {
  return workspacePackages()
    .filter((each) => each.scripts[scriptOf[tier]] !== undefined)
    .map(({ name, folder }) => ({ name, folder, path: join(folder, ".test-reports", `${tier}.json`) }));
}

/** An old report must not stand in for a run that broke off. */
export function removeReports(tier) {
  for (const { path } of reportsOf(tier)) rmSync(path, { force: true });
}

/**
 * Adds up the reports of a tier. A package that did not run, or has no tests, and a file
 * that did not even load count as one failure each.
 *
 * @param {"fast" | "deep"} tier
 */
export function addUpReports(tier) {
  const total = { passed: 0, failed: 0, remarks: /** @type {string[]} */ ([]) };
  for (const { name, folder, path } of reportsOf(tier)) {
    if (!existsSync(path)) {
      total.failed += 1;
      total.remarks.push(`${name}: did not run`);
      continue;
    }
    const report = readJson(path);
    const broken = report.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
    );
    const empty = report.numTotalTests === 0 && broken.length === 0;
    const failed = report.numFailedTests + broken.length + (empty ? 1 : 0);
    total.passed += report.numPassedTests;
    total.failed += failed;
    if (empty) total.remarks.push(`${name}: has no tests`);
    const failures = report.testResults.flatMap((file) => failuresOf(name, folder, file));
    total.remarks.push(...failures.slice(0, mostTold));
    if (failures.length > mostTold) total.remarks.push(`${name}: ${failures.length - mostTold} more`);
  }
  return total;
}

/** How many failures of a package are told once more. */
const mostTold = 20;

/** The log of a whole run is long, and what failed stands somewhere in its middle: told once more, in short. */
function failuresOf(name, folder, file) {
  const where = `${name}: ${relative(folder, file.name)}`;
  const tests = file.assertionResults.filter((test) => test.status === "failed");
  if (tests.length === 0) return file.status === "failed" ? [`${where}\n${inShort(file.message)}`] : [];
  return tests.map((test) => `${where} > ${test.fullName}\n${inShort(test.failureMessages.join("\n"))}`);
}

function inShort(message) {
  const lines = stripVTControlCharacters(message).trim().split("\n");
  const ours = lines.filter((line) => !/^\s+at .*(node_modules|node:)/.test(line)).slice(0, 12);
  return ours.map((line) => `    ${line.slice(0, 300)}`).join("\n");
}
