import { describe, expect, it } from "vitest";
import { createPayApiHandler } from "../src/handler/index.js";
import type { FullPaymentStore, PageLink } from "../src/store/index.js";
import { sandboxClient } from "./support/merchant.js";

const link: PageLink = {
  token: "x".repeat(22),
  orderId: "주문 1",
  oid: "1-1",
  price: 1_000,
  payType: "card",
  state: "open",
  expiresAt: new Date("2030-01-01T00:00:00Z"),
};

/** A shop that cannot say where its buyers come back to, and what its ledger was asked. */
function shopWithoutWay() {
  const asked: string[] = [];
  const messages: unknown[] = [];
  const store = new Proxy({} as FullPaymentStore, {
    get: (_, name) => async () => {
      asked.push(String(name));
      return link;
    },
  });
  const log = ({ message }: Record<string, unknown>) => messages.push(message);
  const handler = createPayApiHandler({
    payapi: sandboxClient(),
    ledger: { store },
    orders: { find: async (id) => ({ id, price: 1_000, buyerName: "홍길동" }) },
    authorize: () => true,
    returnTo: (orderId) => `/orders/${orderId}`,
    publicOrigin: "https://shop.example",
    basePath: "/payments",
    groups: ["page"],
    rateLimits: false,
    logger: { warn: log, error: log },
  });
  const post = (path: string, type: string, body: string) => {
    const headers = { origin: "https://shop.example", "content-type": type };
    return handler(new Request(`https://shop.example${path}`, { method: "POST", headers, body }), undefined);
  };
  return { asked, messages, post };
}

describe("a returnTo that returns an invalid path", () => {
  it("fails before a link is created", async () => {
    const { asked, messages, post } = shopWithoutWay();
    const path = `/payments/orders/${encodeURIComponent(link.orderId)}/payment-link`;
    const answer = await post(path, "application/json", '{"payType":"card"}');
    expect(answer.status).toBe(500);
    expect(messages).toEqual([expect.stringContaining("returnTo must return a path")]);
    expect(asked).toEqual([]);
  });

  it("fails before a return is handled", async () => {
    const { asked, messages, post } = shopWithoutWay();
    const form = "P_STATUS=00&P_TID=T1&P_REQ_URL=http%3A%2F%2F127.0.0.1%2Fsmart%2Fx";
    const path = `/payments/page-return/${link.token}`;
    const answer = await post(path, "application/x-www-form-urlencoded", form);
    expect(answer.status).toBe(500);
    expect(messages).toEqual([expect.stringContaining("returnTo must return a path")]);
    expect(asked).toEqual(["findLink"]);
  });
});
