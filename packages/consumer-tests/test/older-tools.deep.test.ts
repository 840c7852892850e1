import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nodeScript, runToEnd } from "./support/processes.js";
import { catalogVersion, installProject, type Project, startSandbox } from "./support/project.js";
import { publishedPackages } from "./support/published.js";

let project: Project | undefined;
const installed = () => project ?? expect.fail("The project is not installed.");

beforeAll(async () => {
  project = await installProject("older-tools", "commonjs", {
    "@types/express": catalogVersion("@types/express"),
    "@types/jest": "30.0.0",
    "@types/node": catalogVersion("@types/node"),
    express: catalogVersion("express"),
    jest: "30.5.2",
    "ts-jest": "29.4.15",
    typescript: "5.9.3",
    "typescript-5.4": "npm:typescript@5.4.5",
  });
});
afterAll(() => project?.remove());

// pg, on which the ledger depends, has types for TypeScript >= 5.7.
it.each([
  ["typescript-5.4", "the core", /^@payapi\/core/],
  ["typescript", "every package", /./],
] as const)(
  "%s compiles %s with moduleResolution node10, libraries checked too",
  async (compiler, _, packages) => {
    const { folder, run } = installed();
    const entries = publishedPackages
      .flatMap((each) => [...each.entries.keys()])
      .filter((entry) => packages.test(entry) && !entry.startsWith("@payapi/next"));
    await writeFile(
      join(folder, "every-entry.ts"),
      entries.map((entry, place) => `export type * as entry${place} from "${entry}";\n`).join(""),
    );
    expect(await run(`node_modules/${compiler}/bin/tsc`, "-p", ".")).toBe("");
    const sandbox = await startSandbox(installed());
    expect(await run("dist/main.js", sandbox.url)).toMatch(/^SBX/);
  },
);

it.each([
  ["CommonJS", []],
  ["ESM", ["--experimental-vm-modules"]],
])("Jest 30 with ts-jest pays in its %s mode", async (mode, flags) => {
  const { folder } = installed();
  const sandbox = await startSandbox(installed());
  const config = join(folder, `jest.${mode.toLowerCase()}.cjs`);
  const [node, args] = nodeScript(join(folder, "node_modules/jest/bin/jest.js"), "--ci", "--config", config);
  const place = { cwd: folder, env: { PAYAPI_URL: sandbox.url }, timeoutMs: 180_000 };
  const { code, output } = await runToEnd([node, [...flags, ...args]], place);
  expect(code, output).toBe(0);
  expect(output).toMatch(/Tests: +1 passed/);
});
