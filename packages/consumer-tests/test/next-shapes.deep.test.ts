import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buyerOf } from "./support/buyer.js";
import { freePort, nodeScript, type RunningServer, startServer } from "./support/processes.js";
import { catalogVersion, olderVersion, startSandbox } from "./support/project.js";
import { makeTemplateShop, type Shape, type TemplateShop } from "./support/template-shop.js";

/**
 * What `payapi init next` writes, in apps of other shapes. Every pair of two settings occurs in one of them, but for
 * cacheComponents, which Next.js 15 has not.
 */
const shapes: readonly Shape[] = [
  {
    next: 16,
    basePath: "/shop",
    trailingSlash: true,
    rewrite: true,
    standalone: true,
    cacheComponents: true,
  },
  { next: 16, basePath: "", trailingSlash: false, rewrite: false, standalone: false, cacheComponents: true },
  {
    next: 15,
    basePath: "/shop",
    trailingSlash: true,
    rewrite: false,
    standalone: false,
    cacheComponents: false,
  },
  { next: 15, basePath: "", trailingSlash: false, rewrite: true, standalone: true, cacheComponents: false },
  {
    next: 16,
    basePath: "/shop",
    trailingSlash: false,
    rewrite: true,
    standalone: false,
    cacheComponents: false,
  },
  { next: 16, basePath: "", trailingSlash: true, rewrite: false, standalone: true, cacheComponents: false },
];

const versions = {
  // Next.js 15 cannot load TypeScript 7.
  15: { next: olderVersion("next15"), typescript: "5.9.3" },
  16: { next: catalogVersion("next"), typescript: catalogVersion("typescript") },
} as const;

describe.each([16, 15] as const)("the template of `payapi init next` in Next.js %i", (version) => {
  let shop: TemplateShop;

  beforeAll(async () => {
    shop = await makeTemplateShop(versions[version], inject("databaseUrl"));
  });
  afterAll(() => shop?.remove());

  it.each(shapes.filter(({ next }) => next === version))(
    "takes payments and notifications with basePath $basePath, trailingSlash $trailingSlash, a rewrite $rewrite, standalone $standalone, cacheComponents $cacheComponents",
    async (shape) => {
      await shop.build(shape);
      const sandbox = await startSandbox(shop.project);
      const port = await freePort();
      const publicUrl = `http://127.0.0.1:${port}${shape.basePath}`;
      const server = await start(shop, shape, sandbox, port);
      const end = shape.trailingSlash ? "/" : "";
      const buyer = buyerOf({ publicUrl, path: shape.rewrite ? "/pay" : "/api/payments" });

      const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };
      const paid = await buyer.payments.approveCard("card-1", card);
      expect(paid, server.output()).toMatchObject({ orderId: "card-1", status: "paid", price: 15_000 });

      const back = await buyer.payAtPage("page-1", { payType: "card" });
      expect(back.sentTo).toMatch(new RegExp(`^${publicUrl}/api/payments/page-return/[\\w-]{22}${end}$`));
      expect([back.status, back.location]).toEqual([303, `${publicUrl}/orders/page-1`]);
      expect(await buyer.payments.getOrder("page-1")).toMatchObject({ status: "paid" });

      const { tid } = await buyer.payAtPage("deposit-1", { payType: "vbank" });
      expect(await buyer.payments.getOrder("deposit-1")).toMatchObject({ status: "awaiting-deposit" });
      await fetch(`${sandbox.url}/_sandbox/deposits`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ tid }),
      });
      const statusOf = async () => (await buyer.payments.getOrder("deposit-1")).status;
      await expect.poll(statusOf, { timeout: 60_000 }).toBe("paid");
    },
  );
});

async function start(
  shop: TemplateShop,
  { standalone, basePath }: Shape,
  sandbox: RunningServer,
  port: number,
): Promise<RunningServer> {
  const { folder } = shop.project;
  const command = standalone
    ? nodeScript(`${folder}/.next/standalone/server.js`)
    : nodeScript(
        `${folder}/node_modules/next/dist/bin/next`,
        "start",
        "--hostname",
        "127.0.0.1",
        "--port",
        `${port}`,
      );
  const env = {
    ...(await shop.settings(sandbox, `http://127.0.0.1:${port}${basePath}`)),
    PORT: `${port}`,
    HOSTNAME: "127.0.0.1",
  };
  return startServer(command, { cwd: folder, env, timeoutMs: 60_000 }, /Ready/);
}
