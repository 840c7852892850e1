import { execFile } from "node:child_process";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cachedFolder } from "./cache-folder.js";

const run = promisify(execFile);
const findInstalled = createRequire(import.meta.url);
const unpackProgram = fileURLToPath(new URL("./chromium-unpack.js", import.meta.url));
const starterName = "start-chromium";

/** The Chromium from npm, which exists for Linux on x64 only. */
export async function npmChromium(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `No Chrome or Chromium found, and there is none on npm for ${process.platform}-${process.arch}: ` +
        "install one, or set CHROME_PATH to its executable",
    );
  }
  const installed = resolve(dirname(findInstalled.resolve("@sparticuz/chromium")), "..", "..");
  const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    version: string;
  };
  const folder = await cachedFolder(`chromium-${version}`, unpack);
  return join(folder, starterName);
}

async function unpack(folder: string): Promise<void> {
  await run(process.execPath, [unpackProgram], {
    // The package adds the libraries that a bare system lacks only where it believes to run on AWS Lambda.
    env: { PATH: process.env.PATH, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" },
  });
  await writeFile(join(folder, "fonts", "fonts.conf"), fontConfiguration);
  await writeFile(join(folder, starterName), starter, { mode: 0o755 });
  for (const name of [".", ...(await readdir(folder))]) await chmod(join(folder, name), 0o755);
}

// The system's own libraries and fonts come first: the ones from npm are for containers that have none.
const starter = `#!/bin/sh
here=$(dirname "$0")
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts/fonts.conf"
"$here/chromium" --version >/dev/null 2>&1 ||
  export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/al2023/lib"
exec "$here/chromium" "$@"
`;

const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
