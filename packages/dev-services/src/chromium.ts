import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { npmChromium } from "./chromium-npm.js";

/** A browser's executable, with its arguments. */
export interface FoundChromium {
  readonly executablePath: string;
  readonly args: string[];
}

const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Finds a browser for tests: `CHROME_PATH`, else an installed Chrome or Chromium, else the one from npm.
 *
 * @throws if `CHROME_PATH` is not an executable, or no browser was found; the message says what to do
 */
export async function findChromium(): Promise<FoundChromium> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== "") {
    if (!(await isExecutable(named))) throw new Error(`CHROME_PATH is not an executable file: ${named}`);
    return { executablePath: named, args: quietArgs(isRoot()) };
  }
  const installed = await installedChromium();
  if (installed !== undefined) return { executablePath: installed, args: quietArgs(isRoot()) };
  // Many systems grant the user namespaces that the sandbox is made of to installed browsers only.
  return { executablePath: await npmChromium(), args: quietArgs(true) };
}

/** Starts the browser that {@link findChromium} finds, headless. Close it with `browser.close()`. */
export async function launchChromium(): Promise<Browser> {
  const { executablePath, args } = await findChromium();
  return chromium.launch({ executablePath, args, headless: true });
}

async function installedChromium(): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/snap/bin"];
  const onPath = folders
    .filter((folder) => folder.startsWith("/"))
    .flatMap((folder) => names.map((name) => join(folder, name)));
  const candidates = process.platform === "darwin" ? [...macApplications, ...onPath] : onPath;
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** No calls home, no GPU, and no sandbox where Chromium would refuse to start with one. */
function quietArgs(withoutSandbox: boolean): string[] {
  return [
    ...(withoutSandbox ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
