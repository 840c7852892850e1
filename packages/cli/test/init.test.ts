import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { routeGroups } from "@payapi/core/handler";
import { sandboxMerchant } from "@payapi/sandbox";
import { describe, expect, it } from "vitest";
import { type Dialect, translate } from "../src/init/dialects.js";
import { makeProject } from "./support/project.js";
import { run, start } from "./support/tool.js";

interface Result {
  readonly dialect: Dialect;
  readonly dryRun: boolean;
  readonly files: readonly { readonly path: string; readonly action: string; readonly content: string }[];
  readonly steps: readonly string[];
}

const typescript = { devDependencies: { typescript: "7.0.2" } };
const route = "app/api/payments/[...route]/route";

describe("payapi init detects the language and module system of a project", () => {
  it.each([
    ["express", {}, [], "commonjs", ["payments.js"]],
    ["express", { type: "commonjs" }, ["src/a.js"], "commonjs", ["src/payments.js"]],
    ["express", { type: "module" }, [], "esm", ["payments.js"]],
    ["express", { type: "module", ...typescript }, ["src/a.ts"], "typescript", ["src/payments.ts"]],
    ["express", {}, ["tsconfig.json"], "typescript", ["payments.ts"]],
    ["next", {}, [], "esm", [`${route}.js`, "lib/payments.js"]],
    ["next", {}, ["src/app/page.js"], "esm", [`src/${route}.js`, "src/lib/payments.js"]],
    ["next", typescript, ["app/page.tsx", "src/a.ts"], "typescript", [`${route}.ts`, "lib/payments.ts"]],
    ["next", typescript, ["pages/a.tsx", "src/a.ts"], "typescript", [`${route}.ts`, "lib/payments.ts"]],
    ["next", typescript, ["src/pages/a.tsx"], "typescript", [`src/${route}.ts`, "src/lib/payments.ts"]],
  ] as const)("%s %j with %j: %s", async (framework, manifest, files, dialect, expected) => {
    const project = makeProject(manifest, Object.fromEntries(files.map((path) => [path, "{}"])));
    const done = await project.init(framework, "--json");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const { result } = done.json<Result>();
    expect(result).toMatchObject({ dialect, dryRun: false });
    expect(result.files.map(({ path }) => path)).toEqual([...expected, ".env.example"]);
    for (const { path, action, content } of result.files) {
      expect(action).toBe("create");
      expect(project.read(path)).toBe(content);
    }
  });

  it("and which packages are missing, by its own package manager", async () => {
    const project = makeProject(
      { ...typescript, dependencies: { express: "^5.0.0", "@payapi/core": "*" } },
      { "pnpm-lock.yaml": "" },
    );
    const { result } = (await project.init("express", "--json")).json<Result>();
    expect(result.steps.slice(0, 2)).toEqual([
      "pnpm add @payapi/ledger @payapi/express-middleware",
      "pnpm add -D @types/express @types/node",
    ]);
  });
});

