import { expect, it } from "vitest";
import { createPayApiHandler } from "../src/handler/index.js";
import type { PaymentLedger, PaymentStore } from "../src/index.js";
import { sandboxClient } from "./support/merchant.js";

it("the handler reads price and permission after the whole body arrived", async () => {
  let price = 1_000;
  let customerId = "alice";
  const asked: number[] = [];
  const refuse = () => Promise.reject(new Error("far enough"));
  const store: PaymentStore = {
    reserveApproval: (request) => {
      asked.push(request.price);
      return refuse();
    },
    reserveCancel: refuse,
    markSending: refuse,
    settle: refuse,
    findOrder: refuse,
    consumeRateLimit: async () => ({ allowed: true, counted: [] }),
    releaseRateLimit: async () => {},
    beginRequest: refuse,
    endRequest: refuse,
  };
  const handler = createPayApiHandler<undefined>({
    payapi: sandboxClient(),
    ledger: { store: store as PaymentLedger["store"] },
    orders: { find: async (id) => ({ id, price, buyerName: "홍길동", customerId }) },
    authorize: ({ order }) => order.customerId === "alice",
    publicUrl: "https://shop.example",
    basePath: "",
    groups: ["cards"],
    clientAddress: () => "127.0.0.1",
    logger: () => {},
  });
  const text = JSON.stringify({ cardNumber: "4111111111111111", cardExpireYY: 30, cardExpireMM: 1 });
  const post = (beforeTheEnd: () => void) => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(text.slice(0, 10))),
      pull: (controller) => {
        beforeTheEnd();
        controller.enqueue(Buffer.from(text.slice(10)));
        controller.close();
      },
    });
    const headers = { "content-type": "application/json", origin: "https://shop.example" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    return handler(new Request("https://shop.example/orders/1/card-approval", init), undefined);
  };

  await post(() => {
    price = 900_000;
  });
  expect(asked).toEqual([900_000]);
  const answer = await post(() => {
    customerId = "bob";
  });
  expect([answer.status, asked]).toEqual([403, [900_000]]);
});
