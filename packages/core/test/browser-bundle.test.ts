import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { describe, expect, it } from "vitest";
import { operationList } from "../src/operations/index.js";

const folder = fileURLToPath(new URL("../", import.meta.url));
const entry = `${folder}src/browser/index.ts`;

describe("the browser client's bundle", () => {
  it("is smaller than 2.5 KiB and contains no server code", async () => {
    const bundle = await rolldown({ input: entry, platform: "browser", logLevel: "warn" });
    const { output } = await bundle.generate({ format: "es", minify: true });
    await bundle.close();
    expect(output).toHaveLength(1);
    const [{ code, imports, moduleIds }] = output;
    expect(imports).toEqual([]);
    expect(moduleIds.map((id) => id.slice(`${folder}src/`.length)).toSorted()).toEqual([
      "browser/client.ts",
      "browser/index.ts",
      "browser/page-end-texts.ts",
      "browser/problem.ts",
      "browser/send.ts",
    ]);
    for (const word of ["node:", "require", "createHmac", "AES", "signKey", "mkey", "process."]) {
      expect(code).not.toContain(word);
    }
    for (const { path, name } of operationList) {
      // One of the handler's own routes ends as the gateway's does.
      if (path !== "/escrow/delivery") expect(code).not.toContain(path);
      expect(code).not.toContain(`"${name}"`);
    }
    expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThan(2_560);
  });

  it("requires only the browser's types", async () => {
    const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
    const options =
      "--noEmit --strict --exactOptionalPropertyTypes --target es2023 --module esnext --moduleResolution bundler";
    const lib = ["--types", "", "--lib", "es2023,dom", "--ignoreConfig"];
    const { stdout } = await promisify(execFile)(process.execPath, [
      compiler,
      ...options.split(" "),
      ...lib,
      entry,
    ]);
    expect(stdout).toBe("");
  });
});
