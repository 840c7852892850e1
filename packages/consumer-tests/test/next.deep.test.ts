import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@payapi/dev-services/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumer, installConsumer } from "./support/consumer.js";
import { payOnce, shopSettings } from "./support/payment.js";

const next = "node_modules/next/dist/bin/next";
const extra = fileURLToPath(new URL("../fixtures/next-extra/", import.meta.url));

let browser: Awaited<ReturnType<typeof launchChromium>>;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each([
  { version: "16.4.6", typescript: "7.0.2" },
  // Next.js 15 needs the compiler as a library, which 7 is not.
  { version: "15.5.29", typescript: "5.9.3" },
])("an App Router project with Next.js $version", ({ version, typescript }) => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await installConsumer("next-app", { next: version, typescript });
  });
  afterAll(() => consumer.remove());

  const start = async () => {
    const settings = await shopSettings(consumer);
    const address = ["--hostname", "127.0.0.1", "--port", settings.PORT];
    await consumer.start([next, "start", ...address], /Ready in/, settings);
    return settings.PUBLIC_ORIGIN;
  };

  it("is built without a setting, a secret or a database", async () => {
    const { code, output } = await consumer.run([next, "build"]);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).not.toMatch(/warn/i);
  });

  it("takes a payment from a page, and one of a server's own", async () => {
    const [page, origin] = [await browser.newPage(), await start()];
    await page.context().addCookies([{ name: "buyer", value: "alice", url: origin }]);
    await page.goto(origin);
    await page.click("button");
    await page.getByText("paid 15000").waitFor();
    await page.close();
    await payOnce(await start(), "/api/payments");
  });

  it("has nothing of the server in what browsers load", async () => {
    const chunks = await browserCode(consumer.folder);
    expect(chunks.length).toBeGreaterThan(0);
    for (const code of chunks) expect(code).not.toMatch(/createHmac|createCipheriv|paywelcome|signKey/);
  });

  it.each(["edge-light", "workerd", "browser"])(
    "says what to do where modules are chosen for %s",
    async (condition) => {
      const load = 'import("@payapi/next-route-handlers")';
      const { code, output } = await consumer.run(["--conditions", condition, "--eval", load]);
      expect(code).not.toBe(0);
      expect(output).toMatch(/@payapi\/next-route-handlers holds secrets/);
    },
  );

  it("gets the route handlers through require(), too", async () => {
    const load = 'console.log(Object.keys(require("@payapi/next-route-handlers")))';
    const { output } = await consumer.run(["--no-warnings", "--input-type=commonjs", "--eval", load]);
    expect(output).toContain("createPayApiRouteHandlers");
  });

  it("tells a page what to do that imports the server's code", async () => {
    await cp(join(extra, "leak"), join(consumer.folder, "app/leak"), { recursive: true });
    const { code, output } = await consumer.run([next, "build"]);
    expect({ code, output }).toMatchObject({ code: 0 });
    const chunks = await browserCode(consumer.folder);
    for (const chunk of chunks) expect(chunk).not.toMatch(/createHmac|createCipheriv|paywelcome|signKey/);
    const [page, origin] = [await browser.newPage(), await start()];
    const said = page.waitForEvent("pageerror");
    await page.goto(`${origin}/leak`);
    expect((await said).message).toMatch(
      /@payapi\/core holds secrets .* in the browser use @payapi\/core\/browser/,
    );
    await page.close();
    await rm(join(consumer.folder, "app/leak"), { recursive: true });
  });

  it("tells a route on the edge runtime what to do", async () => {
    await cp(join(extra, "edge"), join(consumer.folder, "app/edge"), { recursive: true });
    const { code, output } = await consumer.run([next, "build"]);
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /@payapi\/next-route-handlers holds secrets .*route\.ts needs export const runtime = "nodejs"/,
    );
  });
});

async function browserCode(folder: string): Promise<string[]> {
  const place = join(folder, ".next/static");
  const files = await readdir(place, { recursive: true });
  return Promise.all(
    files.filter((file) => file.endsWith(".js")).map((file) => readFile(join(place, file), "utf8")),
  );
}
