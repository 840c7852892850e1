import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { launchChromium } from "@payapi/dev-services/chromium";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeScript, type RunningServer, runToEnd, startServer } from "./processes.js";
import {
  catalogVersion,
  installProject,
  type Project,
  shopSettings,
  startSandbox,
  takenPrices,
} from "./project.js";

const refusal =
  "@payapi/core is not for browsers: import it in server code only; in the browser use @payapi/core/browser.";
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

    it("a page that imports the gateway's client fails with what to do, and is sent no key", async () => {
      const sandbox = await startSandbox(project);
      const { origin } = await startShop(project, sandbox);
      const page = await browser.newPage();
      const sent: Promise<string>[] = [];
      page.on("response", (response) => sent.push(response.text()));
      const failed = page.waitForEvent("pageerror", { timeout: 60_000 });
      await page.goto(`${origin}/mistake`);
      expect((await failed).message).toContain(refusal);
      await page.waitForLoadState("networkidle");
      const texts = (await Promise.all(sent)).join("\n");
      expect(texts).toContain(refusal);
      const { PAYAPI_SIGN_KEY, PAYAPI_FIELD_KEY, PAYAPI_FIELD_IV } = shopSettings(sandbox, origin);
      for (const key of [PAYAPI_SIGN_KEY, PAYAPI_FIELD_KEY, PAYAPI_FIELD_IV]) {
        expect(texts).not.toContain(key);
      }
      await page.close();
    });

    it("no page's code is the server's", async () => {
      const pages = await javascriptIn(join(project.folder, ".next/static"));
      const server = await javascriptIn(join(project.folder, ".next/server"));
      expect(pages).toContain(refusal);
      for (const word of ["createHmac", "createCipheriv", "reserveApproval"]) {
        expect(server.includes(word), word).toBe(true);
        expect(pages.includes(word), word).toBe(false);
      }
      expect(server.includes("is not for browsers")).toBe(false);
    });

    it("a route of the edge runtime fails to build, and says what to do", async () => {
      const folder = join(project.folder, "app/edge");
      await mkdir(folder);
      const route = await readFile(join(project.folder, "app/payments/[...route]/route.ts"), "utf8");
      await writeFile(join(folder, "route.ts"), `${route}\nexport const runtime = "edge";\n`);
      const { code, output } = await runToEnd(nodeScript(join(project.folder, next), "build"), {
        cwd: project.folder,
        timeoutMs: 180_000,
      });
      expect(code).toBe(1);
      expect(output).toMatch(
        /@payapi\/[\w-]+ needs Node\.js, and this is an edge runtime: remove `export const runtime = "edge"` from the route's file;/,
      );
    });
  });
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}
