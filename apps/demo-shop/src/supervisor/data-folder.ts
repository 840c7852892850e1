import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxMerchant } from "@payapi/sandbox";
import { startChild } from "./child.js";

const guardianScript = fileURLToPath(new URL("./data-folder-guardian.js", import.meta.url));

/** Creates a folder that only this user can read, and that is removed even if this process is killed. */
export async function openDataFolder() {
  const path = await mkdtemp(join(tmpdir(), "ondam-demo-"));
  const guardian = startChild({ name: "data-folder", script: guardianScript, args: [path], env: {} });
  return {
    path,
    /** The guardian process: it ends with this process and all children that hold it, and removes the folder. */
    guardian,
    async remove(): Promise<void> {
      await guardian.stop();
      // In case the guardian was killed.
      await rm(path, { recursive: true, force: true });
    },
  };
}

/**
 * Writes the settings of the operators' CLI to a file of variables. A password must be neither on a screen nor on a command line, which
 * every user of the machine can read.
 *
 * @returns the file's path
 */
export async function writeOperatorFile(
  folder: string,
  { databaseUrl, journal }: { readonly databaseUrl: string; readonly journal: string },
): Promise<string> {
  const path = join(folder, "operator.env");
  const variables = {
    PAYAPI_ENVIRONMENT: "sandbox",
    PAYAPI_MID: sandboxMerchant.mid,
    LEDGER_JOURNAL: journal,
    // With a database of the user, the journal is kept as well.
    ...(databaseUrl === process.env.DATABASE_URL ? {} : { DATABASE_URL: databaseUrl }),
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
  await writeFile(path, lines.join(""), { mode: 0o600 });
  return path;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
