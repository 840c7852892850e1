import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxMerchant } from "@payapi/sandbox";
import { startChild } from "./child.js";

const guardianScript = fileURLToPath(new URL("./data-folder-guardian.js", import.meta.url));

/** Makes a folder that only this user can read, and that is removed however this process ends. */
export async function openDataFolder() {
  const path = await mkdtemp(join(tmpdir(), "ondam-demo-"));
  const guardian = startChild({ name: "data-folder", script: guardianScript, args: [path], env: {} });
  return {
    path,
    /** Ends when this process and every child that holds it are gone, and takes the folder with it. */
    guardian,
    async remove(): Promise<void> {
      await guardian.stop();
      // In case it had been killed.
      await rm(path, { recursive: true, force: true });
    },
  };
}

/**
 * Writes down what the operator's tool must know to work on this demo, as variables for a shell: a password belongs neither on a
 * screen nor on a command line, where every user of the machine can read it.
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
    // Somebody's own database stays where its owner has it.
    ...(databaseUrl === process.env.DATABASE_URL ? {} : { DATABASE_URL: databaseUrl }),
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
  await writeFile(path, lines.join(""), { mode: 0o600 });
  return path;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
