/**
 * `npm run test:days`: `npm test` on other days, in another zone and locale, as another user, in a folder whose name has a
 * space and Hangul. `npm run test:days -- 2028-02-29` runs one row of the table, `-- --weekly` the next one each week.
 *
 * The calendar clock of every process is moved (lib/moved-clock.c), PostgreSQL's and Chromium's too. A row whose clock
 * can't be moved fails. Run as root, it runs some rows as root and some as `nobody`; run as another user, all of them as that user.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { close } from "./lib/report.mjs";
import { run, stopOnSignals } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

const newYork = { TZ: "America/New_York", LANG: "C", LC_ALL: "C" };

/** `at` is left out where the clock stays; `asRoot` counts only where root runs this. */
const rows = [
  { name: "2027-02-28", at: "2027-02-28T23:58:00+09:00", asRoot: true },
  { name: "2028-02-29", at: "2028-02-29T00:01:00+09:00", asRoot: false },
  { name: "2031-01-01", at: "2031-01-01T00:00:00+09:00", asRoot: true },
  { name: "new-york", env: newYork, asRoot: false },
];

// npm tells its scripts the paths of the user who started it.
const withoutNpm = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^npm_/i.test(name))
    .map((name) => [name, undefined]),
);

const weekMs = 7 * 24 * 60 * 60 * 1000;
const mostClockErrorMs = 60_000;

stopOnSignals();
const chosen = choose(process.argv.slice(2));
const isRoot = process.getuid?.() === 0;
const place = mkdtempSync(join(realTemporaryFolder(), "payapi-days-"));
// Also where a signal ends this script.
process.on("exit", () => rmSync(place, { recursive: true, force: true }));
const results = [];
const copies = new Map();
for (const row of chosen) {
  const user = isRoot && !row.asRoot ? nobody() : undefined;
  const copy = copies.get(user?.name) ?? (await prepareCopy(user));
  copies.set(user?.name, copy);
  results.push({ row, user: user?.name ?? userInfo().username, ...(await runRow(row, copy)) });
}

console.log("\nday            user    passed  failed  seconds");
for (const { row, user, passed, failed, seconds } of results) {
  const cells = [row.name.padEnd(14), user.padEnd(7), String(passed).padStart(6), String(failed).padStart(7)];
  console.log(`${cells.join(" ")} ${String(seconds).padStart(8)}`);
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
close(sum("passed"), sum("failed"));

function choose(given) {
  if (given.length === 0) return rows;
  if (given[0] === "--weekly") return [rows[Math.floor(Date.now() / weekMs) % rows.length]];
  const unknown = given.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no day ${unknown.join(", ")}. Choose from: ${rows.map(({ name }) => name).join(", ")}`,
    );
    process.exit(2);
  }
  return rows.filter(({ name }) => given.includes(name));
}

/** The project as it is in the working tree, built, in a folder that this user owns. */
async function prepareCopy(user) {
  const home = join(place, user?.name ?? "self");
  const folder = join(home, "새 가게 2");
  mkdirSync(folder, { recursive: true });
  const listed = execFileSync("git", ["ls-files", "-coz", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of listed.split("\0")) {
    if (path === "" || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  if (user) {
    execFileSync("chmod", ["755", place]);
    execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, home]);
  }
  const env = user ? { ...withoutNpm, HOME: home, USER: user.name, LOGNAME: user.name } : {};
  const copy = { folder, env, user: user && { uid: user.uid, gid: user.gid } };
  // With the clock as it is: the certificates of a package registry are not valid in every year.
  const { code, output } = await inCopy(copy, ["run", "build"], {}, true);
  if (code !== 0) throw new Error(`The copy in ${folder} could not be built:\n${output}`);
  return copy;
}

async function runRow(row, copy) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  console.log(`\n== ${row.name}`);
  const env = { ...row.env, ...(row.at ? movedClock(row.at) : {}) };
  if (row.at) {
    const problem = await clockProblem(copy, env, row.at);
    if (problem !== undefined) {
      console.log(`failed  ${problem}`);
      return { passed: 0, failed: 1, seconds: seconds() };
    }
  }
  const { code, output } = await inCopy(copy, ["test"], env, true);
  console.log(output.trimEnd());
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  if (passed === undefined) return { passed: 0, failed: 1, seconds: seconds() };
  return { passed: Number(passed), failed: Math.max(Number(failed), code === 0 ? 0 : 1), seconds: seconds() };
}

/** The variables that start a process's clock at this moment; it then runs on as fast as ours. */
function movedClock(at) {
  return {
    LD_PRELOAD: movedClockLibrary(),
    MOVED_CLOCK_SECONDS: String(Math.round((Date.parse(at) - Date.now()) / 1000)),
  };
}

function movedClockLibrary() {
  const library = join(place, "moved-clock.so");
  if (existsSync(library)) return library;
  if (process.platform !== "linux") {
    throw new Error(`The clock can't be moved on ${process.platform}: start this on Linux`);
  }
  const source = join(root, "scripts", "lib", "moved-clock.c");
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], { stdio: "pipe" });
  } catch (error) {
    const why = error.stderr?.toString() || error.message;
    throw new Error(
      `The clock can't be moved without a C compiler, on Debian: apt-get install gcc libc6-dev\n${why}`,
    );
  }
  execFileSync("chmod", ["755", place, library]);
  return library;
}

/** Returns the problem with the clocks of Node.js, PostgreSQL and Chromium, if any. */
async function clockProblem(copy, env, at) {
  const { code, output } = await run(process.execPath, ["scripts/lib/tell-clocks.mjs"], {
    cwd: copy.folder,
    env: { ...copy.env, ...env },
    user: copy.user,
    quiet: true,
  });
  if (code !== 0) return `the clocks could not be read:\n${output}`;
  const clocks = Object.entries(JSON.parse(output.trim().split("\n").at(-1)));
  const wrong = clocks.filter(([, time]) => Math.abs(time - Date.parse(at)) > mostClockErrorMs);
  if (wrong.length === 0) return undefined;
  const shown = wrong.map(([name, time]) => `${name} says ${new Date(time).toISOString()}`);
  return `the clock can't be moved here: asked for ${at}, but ${shown.join(", ")}`;
}

function inCopy({ folder, env, user }, args, more, quiet) {
  return run("npm", args, { cwd: folder, env: { ...env, ...more }, user, quiet });
}

function nobody() {
  const id = (option) => Number(execFileSync("id", [option, "nobody"], { encoding: "utf8" }).trim());
  return { name: "nobody", uid: id("-u"), gid: id("-g") };
}

/** A folder for temporary files that every user may walk through. */
function realTemporaryFolder() {
  return existsSync("/tmp") ? "/tmp" : tmpdir();
}
