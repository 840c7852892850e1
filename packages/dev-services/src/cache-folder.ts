import { randomUUID } from "node:crypto";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const manifestName = "payapi-manifest.json";

/**
 * A folder for temporary files whose path every program understands: plain ASCII without spaces, and, for root, one
 * that another user may walk through. The clone's own path may have neither property.
 */
export async function plainTemporaryFolder(): Promise<string> {
  for (const candidate of [tmpdir(), "/tmp"]) {
    const path = await realpath(candidate).catch(() => undefined);
    if (path !== undefined && /^[\x21-\x7e]+$/.test(path) && (await isReachableByOthers(path))) return path;
  }
  throw new Error(
    "No usable folder for temporary files: set TMPDIR to a folder with a plain ASCII path without spaces",
  );
}

async function isReachableByOthers(path: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await lstat(folder)).mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

/**
 * A folder in the temporary files that is filled once and then shared by every later start of this user.
 *
 * @param name tells the content and its version
 * @param fill writes the content into the empty folder it is given
 * @returns the path of the filled folder
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const home = await ownedHome();
  // Cleaners of old temporary files can hollow out a folder that a running program still uses. Such a folder is
  // passed over, never repaired, so that no start ever removes what another start has just begun to use.
  for (let generation = 0; generation < 20; generation += 1) {
    const folder = join(home, generation === 0 ? name : `${name}-${generation}`);
    if (await isIntact(folder)) return folder;
    if (await exists(folder)) continue;
    if ((await fillAtomically(home, folder, fill)) || (await isIntact(folder))) return folder;
  }
  throw new Error(`Too many damaged folders in ${home}: remove it and start again`);
}

async function ownedHome(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const home = join(await plainTemporaryFolder(), `payapi-dev-services-${uid}`);
  const created = await mkdir(home).then(
    () => true,
    () => false,
  );
  if (created) await chmod(home, 0o755);
  const found = await lstat(home);
  // Programs are started from here: a folder that someone else prepared, or may write to, must not be trusted.
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${home} is not a folder that only this user can write to: remove it and start again`);
  }
  return home;
}

async function fillAtomically(
  home: string,
  folder: string,
  fill: (folder: string) => Promise<void>,
): Promise<boolean> {
  const staging = await mkdtemp(join(home, `filling-${randomUUID().slice(0, 8)}-`));
  try {
    await fill(staging);
    await chmod(staging, 0o755);
    await writeFile(join(staging, manifestName), JSON.stringify(await measure(staging)));
    await rename(staging, folder);
    return true;
  } catch (error) {
    if (isAlreadyThere(error)) return false;
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function isIntact(folder: string): Promise<boolean> {
  try {
    const expected: unknown = JSON.parse(await readFile(join(folder, manifestName), "utf8"));
    const found = await measure(folder);
    return JSON.stringify(found) === JSON.stringify(expected);
  } catch {
    return false;
  }
}

/** Every file with its size, in a fixed order. */
async function measure(folder: string): Promise<[string, number][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && entry.name !== manifestName)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), (await lstat(path)).size] as [string, number]),
  );
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function isAlreadyThere(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOTEMPTY" || code === "EEXIST";
}
