import { createPayApiHandler } from "@payapi/core/handler";
import { openLedger } from "@payapi/ledger";
import { startSandbox } from "@payapi/sandbox";
import { expect, it } from "vitest";
import { freshCards } from "../../src/handler/declined-cards.js";
import { sandboxPayApi } from "../../src/handler/shop.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

it("the rate limits let 1,000 of 10,000 stolen cards from 50 addresses reach the gateway in ten minutes", async () => {
  const sandbox = await startSandbox({ port: 0, maxRequests: 20_000 });
  const { schema, drop } = await newSchema();
  const payapi = sandboxPayApi(sandbox.url);
  const ledger = await openLedger({ payapi, database: databaseUrl, schema });
  const handler = createPayApiHandler({
    payapi,
    ledger,
    orders: { find: async (id) => ({ id, price: 1_000, buyerName: "홍길동" }) },
    authorize: () => true,
    publicUrl: "https://shop.example",
    basePath: "",
    groups: ["cards"],
    clientAddress: (request) => request.headers.get("x-test-address") ?? undefined,
    logger: () => {},
  });
  const statuses = new Map<number, number>();
  const attack = async (cardNumber: string, attempt: number) => {
    const request = new Request(`https://shop.example/orders/attack-${attempt}/card-approval`, {
      method: "POST",
      headers: {
        origin: "https://shop.example",
        "content-type": "application/json",
        "x-test-address": `203.0.113.${attempt % 50}`,
      },
      body: JSON.stringify({ cardNumber, cardExpireYY: "99", cardExpireMM: "12" }),
    });
    const { status } = await handler(request, undefined);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  try {
    const cards = freshCards(10_000);
    const lanes = Array.from({ length: 16 }, async (_, lane) => {
      for (let attempt = lane; attempt < cards.length; attempt += 16) {
        await attack(cards[attempt] ?? "", attempt);
      }
    });
    await Promise.all(lanes);
    // Twenty an address: the rest never reaches the gateway, and learns nothing.
    expect(Object.fromEntries(statuses)).toEqual({ 402: 1_000, 429: 9_000 });
    expect(sandbox.book.requests).toHaveLength(1_000);
  } finally {
    await ledger.close();
    await drop();
    await sandbox.close();
  }
});
