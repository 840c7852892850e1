import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { here, modulesOf, publishedPackages } from "./support/published.js";

/** Loads every entry in a plain Node.js, by `require` and by `import`, and prints the names of each. */
const script = `
const entries = JSON.parse(process.argv[1]);
const required = entries.map((entry) => Object.keys(require(entry)).filter((name) => name !== "__esModule").sort());
Promise.all(entries.map((entry) => import(entry))).then((modules) => {
  const imported = modules.map((module) => Object.keys(module).sort());
  console.log(JSON.stringify({ required, imported }));
});`;

describe("in Node.js", () => {
  const entries = publishedPackages.flatMap((each) => [...each.entries.keys()]);

  it.each([
    ["as it is", []],
    ["as Next.js renders", ["--conditions=react-server"]],
  ])("every entry can be required and imported, %s", async (_name, flags) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...flags, "-e", script, JSON.stringify(entries)],
      { cwd: here, timeout: 30_000 },
    );
    const { required, imported } = JSON.parse(stdout) as { required: string[][]; imported: string[][] };
    expect(required).toEqual(imported);
    expect(required.every((names) => names.length > 0)).toBe(true);
    expect(required[entries.indexOf("@payapi/core")]).toContain("createPayApi");
  });

  it.runIf(process.platform !== "win32")(
    "everything that a shop imports loads where a process may open 128 files",
    async () => {
      const shop = ["core", "core/handler", "core/notifications", "ledger", "express-middleware"];
      const imports = shop.map((entry) => `import "@payapi/${entry}";`).join("");
      const command = `ulimit -n 128 && exec "$0" --input-type=module -e '${imports}'`;
      const loaded = promisify(execFile)("sh", ["-c", command, process.execPath], {
        cwd: here,
        timeout: 30_000,
      });
      await expect(loaded).resolves.toEqual({ stdout: "", stderr: "" });
    },
  );

  it.each(publishedPackages.map((each) => [each.name, each] as const))(
    "TypeScript with moduleResolution node10 finds the types of every entry of %s",
    (_name, { entries, olderTypes }) => {
      const types = [...entries].map(([entry, conditions]) => [entry, conditions.types] as const);
      expect(olderTypes).toEqual(new Map(types));
    },
  );

  it.each(publishedPackages.map((each) => [each.name, each] as const))(
    "no module of %s awaits at its top, so require() can load all of them",
    async (_name, each) => {
      const modules = modulesOf(each);
      expect(modules.length).toBeGreaterThan(0);
      for (const path of modules) {
        // esbuild cannot write a module that awaits as CommonJS, and says so.
        const source = await readFile(path, "utf8");
        const written = transform(source, { format: "cjs", sourcefile: path, logLevel: "silent" });
        await expect(written).resolves.toHaveProperty("code");
      }
    },
  );
});
