import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumer, installConsumer } from "./support/consumer.js";
import { payOnce, shopSettings } from "./support/payment.js";

let consumer: Consumer;
beforeAll(async () => {
  consumer = await installConsumer("express-esm");
});
afterAll(() => consumer.remove());

describe("an Express 5 project in TypeScript", () => {
  it.each(["typescript-5", "typescript"])(
    "is checked by %s down to our declarations, and built",
    async (compiler) => {
      const built = await consumer.run([`node_modules/${compiler}/bin/tsc`, "-p", "."]);
      expect(built).toEqual({ code: 0, output: "" });
    },
  );

  it("takes a payment", async () => {
    const settings = await shopSettings(consumer);
    await consumer.start(["build/shop.js"], /the shop is at/, settings);
    await payOnce(settings.PUBLIC_ORIGIN, "/payments");
  });
});

const entries = [
  "@payapi/core",
  "@payapi/core/crypto",
  "@payapi/core/handler",
  "@payapi/core/node",
  "@payapi/core/notifications",
  "@payapi/core/testing",
  "@payapi/express-middleware",
];

describe.each([
  ["a browser", ["--platform=browser"]],
  ["Cloudflare Workers", ["--platform=neutral", "--conditions=workerd,worker,browser"]],
  ["an edge runtime", ["--platform=neutral", "--conditions=edge-light"]],
])("a bundle of esbuild's for %s", (_where, flags) => {
  it.each(entries)("says what to do when it loads %s, and holds nothing of it", async (entry) => {
    const code = await bundle(`import * as all from ${JSON.stringify(entry)}; console.log(all);`, flags);
    // A file of the bundle's own realm throws that realm's Error.
    expect(() => runInNewContext(code)).toThrowError(
      expect.objectContaining({
        message: expect.stringMatching(
          `^${entry} holds secrets .* use @payapi/core/browser.* runtime = "nodejs"`,
        ),
      }),
    );
    for (const word of ["node:", "createHmac", "createCipheriv", "paywelcome", "P_MID"]) {
      expect(code).not.toContain(word);
    }
  });

  it("finds every name that a program may import", async () => {
    const code = await bundle(
      `import { createPayApi, PayApiError } from "@payapi/core";
       import { createPayApiHandler } from "@payapi/core/handler";
       console.log(createPayApi, PayApiError, createPayApiHandler);`,
      flags,
    );
    expect(() => runInNewContext(code)).toThrowError(/^@payapi\/core(\/handler)? holds secrets/);
  });

  it("runs with what a browser may know", async () => {
    const code = await bundle(
      `import { createPayApiBrowser } from "@payapi/core/browser";
       import * as codes from "@payapi/core/codes";
       globalThis.found = [typeof createPayApiBrowser, Object.keys(codes).length > 0];`,
      flags,
    );
    const context = { found: undefined };
    runInNewContext(code, context);
    expect(JSON.stringify(context.found)).toBe('["function",true]');
  });
});

async function bundle(source: string, flags: readonly string[]): Promise<string> {
  await writeFile(join(consumer.folder, "bundled.js"), source);
  const options = ["--bundle", "--format=iife", "--outfile=bundle.js", "--log-level=warning"];
  const { output } = await consumer.run([
    "node_modules/esbuild/bin/esbuild",
    "bundled.js",
    ...options,
    ...flags,
  ]);
  expect(output).toBe("");
  return readFile(join(consumer.folder, "bundle.js"), "utf8");
}
