import { randomBytes } from "node:crypto";
import { createPayApi, type PayApi, type PayApiConfig } from "@payapi/core";
import { createPayApiHandler, type LogEntry } from "@payapi/core/handler";
import { startSandbox } from "@payapi/sandbox";
import { describe, expect, it, onTestFinished } from "vitest";
import { deliver } from "../ledger/event-states.js";
import { memoryRoom, openedRoom, postgresRoom } from "../ledger/open-ledgers.js";

const origin = "https://shop.example";
const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };

const rooms = [
  ["memory", memoryRoom],
  ["PostgreSQL", postgresRoom],
] as const;

describe.each(rooms)("the shop's wrong set-up, with a ledger in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  /** A shop whose own keys, from a moment on, are not the gateway's. */
  async function openShop(wrong: Partial<PayApiConfig>) {
    const right = {
      mid: `m${randomBytes(4).toString("hex")}`,
      signKey: "right-sign-key",
      fieldKey: "1".repeat(32),
      fieldIv: "1".repeat(16),
    };
    const sandbox = await startSandbox({ port: 0, merchants: [right] });
    onTestFinished(() => sandbox.close());
    const common = { environment: "sandbox", baseUrl: sandbox.url } as const;
    const good = createPayApi({ ...right, ...common });
    const bad = createPayApi({ ...right, ...common, ...wrong });
    const { ledger } = await room.ledgers({}, good);
    const logged: LogEntry[] = [];
    const handlerOf = (payapi: PayApi) =>
      createPayApiHandler({
        payapi,
        ledger,
        orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동", customerId: "c" }) },
        authorize: () => true,
        authorizeBillingKey: () => true,
        customerId: () => "c",
        clientAddress: () => "203.0.113.7",
        returnTo: (id) => `/orders/${id}`,
        publicUrl: origin,
        basePath: "/payments",
        notificationKey: "hook-0123456789abcdef",
        groups: ["cards", "cancels", "page", "billing-keys", "charges", "card-prefix", "orders"],
        rateLimits: { perCard: 2, perOrder: 2, perAddress: 2, perCustomer: 2 },
        logger: (entry) => void logged.push(entry),
      });
    const [goodHandler, badHandler] = [handlerOf(good), handlerOf(bad)];
    const post =
      (handler: typeof goodHandler) =>
      async (path: string, body: object = {}, language = "en") => {
        const headers = { origin, "content-type": "application/json", "accept-language": language };
        const request = new Request(`${origin}/payments${path}`, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        });
        const answer = await handler(request, undefined);
        return { status: answer.status, text: await answer.text() };
      };
    return { ledger, logged, sandbox, good: post(goodHandler), bad: post(badHandler) };
  }

  const declines = /declin|card company|거절|카드사|다른 카드/;

  it.each([
    ["sign key", { signKey: "another-sign-key" }, "9011", "검증값"],
    ["field key", { fieldKey: "2".repeat(32) }, "9012", "복호화"],
    ["merchant id", { mid: "nobody" }, "9009", "가맹점"],
  ])("a wrong %s never looks like a declined card", async (_, wrong, resultCode, said) => {
    const { ledger, logged, good, bad } = await openShop(wrong);
    for (const language of ["en", "ko", "en"]) {
      const answer = await bad("/orders/o1/card-approval", card, language);
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text)).toMatchObject({ code: "shop-unavailable" });
      const { title, detail } = JSON.parse(answer.text) as { title: string; detail: string };
      expect(`${title} ${detail}`).not.toMatch(declines);
      expect(answer.text).not.toContain(resultCode);
    }
    expect(logged).toHaveLength(3);
    expect(logged[0]).toMatchObject({
      level: "error",
      operation: "cards.approve",
      code: "setup-fault",
      resultCode,
      resultMessage: expect.stringContaining(said),
    });
    expect(JSON.stringify(logged)).not.toMatch(/4111111111111111|another-sign-key/);
    expect(await ledger.payments.find("o1")).toMatchObject({
      status: "declined",
      failureCode: "setup-fault",
      resultCode,
    });
    const events = await deliver(ledger);
    expect(events.map(({ kind }) => kind)).toEqual(["setup-fault", "setup-fault", "setup-fault"]);
    expect(events[0]).toMatchObject({ orderId: "o1", reason: "setup-fault", resultCode });
    // The order is payable, and neither the card nor the address is limited.
    expect(await good("/orders/o1/card-approval", card)).toMatchObject({ status: 200 });
  });

  it("a wrong sign key is told apart for cancels, links, billing keys and lookups", async () => {
    const { ledger, logged, good, bad } = await openShop({ signKey: "another-sign-key" });
    await good("/orders/paid/card-approval", card);
    const key = { ...card, buyerName: "홍길동", buyerTel: "01012345678", buyerEmail: "a@shop.example" };
    for (const [path, body, operation] of [
      ["/orders/paid/cancel", {}, "payments.cancel"],
      [
        "/orders/paid/partial-cancel",
        { cancelPrice: 1_000, confirmPrice: 14_000 },
        "payments.cancelPartially",
      ],
      ["/orders/o2/payment-link", { payType: "card" }, "smsPay.createLink"],
      ["/billing-keys", key, "billing.issueKeyWithoutAuthentication"],
      ["/orders/o2/card-prefix", { prefix: "411111" }, "cards.lookupPrefix"],
    ] as const) {
      logged.length = 0;
      const answer = await bad(path, body);
      expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([path, 503, "shop-unavailable"]);
      const fields = { operation, code: "setup-fault", resultCode: "9011" };
      expect(logged, path).toMatchObject([{ level: "error", ...fields }]);
    }
    expect((await deliver(ledger)).map(({ kind }) => kind)).toEqual([
      "approved",
      "setup-fault",
      "setup-fault",
    ]);
    expect(await good("/orders/paid/cancel")).toMatchObject({ status: 200 });
  });
});
