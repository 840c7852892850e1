import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumer, installConsumer } from "./support/consumer.js";
import { payOnce, shopSettings } from "./support/payment.js";

let consumer: Consumer;
beforeAll(async () => {
  consumer = await installConsumer("express-cjs");
});
afterAll(() => consumer.remove());

describe("a CommonJS project with Express 4", () => {
  it("gets every entry of every package through require()", async () => {
    const { code, output } = await consumer.run(["every-entry.js"], { NODE_NO_WARNINGS: "1" });
    expect({ code, output }).toMatchObject({ code: 0 });
    const found = JSON.parse(output) as Record<string, number>;
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining([
        "@payapi/core",
        "@payapi/core/handler",
        "@payapi/express-middleware",
        "@payapi/ledger",
      ]),
    );
    for (const [entry, names] of Object.entries(found)) {
      expect({ entry, names: names > 0 }).toEqual({ entry, names: true });
    }
  });

  it("takes a payment, behind express.json()", async () => {
    const settings = await shopSettings(consumer);
    await consumer.start(["shop.js"], /the shop is at/, settings);
    await payOnce(settings.PUBLIC_ORIGIN, "/payments");
  });

  it("gets files that need nothing of the workspace", async () => {
    const place = join(consumer.folder, "node_modules/@payapi");
    for (const name of await readdir(place)) {
      const manifest = await readFile(join(place, name, "package.json"), "utf8");
      expect(manifest).not.toContain("workspace:");
      expect(manifest).not.toContain("catalog:");
      expect(JSON.parse(manifest)).toMatchObject({
        license: "MIT",
        scripts: expect.not.objectContaining({ postinstall: expect.anything() }),
      });
    }
  });
});
