import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { launchChromium } from "@payapi/dev-services/chromium";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, nodeScript, type RunningServer, runToEnd, startServer } from "./processes.js";
import {
  catalogVersion,
  installProject,
  type Project,
  shopSettings,
  startSandbox,
  takenPrices,
} from "./project.js";

const next = "node_modules/next/dist/bin/next";

/** A Next.js app with the given versions of Next.js and TypeScript. */
export function nextSuite(versions: { next: string; typescript: string }): void {
  describe(`a Next.js ${versions.next} app`, () => {
    let project: Project;
    let browser: Browser;

    beforeAll(async () => {
      project = await installProject("next", "module", {
        ...versions,
        react: catalogVersion("react"),
        "react-dom": catalogVersion("react-dom"),
        "@types/node": catalogVersion("@types/node"),
        "@types/react": catalogVersion("@types/react"),
        "@types/react-dom": catalogVersion("@types/react-dom"),
      });
      // Neither a secret nor a database is in its environment.
      await project.run(next, "build");
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await project?.remove();
    });

    it("sells a mug to a page that uses the browser client", async () => {
      const sandbox = await startSandbox(project);
      const { shop, origin } = await startShop(project, sandbox);
      const page = await browser.newPage();
      await page.goto(origin);
      await page.getByRole("button").click();
      const said = page.locator("output:not(:empty)");
      await said.waitFor({ timeout: 60_000 });
      expect(await said.textContent(), shop.output()).toBe("paid: 15000");
      expect(await takenPrices(sandbox)).toEqual([15_000]);
      await page.close();
    });

    it("no page's code is the server's", async () => {
      const pages = await javascriptIn(join(project.folder, ".next/static"));
      const server = await javascriptIn(join(project.folder, ".next/server"));
      for (const word of ["createHmac", "createCipheriv", "reserveApproval"]) {
        expect(server.includes(word), word).toBe(true);
        expect(pages.includes(word), word).toBe(false);
      }
      expect(server.includes("runs only in Node.js")).toBe(false);
    });

    it("a page that imports the gateway's client fails to build, and says where", async () => {
      const page = await readFile(join(project.folder, "mistake.tsx"), "utf8");
      await failsToBuild(project, "mistake/page.tsx", page);
    });

    it("a route of the edge runtime fails to build, and says where", async () => {
      const route = await readFile(join(project.folder, "app/payments/[...route]/route.ts"), "utf8");
      await failsToBuild(project, "edge/route.ts", `${route}\nexport const runtime = "edge";\n`);
    });
  });
}

async function failsToBuild({ folder }: Project, path: string, source: string): Promise<void> {
  const file = join(folder, "app", path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  const { code, output } = await runToEnd(nodeScript(join(folder, next), "build"), {
    cwd: folder,
    timeoutMs: 180_000,
  });
  await rm(dirname(file), { recursive: true });
  expect(output).toContain("only-in-node.js");
  expect(code).toBe(1);
}

async function startShop(
  { folder }: Project,
  sandbox: RunningServer,
): Promise<{ shop: RunningServer; origin: string }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const command = nodeScript(join(folder, next), "start", "--hostname", "127.0.0.1", "--port", `${port}`);
  const place = { cwd: folder, env: shopSettings(sandbox, origin), timeoutMs: 30_000 };
  const shop = await startServer(command, place, /Ready/);
  return { shop, origin };
}

async function javascriptIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const texts = files
    .filter((path) => path.endsWith(".js"))
    .map((path) => readFile(join(folder, path), "utf8"));
  return (await Promise.all(texts)).join("\n");
}
