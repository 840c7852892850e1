import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { payByCard } from "./support/pay-by-card.js";
import { nodeScript, startServer } from "./support/processes.js";
import {
  catalogVersion,
  installProject,
  olderVersion,
  type Project,
  shopSettings,
  startSandbox,
  takenPrices,
} from "./support/project.js";
import { publishedPackages } from "./support/published.js";

const origin = "http://shop.example";

async function sellsAMug(project: Project, script: string): Promise<void> {
  const sandbox = await startSandbox(project);
  const shop = await startServer(nodeScript(join(project.folder, script)), {
    cwd: project.folder,
    env: shopSettings(sandbox, origin),
    timeoutMs: 20_000,
  });
  const answer = await payByCard(shop.url, "mug-1", origin);
  expect(answer, shop.output()).toMatchObject({ httpStatus: 200, status: "paid", price: 15_000 });
  expect(await payByCard(shop.url, "mug-1", origin)).toMatchObject({ code: "already-paid" });
  expect(await takenPrices(sandbox)).toEqual([15_000]);
}

describe("an Express 5 app in TypeScript, as ES modules", () => {
  let project: Project | undefined;
  const installed = () => project ?? expect.fail("The project is not installed.");

  beforeAll(async () => {
    project = await installProject("express5", "module", {
      express: catalogVersion("express"),
      "@types/express": catalogVersion("@types/express"),
      "@types/node": catalogVersion("@types/node"),
      typescript: catalogVersion("typescript"),
      "typescript-5.9": "npm:typescript@5.9.3",
    });
    const entries = publishedPackages.flatMap((each) => [...each.entries.keys()]);
    await writeFile(
      join(project.folder, "every-entry.ts"),
      entries.map((entry, place) => `export type * as entry${place} from "${entry}";\n`).join(""),
    );
  });
  afterAll(() => project?.remove());

  it.each(["typescript-5.9", "typescript"])("compiles with %s, libraries checked too", async (compiler) => {
    expect(await installed().run(`node_modules/${compiler}/bin/tsc`, "-p", ".")).toBe("");
  });

  it("sells a mug", () => sellsAMug(installed(), "dist/server.js"));
});

describe("an Express 4 app in CommonJS", () => {
  let project: Project | undefined;

  beforeAll(async () => {
    project = await installProject("express4", "commonjs", { express: olderVersion("express4") });
  });
  afterAll(() => project?.remove());

  it("sells a mug", () => sellsAMug(project ?? expect.fail("The project is not installed."), "server.js"));
});
