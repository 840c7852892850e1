import { expect, it } from "vitest";
import { createPayApiHandler, type LogEntry, type PayApiHandlerOptions } from "../src/handler/index.js";
import type { FullPaymentStore } from "../src/store/index.js";
import { sandboxClient } from "./support/merchant.js";

const unused = async (): Promise<never> => {
  throw new Error("not asked for anything here");
};

const methods = [
  ...["reserveApproval", "reserveCancel", "markSending", "settle", "findOrder", "beginRequest"],
  ...["endRequest", "openLink", "settleLink", "findLink", "closeLink"],
  ...["awaitDeposit", "reserveKey", "markKeySending", "settleKey", "findKey", "revealKey"],
  ...["reserveKeyDeletion", "settleKeyDeletion"],
];

const counting = {
  consumeRateLimit: async () => ({ allowed: true, counted: [] }) as const,
  releaseRateLimit: async () => {},
};

/** A shop's request to a handler whose ledger has only these methods of its own, and what was logged meanwhile. */
async function post(
  path: string,
  body: object,
  { own, ...options }: Partial<PayApiHandlerOptions> & { own: Partial<FullPaymentStore> },
) {
  const logged: LogEntry[] = [];
  const handler = createPayApiHandler({
    payapi: sandboxClient(),
    ledger: {
      store: {
        ...Object.fromEntries(methods.map((name) => [name, unused])),
        ...counting,
        ...own,
      } as unknown as FullPaymentStore,
    },
    orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동" }) },
    authorize: () => true,
    authorizeBillingKey: () => true,
    customerId: () => "account-1",
    clientAddress: () => "127.0.0.1",
    returnTo: (orderId) => `/orders/${orderId}`,
    publicUrl: "https://shop.example",
    basePath: "/payments",
    groups: ["page", "billing-keys"],
    logger: (entry) => void logged.push(entry),
    ...options,
  });
  const request = new Request(`https://shop.example/payments${path}`, {
    method: "POST",
    headers: { origin: "https://shop.example", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { status } = await handler(request, undefined);
  return { status, logged };
}

it.each(["orders/1", "https://evil.example/", "//evil.example", "/orders/주문"])(
  "a returnTo that returns %s is reported before a link is created",
  async (path) => {
    const answer = await post(
      "/orders/1/payment-link",
      { payType: "card" },
      { own: {}, returnTo: () => path },
    );
    expect(answer.status).toBe(500);
    expect(answer.logged).toEqual([
      {
        ...{ level: "error", code: "internal-error" },
        message: "A request failed unexpectedly.",
        ...{ orderId: "1", route: "POST /orders/:orderId/payment-link" },
        error: "TypeError",
        detail:
          "returnTo must return a path below publicUrl, such as /orders/42, or a full URL of the same origin",
      },
    ]);
  },
);

it.each([
  ["no-secrets", { reason: "no-secrets" }],
  ["connect failed, user=shop password=x", {}],
  [42, {}],
])("a ledger error with the code %j is logged as %j", async (code, logged) => {
  const card = {
    cardNumber: "4111111111111111",
    cardExpireYY: "30",
    cardExpireMM: "12",
    buyerName: "홍길동",
  };
  const reserveKey = async () => {
    throw Object.assign(new Error("never in a log"), { code });
  };
  const answer = await post("/billing-keys", card, {
    own: { reserveKey },
  });
  expect(answer.status).toBe(503);
  expect(answer.logged).toEqual([
    {
      ...{ level: "error", code: "ledger-failed" },
      message: "The ledger failed; nothing was sent.",
      ...{ customerId: "account-1", error: "Error", ...logged },
    },
  ]);
});
