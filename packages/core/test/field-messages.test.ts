import { describe, expect, it } from "vitest";
import { createPayApiHandler, type Order, routeGroups, routes } from "../src/handler/index.js";
import type { BuyerRoute } from "../src/handler/route.js";
import type { BillingKey, FullPaymentStore } from "../src/store/index.js";
import { fieldMessages } from "../src/wire/field-messages.js";
import { sandboxClient } from "./support/merchant.js";

const order: Order = { id: "42", price: 15_000, goodsName: "머그컵", buyerName: "홍길동" };
const card: BillingKey = { id: "key", customerId: "alice", kind: "card", state: "active" };
const phone: BillingKey = { ...card, id: "phone", kind: "mobile" };

const unreachable = async (): Promise<never> => {
  throw new Error("nothing may get this far");
};

// Requests that pass every check end here, before anything is reserved or sent.
const store: FullPaymentStore = {
  reserveApproval: unreachable,
  reserveCancel: unreachable,
  markSending: unreachable,
  settle: unreachable,
  findOrder: async () => ({
    orderId: "42",
    status: "declined",
    price: 15_000,
    remainingPrice: 0,
    tid: "T1",
  }),
  consumeRateLimit: async () => ({ allowed: true, counted: [] }),
  releaseRateLimit: async () => {},
  beginRequest: unreachable,
  endRequest: unreachable,
  openLink: unreachable,
  settleLink: unreachable,
  findLink: unreachable,
  closeLink: unreachable,
  awaitDeposit: unreachable,
  receiveNotification: unreachable,
  findNotified: unreachable,
  reserveKey: unreachable,
  markKeySending: unreachable,
  settleKey: unreachable,
  findKey: async (id) => [card, phone].find((key) => key.id === id),
  revealKey: unreachable,
  reserveKeyDeletion: unreachable,
  reserveKeyDeletionRetry: unreachable,
  settleKeyDeletion: unreachable,
};

const silent = () => {};

const handler = createPayApiHandler({
  payapi: sandboxClient({ baseUrl: "http://127.0.0.1:9", readRetries: 0 }),
  ledger: { store },
  orders: { find: async () => order },
  authorize: () => true,
  authorizeBillingKey: () => true,
  customerId: () => "alice",
  clientAddress: () => "127.0.0.1",
  returnTo: (orderId) => `/orders/${orderId}`,
  publicUrl: "https://shop.example",
  basePath: "/payments",
  groups: routeGroups,
  logger: silent,
});

const writing = routes.filter((route): route is BuyerRoute => "body" in route && route.method !== "GET");

/** Bodies with something wrong in them: whatever a field could be but should not, all fields at once and each alone. */
function badBodies({ body, path }: BuyerRoute): Record<string, unknown>[] {
  const values = [
    null,
    true,
    0,
    1.5,
    -1,
    100,
    "",
    " ",
    "가",
    "a&b=c",
    "line\nbreak",
    "half \ud800",
    "?".repeat(500),
    [],
    [0],
    {},
  ];
  // A charge is looked up by its key first, and each kind of key pays by a service of its own.
  const bases = path.endsWith("/charge") ? [{ billingKeyId: "key" }, { billingKeyId: "phone" }, {}] : [{}];
  return bases.flatMap((base) => [
    base,
    { ...base, price: 1 },
    ...values.flatMap((value) => [
      { ...Object.fromEntries(body.map(({ name }) => [name, value])), ...base },
      ...body.map(({ name }) => ({ ...base, [name]: value })),
    ]),
  ]);
}

async function errorsIn(language: "en" | "ko", { method, path }: BuyerRoute, body: object) {
  const url = `https://shop.example/payments${path.replace(":orderId", "42").replace(":keyId", "key")}`;
  const headers = {
    "content-type": "application/json",
    origin: "https://shop.example",
    "accept-language": language,
  };
  const answer = await handler(new Request(url, { method, headers, body: JSON.stringify(body) }), undefined);
  if (answer.status !== 422) return [];
  const { errors } = (await answer.json()) as { errors: { field: string; message: string }[] };
  for (const error of errors) expect(Object.keys(error)).toEqual(["field", "message"]);
  return errors;
}

const hangul = /\p{Script=Hangul}/u;

describe("the message about an invalid field", () => {
  it("exists in both languages", () => {
    const all = Object.values(fieldMessages);
    for (const { en, ko } of all) {
      expect(en).not.toMatch(hangul);
      expect(ko).toMatch(hangul);
    }
    expect(new Set(all.map(({ en }) => en)).size).toBe(all.length);
    expect(new Set(all.map(({ ko }) => ko)).size).toBe(all.length);
  });

  it.each(writing.map((route) => [route.method, route.path, route] as const))(
    "is answered by %s %s in the accepted language",
    async (_method, _path, route) => {
      const seen = new Map<string, string>();
      for (const body of badBodies(route)) {
        const english = await errorsIn("en", route, body);
        const korean = await errorsIn("ko", route, body);
        expect(korean.map(({ field }) => field)).toEqual(english.map(({ field }) => field));
        english.forEach(({ message }, index) => {
          expect(message).not.toMatch(hangul);
          const ko = korean[index]?.message ?? "";
          expect(ko, message).toMatch(hangul);
          expect(seen.get(message) ?? ko).toBe(ko);
          seen.set(message, ko);
        });
      }
      expect(seen.get("is not a field of this request")).toBe("이 요청에 없는 항목입니다");
      expect(seen.size).toBeGreaterThanOrEqual(Math.min(2, route.body.length + 1));
      expect(new Set(seen.values()).size).toBe(seen.size);
    },
  );
});
