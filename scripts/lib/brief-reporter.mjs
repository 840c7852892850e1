import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./workspace.mjs";

const mostLines = 40;
const mostCharacters = 300;

/**
 * A vitest reporter for people who read a whole run: one line for each package, and each failure once, at the end, with
 * what repeats it. With `verbose`, also a line for each test as it ends. It leaves its figures for scripts/test.mjs.
 *
 * @implements {import("vitest/node").Reporter}
 */
export class BriefReporter {
  /** @type {Map<string, string>} what was printed while a test ran, by the test's id */
  #printed = new Map();
  /** @type {Map<string, { files: number, left: number, tests: number, failed: number, startedAt: number }>} */
  #packages = new Map();

  /**
   * @param {{ command: string, figures: string, verbose: boolean }} options what runs one file of this tier, where the
   * figures go, and how much to print
   */
  constructor({ command, figures, verbose }) {
    this.command = command;
    this.figures = figures;
    this.verbose = verbose;
  }

  onTestRunStart(specifications) {
    for (const { project } of specifications) {
      const found = this.#packages.get(project.name);
      if (found) {
        found.files += 1;
        found.left += 1;
      } else {
        this.#packages.set(project.name, { files: 1, left: 1, tests: 0, failed: 0, startedAt: Date.now() });
      }
    }
  }

  onUserConsoleLog({ taskId, content }) {
    if (this.verbose) process.stdout.write(content);
    else if (taskId !== undefined) this.#printed.set(taskId, (this.#printed.get(taskId) ?? "") + content);
  }

  onTestCaseResult(test) {
    const { state } = test.result();
    if (state === "passed") this.#printed.delete(test.id);
    if (!this.verbose) return;
    const ms = Math.round(test.diagnostic()?.duration ?? 0);
    console.log(`${state.padEnd(7)} ${place(test.module)} > ${test.fullName} (${ms} ms)`);
  }

  onTestModuleEnd(module) {
    const found = this.#packages.get(module.project.name);
    if (found === undefined) return;
    found.left -= 1;
    for (const test of module.children.allTests()) {
      found.tests += 1;
      if (test.result().state === "failed") found.failed += 1;
    }
    if (!module.ok() && found.failed === 0) found.failed = 1;
    if (found.left > 0) return;
    const { tests, files, failed } = found;
    console.log(
      `${failed === 0 ? "passed" : "FAILED"}  ${module.project.name}: ${tests} tests in ${files} files`,
    );
  }

  onTestRunEnd(modules, unhandled, reason) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures = /** @type {string[]} */ ([]);
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === "pending") continue;
        counts[state] += 1;
        if (state === "failed") failures.push(this.#failure(module, test.fullName, errors, test.id));
      }
      // A file that did not load, and a hook that threw, fail without a test of their own.
      const broken = [module, ...module.children.allSuites()].filter((each) => each.errors().length > 0);
      for (const each of broken) {
        counts.failed += 1;
        failures.push(this.#failure(module, "fullName" in each ? each.fullName : "", each.errors()));
      }
    }
    for (const error of unhandled) {
      counts.failed += 1;
      failures.push(`an error outside of any test\n${indent(errorText(error))}`);
    }
    if (reason === "interrupted") failures.push("the run was interrupted");
    mkdirSync(dirname(this.figures), { recursive: true });
    const packages = [...this.#packages].map(([name, { tests }]) => ({ name, tests }));
    writeFileSync(this.figures, JSON.stringify({ ...counts, packages, failures }));
  }

  #failure(module, title, errors, id) {
    const file = place(module);
    const printed = (id !== undefined && this.#printed.get(id)) || "";
    const again = `${this.command} -- ${file}${title === "" ? "" : ` -t ${quoted(pattern(title))}`}`;
    return [
      title === "" ? file : `${file} > ${title}`,
      ...errors.map((error) => indent(errorText(error))),
      ...(printed === "" ? [] : [indent(`printed meanwhile:\n${printed.trimEnd()}`)]),
      indent(`repeat it: ${again}`),
    ].join("\n");
  }
}

/** @returns {string} a test file's path from the project's root, as `npm test -- <path>` takes it */
function place(module) {
  return relative(root, module.moduleId);
}

/** The message, the difference, and the places in our own files that lead to it. */
function errorText(error) {
  const { name, message, diff, stacks = [], cause } = error;
  const places = stacks
    .filter(({ file }) => file !== undefined && !file.includes("node_modules"))
    .map(({ file, line, column }) => `at ${relative(root, file)}:${line}:${column}`);
  return [
    `${name ?? "Error"}: ${message}`,
    ...(diff ? [diff] : []),
    ...places.slice(0, 4),
    ...(cause?.message ? [`cause: ${cause.message}`] : []),
  ].join("\n");
}

function indent(text) {
  const lines = stripVTControlCharacters(text).split("\n");
  const shown = lines.slice(0, mostLines).map((line) => `    ${line.slice(0, mostCharacters)}`);
  if (lines.length > mostLines) shown.push(`    … ${lines.length - mostLines} more lines`);
  return shown.join("\n");
}

/** vitest takes a regular expression. Spaces stand between the names of groups and test, as in the full name. */
function pattern(title) {
  const text = title.replaceAll(" > ", " ").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return `${text}$`;
}

/** @param {string} text for a POSIX shell */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
