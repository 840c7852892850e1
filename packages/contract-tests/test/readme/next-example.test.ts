import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@payapi/dev-services/chromium";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendOverHttp } from "../../src/handler/http-client.js";
import { startNext } from "../../src/handler/next-server.js";
import type { ServerProcess } from "../../src/handler/server-process.js";
import { buyInChromium } from "../../src/readme/buy-in-chromium.js";
import { readmeExample } from "../../src/readme/examples.js";
import { prepareSurroundings, type Surroundings } from "../../src/readme/surroundings.js";

const app = fileURLToPath(new URL("../../fixtures/next-app/", import.meta.url));

describe("README.md's Next.js example", () => {
  let surroundings: Surroundings;
  let browser: Awaited<ReturnType<typeof launchChromium>> | undefined;
  let server: ServerProcess;

  beforeAll(async () => {
    [surroundings, browser] = await Promise.all([
      prepareSurroundings(inject("databaseUrl")),
      launchChromium(),
    ]);
    server = await startNext(surroundings.settings, { port: Number(surroundings.settings.PORT) });
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await browser?.close();
    await surroundings?.stop();
  });

  const buy = (button?: string) => {
    if (browser === undefined) throw new Error("No browser");
    return buyInChromium(browser, surroundings.settings.PUBLIC_URL ?? "", button);
  };

  it("has at most 35 lines", () => {
    expect(readmeExample("Next.js").trim().split("\n").length).toBeLessThanOrEqual(35);
  });

  it("was compiled and type-checked by `next build` in its current form", () => {
    expect(readFileSync(`${app}.next/readme-example.ts`, "utf8")).toBe(readmeExample("Next.js"));
  });

  it("sells a mug on the payment page, and says why nothing was paid", async () => {
    expect(await buy()).toBe("paid");
    expect(surroundings.sandbox.book.transactions.map(({ price }) => price)).toEqual([15_000]);
    expect(await buy("abandon")).toBe("cancelled");
    expect(await buy("decline-later")).toBe("declined");
  });

  it("gives a stranger no link to another buyer's order", async () => {
    const { PUBLIC_URL: origin = "" } = surroundings.settings;
    const { text } = await sendOverHttp(server.port, { method: "POST", path: "/api/orders", headers: {} });
    const { id } = JSON.parse(text) as { id: string };
    const answer = await sendOverHttp(server.port, {
      method: "POST",
      path: `/api/payments/orders/${id}/payment-link`,
      headers: { origin, "content-type": "application/json", cookie: "buyer=buyer-2" },
      body: JSON.stringify({ payType: "card" }),
    });
    expect(answer.status).toBe(403);
  });
});
