import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendOverHttp } from "../../src/handler/http-client.js";
import { startNext } from "../../src/handler/next-server.js";
import type { ServerProcess } from "../../src/handler/server-process.js";
import { readmeExample } from "../../src/readme/examples.js";
import { prepareSurroundings, type Surroundings } from "../../src/readme/surroundings.js";

const app = fileURLToPath(new URL("../../fixtures/next-app/", import.meta.url));

describe("README.md's Next.js example", () => {
  let surroundings: Surroundings;
  let server: ServerProcess;

  beforeAll(async () => {
    surroundings = await prepareSurroundings(inject("databaseUrl"), app);
    await surroundings.database.query(
      `create table orders (id text primary key, price integer not null, goods_name text not null,
         buyer_name text not null, buyer text not null)`,
    );
    await surroundings.database.query(
      "insert into orders values ('order-1', 15000, '머그컵', '홍길동', 'buyer-1')",
    );
    server = await startNext(surroundings.settings);
  });

  afterAll(async () => {
    await server?.stop();
    await surroundings?.stop();
  });

  it("has at most 35 lines", () => {
    expect(readmeExample("Next.js").trim().split("\n").length).toBeLessThanOrEqual(35);
  });

  it("was compiled and type-checked by `next build` in its current form", () => {
    expect(readFileSync(`${app}.next/readme-example.ts`, "utf8")).toBe(readmeExample("Next.js"));
  });

  it("takes a payment", async () => {
    const { settings, sandbox } = surroundings;
    const pay = (cookie: string) =>
      sendOverHttp(server.port, {
        method: "POST",
        path: "/api/payments/orders/order-1/card-approval",
        headers: {
          cookie,
          origin: settings.PUBLIC_URL ?? "",
          "content-type": "application/json",
          // What the shop's proxy adds.
          "x-real-ip": "203.0.113.9",
        },
        body: JSON.stringify({ cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" }),
      });
    const stranger = await pay("buyer=buyer-2");
    expect([stranger.status, (await pay("")).status]).toEqual([403, 403]);

    const answer = await pay("theme=dark; buyer=buyer-1");
    expect(JSON.parse(answer.text)).toMatchObject({ orderId: "order-1", status: "paid", price: 15_000 });
    expect(sandbox.book.transactions.map(({ price }) => price)).toEqual([15_000]);

    const status = await sendOverHttp(server.port, {
      method: "GET",
      path: "/api/payments/orders/order-1",
      headers: { cookie: "buyer=buyer-1" },
    });
    expect(JSON.parse(status.text)).toMatchObject({ status: "paid", remainingPrice: 15_000 });
  });
});
