import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@payapi/dev-services/chromium";
import { childEnvironment } from "@payapi/dev-services/environment";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendOverHttp } from "../../src/handler/http-client.js";
import { buyInChromium } from "../../src/readme/buy-in-chromium.js";
import { readmeExample, readmePage } from "../../src/readme/examples.js";
import { prepareSurroundings, type Surroundings } from "../../src/readme/surroundings.js";

// Inside the package, where the example's imports resolve.
const folder = fileURLToPath(new URL("../../fixtures/readme-express/", import.meta.url));

describe("README.md's Express example", () => {
  let surroundings: Surroundings;
  let browser: Awaited<ReturnType<typeof launchChromium>> | undefined;
  let server: ChildProcess | undefined;
  let output = "";

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "public"), { recursive: true });
    await mkdir(join(folder, "typescript"));
    await writeFile(join(folder, "public/pay.html"), readmePage());
    // The same text is TypeScript and JavaScript.
    await writeFile(join(folder, "typescript/server.ts"), readmeExample("Express"));
    await writeFile(join(folder, "server.js"), readmeExample("Express"));
    const tsconfig = {
      compilerOptions: {
        target: "es2023",
        module: "nodenext",
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        types: ["node"],
        skipLibCheck: true,
        noEmit: true,
      },
    };
    await writeFile(join(folder, "typescript/tsconfig.json"), JSON.stringify(tsconfig));
    [surroundings, browser] = await Promise.all([
      prepareSurroundings(inject("databaseUrl")),
      launchChromium(),
    ]);
  }, 60_000);

  afterAll(async () => {
    await stop();
    await browser?.close();
    await surroundings?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function stop() {
    if (server?.exitCode !== null) return;
    server.kill();
    await once(server, "exit");
  }

  async function start(settings: Readonly<Record<string, string>>): Promise<void> {
    await stop();
    server = spawn(process.execPath, ["server.js"], {
      cwd: folder,
      env: childEnvironment(settings),
      stdio: ["ignore", "pipe", "inherit"],
    });
    server.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const isUp = () =>
      sendOverHttp(Number(settings.PORT), { method: "GET", path: "/pay.html", headers: {} }).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(isUp, { timeout: 20_000 }).toBe(200);
  }

  const buy = (button?: string) => {
    if (browser === undefined) throw new Error("No browser");
    return buyInChromium(browser, surroundings.settings.PUBLIC_URL ?? "", button);
  };

  it("has at most 35 lines", () => {
    expect(readmeExample("Express").trim().split("\n").length).toBeLessThanOrEqual(35);
  });

  it("compiles in strict TypeScript", () => {
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    const tsc = [join(dirname(manifest), "bin/tsc"), "-p", join(folder, "typescript")];
    const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  it("sells a mug on the payment page, and delivers it once", async () => {
    await start(surroundings.settings);
    expect(await buy()).toBe("paid");
    expect(surroundings.sandbox.book.transactions.map(({ price }) => price)).toEqual([15_000]);
    await expect.poll(() => output, { timeout: 20_000 }).toMatch(/^deliver [\w-]+ sandbox\n$/);
  });

  it("says why nothing was paid, and sells nothing to another site or buyer", async () => {
    expect(await buy("abandon")).toBe("cancelled");
    expect(await buy("decline-later")).toBe("declined");
    const port = Number(surroundings.settings.PORT);
    const { text } = await sendOverHttp(port, { method: "POST", path: "/api/orders", headers: {} });
    const { id } = JSON.parse(text) as { id: string };
    const ask = (headers: Record<string, string>) =>
      sendOverHttp(port, {
        method: "POST",
        path: `/api/payments/orders/${id}/payment-link`,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ payType: "card" }),
      });
    const own = surroundings.settings.PUBLIC_URL ?? "";
    expect((await ask({ origin: own })).status).toBe(403);
    expect((await ask({ origin: "https://evil.example" })).status).toBe(403);
  });

  it("also sells without a database, to try it", async () => {
    const { DATABASE_URL: _, ...settings } = surroundings.settings;
    await start(settings);
    expect(await buy()).toBe("paid");
  });
});