describe("payapi init", () => {
  it.each([
    ["en", "Next:", "BEFORE express.json()", "answered with 403"],
    ["ko", "다음 단계:", "본문 파서보다 먼저", "403으로 거절"],
  ])("prints the next steps in %s", async (lang, ...words) => {
    const done = await makeProject({}).init("express", "--lang", lang);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const commands = [
      "npm install express @payapi/core @payapi/ledger @payapi/express-middleware",
      "cat .env.example >> .env",
      "npx @payapi/cli migrate --env-file .env",
      "npx @payapi/sandbox --port 4010",
      'app.use("/payments", payments.middleware);',
      "npx @payapi/cli doctor --env-file .env",
    ];
    for (const text of [...commands, ...words]) expect(done.stdout).toContain(text);
  });

  it("prints the files without writing them with --dry-run, for the current folder or --dir", async () => {
    const dry = await run(["init", "next", "--dry-run"], {});
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    // Whether there is a folder src depends on where the tests were started.
    expect(dry.stdout).toMatch(/^### new: (?:src\/)?app\/api\/payments\/\[\.\.\.route\]\/route\.ts$/m);
    expect(dry.stdout).toContain("export const maxDuration = 120;");
    expect(dry.stdout).toContain("PAYAPI_MID=sandbox001");
    const project = makeProject({});
    expect((await project.init("express", "--dry-run")).code).toBe(0);
    expect([project.has("payments.js"), project.has(".env.example")]).toEqual([false, false]);
  });

  it("writes missing files when it is run again", async () => {
    const project = makeProject({});
    await project.init("next");
    const before = project.read("lib/payments.js");
    const again = (await project.init("next", "--json")).json<Result>();
    expect(again.result.files.map(({ action }) => action)).toEqual(["keep", "keep", "keep"]);
    expect(project.read("lib/payments.js")).toBe(before);
    const both = (await project.init("express", "--json")).json<Result>();
    expect(both.result.files.map(({ path }) => path)).toEqual(["payments.js", ".env.payapi.example"]);
  });

  it.each([
    ["lib/payments.js", "lib/payments.js"],
    ["lib/payments.tsx", "lib/payments.tsx"],
    [`${route}.ts`, `${route}.ts`],
  ])("overwrites nothing: with %s of the project's own it writes nothing at all", async (path, named) => {
    const project = makeProject({}, { [path]: "// mine\n" });
    const refused = await project.init("next");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(named);
    expect((await project.init("next", "--json")).json().error).toMatchObject({
      code: "files-exist",
      files: [path],
    });
    expect(project.read(path)).toBe("// mine\n");
    for (const other of ["lib/payments.js", `${route}.js`, ".env.example"]) {
      expect(project.has(other)).toBe(other === path);
    }
  });

  it("leaves an existing .env.example unchanged, and writes .env.payapi.example beside it", async () => {
    const mine = "DATABASE_URL=postgres://db/shop\n";
    const project = makeProject({}, { ".env.example": mine });
    const { result } = (await project.init("next", "--json")).json<Result>();
    expect(result.files.at(-1)).toMatchObject({ path: ".env.payapi.example", action: "create" });
    expect(result.steps).toContain("cat .env.payapi.example >> .env.local");
    expect(project.read(".env.example")).toBe(mine);
    const again = (await project.init("next", "--json")).json<Result>();
    expect(again.result.files.at(-1)?.action).toBe("keep");
  });

  it("says that a file cannot be written, and goes on when it can", async () => {
    const project = makeProject({}, { lib: "a file where a folder should be" });
    const refused = await project.init("next", "--json");
    expect(refused).toMatchObject({ code: 1, stderr: "" });
    expect(refused.json().error).toMatchObject({ code: "not-written", files: ["lib/payments.js"] });
    rmSync(join(project.folder, "lib"));
    const { result } = (await project.init("next", "--json")).json<Result>();
    expect(result.files.map(({ action }) => action)).toEqual(["keep", "create", "create"]);
  });

  it.each([
    [undefined, "no-project", "no package.json"],
    ["{", "no-project", "cannot be read"],
  ])("ends with 4 and advice where it cannot work: %s", async (manifest, code, advice) => {
    const project = makeProject(undefined, manifest === undefined ? {} : { "package.json": manifest });
    // pnpm names its own packages in this process's NODE_PATH, and they would pass for the project's.
    const init = (...args: string[]) =>
      start(["init", "express", "--dir", project.folder, ...args], {}).ended;
    const refused = await init();
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toContain(advice);
    expect((await init("--json")).json().error.code).toBe(code);
    expect(project.has(".env.example")).toBe(false);
  });

  it.each([[[]], [["koa"]], [["express", "next"]]])("ends with 2 for %j", async (args) => {
    expect((await run(["init", ...args], {})).code).toBe(2);
  });
});

describe("the templates", () => {
  const settings = { express: "payments.ts", next: "lib/payments.ts" } as const;
  const template = (path: string) => readFileSync(new URL(`../templates/${path}`, import.meta.url), "utf8");

  it.each(["express", "next"] as const)("of %s name every option and every group", (framework) => {
    const text = template(`${framework}/${settings[framework]}`);
    const core = fileURLToPath(import.meta.resolve("@payapi/core/handler"));
    const declared = readFileSync(join(dirname(core), "options.d.ts"), "utf8");
    const body = /interface PayApiHandlerOptions<[\s\S]*/.exec(declared)?.[0] ?? "";
    const options = [...body.matchAll(/^ {4}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
    expect(options.length).toBeGreaterThan(15);
    const missing = options.filter((name) => !new RegExp(`^ {4}(// )?${name}(:|,)`, "m").test(text));
    expect(missing).toEqual([]);
    const inForce = routeGroups.filter((name) => new RegExp(`^ {6}"${name}",`, "m").test(text));
    expect([...inForce].sort()).toEqual(["notifications", "orders", "page"]);
    for (const name of routeGroups) expect(text).toMatch(new RegExp(`^ {6}(// )?"${name}", // `, "m"));
  });

  it.each(["express", "next"] as const)("of %s read the variables that the example has", (framework) => {
    const example = parseEnv(template(`${framework}/env.example`));
    const text = template(`${framework}/${settings[framework]}`);
    const inCore = Object.keys(example).filter((name) => name.startsWith("PAYAPI_"));
    expect(text).toContain("createPayApi(configFromEnv())");
    const read = [...text.matchAll(/const \{([^}]*)\} = process\.env/g)].flatMap(([, names = ""]) =>
      names.split(",").map((each) => each.trim().split(" ")[0]),
    );
    const optional = ["LEDGER_SCHEMA", "", undefined];
    expect([...inCore, ...read.filter((name) => !optional.includes(name))].sort()).toEqual(
      Object.keys(example).sort(),
    );
    const { mid, signKey, fieldKey, fieldIv } = sandboxMerchant;
    expect(example).toMatchObject({
      PAYAPI_ENVIRONMENT: "sandbox",
      PAYAPI_MID: mid,
      PAYAPI_SIGN_KEY: signKey,
      PAYAPI_FIELD_KEY: fieldKey,
      PAYAPI_FIELD_IV: fieldIv,
    });
  });

  it.each([
    ["express/payments.ts", "esm"],
    ["express/payments.ts", "commonjs"],
    ["next/lib/payments.ts", "esm"],
    [`next/${route}.ts`, "esm"],
  ] as const)("%s is JavaScript in %s", (path, dialect) => {
    const extension = dialect === "esm" ? "mjs" : "cjs";
    const project = makeProject({}, { [`file.${extension}`]: translate(template(path), dialect) });
    const { status, stderr } = spawnSync(process.execPath, [
      "--check",
      join(project.folder, `file.${extension}`),
    ]);
    expect(String(stderr)).toBe("");
    expect(status).toBe(0);
  });

  it("of next export no option that Next.js refuses with cacheComponents", async () => {
    const { result } = (await makeProject(typescript).init("next", "--json")).json<Result>();
    const refused = /^export const (runtime|dynamic|dynamicParams|revalidate|fetchCache)\b/m;
    expect(result.files.filter(({ content }) => refused.test(content)).map(({ path }) => path)).toEqual([]);
  });

  it("are in the package", () => {
    const { files } = createRequire(import.meta.url)("../package.json") as { files: string[] };
    expect(files).toContain("templates");
  });
});
