import { readFileSync } from "node:fs";
import { cp, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { nodeScript, type RunningServer, runToEnd, startServer } from "./processes.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where each published package was packed, by name. */
    tarballs: Record<string, string>;
  }
}

/** A merchant's project outside the workspace, with everything installed. */
export interface Project {
  readonly folder: string;
  /** Runs one of its scripts or programs to the end; fails the test unless it succeeds. */
  run(script: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

const root = new URL("../../../../", import.meta.url);

/** The version of a package that this workspace uses, from the catalog. */
export function catalogVersion(name: string): string {
  const catalog = readFileSync(new URL("pnpm-workspace.yaml", root), "utf8").split(/^catalog:$/m)[1] ?? "";
  const line = catalog.split("\n").find((each) => each.trim().replaceAll('"', "").startsWith(`${name}: `));
  if (line === undefined) throw new Error(`The catalog has no ${name}.`);
  return line.slice(line.lastIndexOf(": ") + 2).trim();
}

/** An older version that the workspace tests beside the catalog's, such as `next15`. */
export function olderVersion(alias: string): string {
  const path = new URL("packages/contract-tests/package.json", root);
  const { devDependencies } = JSON.parse(readFileSync(path, "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const version = /@([\d.]+)$/.exec(devDependencies[alias] ?? "")?.[1];
  if (version === undefined) throw new Error(`contract-tests has no exact ${alias}.`);
  return version;
}

/** Copies a fixture to a fresh folder and installs it with npm; everything of ours comes from the tarballs. */
export async function installProject(
  fixture: "express5" | "express4" | "next" | "create-next-app" | "older-tools" | "tracing",
  type: "module" | "commonjs",
  dependencies: Readonly<Record<string, string>>,
): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `payapi-${fixture}-`)));
  // The CLI's tests keep what create-next-app writes.
  const home = fixture === "create-next-app" ? "../../../cli" : "../..";
  await cp(fileURLToPath(new URL(`${home}/fixtures/${fixture}/`, import.meta.url)), folder, {
    recursive: true,
  });
  const ours = Object.fromEntries(
    Object.entries(inject("tarballs")).map(([name, path]) => [name, `file:${path}`]),
  );
  const manifest = {
    name: `payapi-${fixture}-consumer`,
    private: true,
    type,
    dependencies: { ...dependencies, ...ours },
    overrides: Object.fromEntries(Object.keys(ours).map((name) => [name, `$${name}`])),
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  const project: Project = {
    folder,
    run: async (script, ...args) => {
      const place = { cwd: folder, timeoutMs: 180_000 };
      const { code, output } = await runToEnd(nodeScript(join(folder, script), ...args), place);
      if (code !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${code}:\n${output}`);
      return output;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    const place = { cwd: folder, env: process.env, timeoutMs: 180_000 };
    const { code, output } = await runToEnd(["npm", ["install", ...flags]], place);
    if (code !== 0) throw new Error(`npm install ended with ${code}:\n${output}`);
  } catch (error) {
    await project.remove();
    throw error;
  }
  return project;
}

/** Starts the sandbox that the project has installed. */
export function startSandbox({ folder }: Project): Promise<RunningServer> {
  const bin = nodeScript(join(folder, "node_modules/.bin/payapi-sandbox"), "--port", "0");
  return startServer(bin, { cwd: folder, timeoutMs: 20_000 });
}

/** What the sandbox took: the prices of its transactions. */
export async function takenPrices(sandbox: RunningServer): Promise<number[]> {
  const response = await fetch(`${sandbox.url}/_sandbox/book`, { signal: AbortSignal.timeout(10_000) });
  const { transactions } = (await response.json()) as { transactions: { price: number }[] };
  return transactions.map(({ price }) => price);
}

/** The settings of a shop of the sandbox's published merchant. */
export function shopSettings(sandbox: RunningServer, publicUrl: string) {
  return {
    PAYAPI_URL: sandbox.url,
    PAYAPI_MID: "sandbox001",
    PAYAPI_SIGN_KEY: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
    PAYAPI_FIELD_KEY: "11111111111111111111111111111111",
    PAYAPI_FIELD_IV: "1111111111111111",
    PUBLIC_URL: publicUrl,
  };
}
