import { describe, expect, it } from "vitest";
import { createPayApiHandler, type FoundOrder } from "../src/handler/index.js";
import type { ApprovalRequest, FullPaymentStore, LinkRequest } from "../src/store/index.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

const card = {
  cardNumber: approval.cardNumber,
  cardExpireYY: approval.cardExpireYY,
  cardExpireMM: approval.cardExpireMM,
};

/** A shop with one order, whose ledger keeps what is asked of it, and whose gateway approves everything. */
function shopWith(find: () => Partial<FoundOrder> | undefined, authorize: () => Promise<boolean> | boolean) {
  const asked: (ApprovalRequest | LinkRequest)[] = [];
  const logged: object[] = [];
  const forms: string[] = [];
  const known = { orderId: "42", status: "paid", price: 15_000, remainingPrice: 15_000 } as const;
  const store = {
    consumeRateLimit: async () => ({ allowed: true, counted: [] }),
    releaseRateLimit: async () => {},
    markSending: async () => {},
    settle: async () => known,
    settleLink: async () => {},
    reserveApproval: async (request: ApprovalRequest) => {
      asked.push(request);
      const { orderId, price } = request;
      return { status: "reserved", call: { kind: "approval", id: "a", orderId, oid: "42-1", price } };
    },
    openLink: async (request: LinkRequest) => {
      asked.push(request);
      return { status: "refused", reason: "in-progress", order: undefined };
    },
  } as unknown as FullPaymentStore;
  const handler = createPayApiHandler({
    payapi: sandboxClient({
      transport: async ({ body, beforeSend }) => {
        await beforeSend?.();
        const form = Buffer.from(body).toString();
        forms.push(form);
        const Price = new URLSearchParams(form).get("price");
        return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ ...approved, Price })) };
      },
    }),
    ledger: { store },
    orders: {
      find: async (id) => {
        const found = find();
        return found && { id, price: 15_000, buyerName: "홍길동", goodsName: "머그컵", ...found };
      },
    },
    authorize,
    clientAddress: () => "127.0.0.1",
    returnTo: (orderId) => `/orders/${orderId}`,
    publicUrl: "https://shop.example",
    basePath: "/payments",
    groups: ["cards", "page"],
    logger: (entry) => void logged.push(entry),
  });
  const post = async (path: string, body: object) => {
    const request = new Request(`https://shop.example/payments/orders/42/${path}`, {
      method: "POST",
      headers: { origin: "https://shop.example", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const response = await handler(request, undefined);
    return { status: response.status, body: (await response.json()) as { code?: string } };
  };
  return { post, asked, logged, forms };
}

const requests = [
  ["card-approval", card],
  ["payment-link", { payType: "card" }],
] as const;

describe.each(requests)("an order whose price rises while authorize runs, by %s", (path, body) => {
  it("is refused, and neither the old nor the new price is charged", async () => {
    let price = 15_000;
    const shop = shopWith(
      () => ({ price }),
      async () => {
        price = 30_000;
        return true;
      },
    );
    expect(await shop.post(path, body)).toMatchObject({ status: 409, body: { code: "order-changed" } });
    expect([shop.asked, shop.forms]).toEqual([[], []]);
    await shop.post(path, body);
    expect(shop.asked).toMatchObject([{ price: 30_000 }]);
  });

  it("is not found if it is deleted meanwhile", async () => {
    let found: Partial<FoundOrder> | undefined = {};
    const shop = shopWith(
      () => found,
      () => {
        found = undefined;
        return true;
      },
    );
    expect(await shop.post(path, body)).toMatchObject({ status: 404, body: { code: "order-not-found" } });
  });

  it.each(["15000", 15_000n, 15_000])(
    "is charged where the database returns the price as %s",
    async (price) => {
      const shop = shopWith(
        () => ({ price }),
        () => true,
      );
      await shop.post(path, body);
      expect(shop.asked).toMatchObject([{ price: 15_000 }]);
    },
  );

  it.each(["15000.5", "15,000", "", "0", " 15000", 2n ** 53n, 1.5, "9007199254740993", null])(
    "with the price %s is the shop's mistake, logged with its field",
    async (price) => {
      const shop = shopWith(
        () => ({ price: price as number }),
        () => true,
      );
      expect(await shop.post(path, body)).toMatchObject({ status: 500 });
      expect(JSON.stringify(shop.logged)).toContain("price");
      expect(shop.asked).toEqual([]);
    },
  );
});
