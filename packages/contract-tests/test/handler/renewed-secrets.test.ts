import { randomBytes } from "node:crypto";
import { createPayApi, type PayApi, type PayApiConfig } from "@payapi/core";
import { createPayApiHandler } from "@payapi/core/handler";
import { startSandbox } from "@payapi/sandbox";
import { describe, expect, it, onTestFinished } from "vitest";
import { memoryRoom, openedRoom, postgresRoom } from "../ledger/open-ledgers.js";

const origin = "https://shop.example";
const formerKey = "1".repeat(32);
const approved = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };
const declined = { ...approved, cardNumber: "4000000000000002" };
const renewals: readonly (readonly [string, Partial<PayApiConfig>])[] = [
  [
    "a renewed field key",
    { fieldKey: "2".repeat(32), fingerprintSecrets: { current: "2".repeat(32), previous: [formerKey] } },
  ],
  [
    "a secret of its own",
    { fingerprintSecrets: { current: "of its own, ".repeat(3), previous: [formerKey] } },
  ],
];

const rooms = [
  ["memory", memoryRoom],
  ["PostgreSQL", postgresRoom],
] as const;

describe.each(rooms)("after the secret of digests was renewed, with a ledger in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  /** The shop before and after. */
  async function openShop(renewed: Partial<PayApiConfig>) {
    const merchant = {
      mid: `m${randomBytes(4).toString("hex")}`,
      signKey: "sign-key",
      fieldKey: formerKey,
      fieldIv: "1".repeat(16),
    };
    const sandbox = await startSandbox({ port: 0, merchants: [merchant] });
    onTestFinished(() => sandbox.close());
    const common = { ...merchant, environment: "sandbox", baseUrl: sandbox.url } as const;
    const before = createPayApi(common);
    const { ledger } = await room.ledgers({}, before);
    const handlerOf = (payapi: PayApi) =>
      createPayApiHandler({
        payapi,
        ledger,
        orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동", customerId: "c" }) },
        authorize: () => true,
        clientAddress: () => "203.0.113.7",
        publicUrl: origin,
        basePath: "/payments",
        sources: ["203.0.113.7"],
        notificationKey: "hook-0123456789abcdef",
        groups: ["cards", "notifications"],
        rateLimits: { perCard: 2 },
        logger: () => {},
      });
    const sendTo = (handler: ReturnType<typeof handlerOf>) => ({
      async pay(orderId: string, card: object, key: string) {
        const headers = { origin, "content-type": "application/json", "idempotency-key": key };
        const body = JSON.stringify(card);
        const url = `${origin}/payments/orders/${orderId}/card-approval`;
        const answer = await handler(new Request(url, { method: "POST", headers, body }), undefined);
        const { status, headers: got } = answer;
        return { status, isRepeat: got.has("idempotent-replayed"), body: await answer.text() };
      },
      async notify(fields: Readonly<Record<string, string>>) {
        const url = `${origin}/payments/notifications/deposit/hook-0123456789abcdef`;
        const body = new URLSearchParams(fields);
        return (await handler(new Request(url, { method: "POST", body }), undefined)).text();
      },
    });
    return {
      ledger,
      sandbox,
      before: sendTo(handlerOf(before)),
      after: sendTo(handlerOf(createPayApi({ ...common, ...renewed }))),
    };
  }

  it.each(renewals)("a repeated request gets its first answer (%s)", async (_, renewed) => {
    const { before, after, sandbox } = await openShop(renewed);
    const first = await before.pay("o1", approved, "k1");
    expect(first).toMatchObject({ status: 200, isRepeat: false });
    expect(await after.pay("o1", approved, "k1")).toEqual({ ...first, isRepeat: true });
    expect(await after.pay("o1", declined, "k1")).toMatchObject({ status: 422 });
    const sent = sandbox.book.requests.length;
    expect(await after.pay("o1", approved, "k2")).toMatchObject({ status: 409 });
    expect(sandbox.book.requests).toHaveLength(sent);
  });

  it("a new request is answered once, and repeated under the new secret alone", async () => {
    const [[, renewed] = ["", {}]] = renewals.slice(1);
    const { after, before } = await openShop(renewed);
    const first = await after.pay("o1", approved, "k1");
    expect(first).toMatchObject({ status: 200, isRepeat: false });
    expect(await after.pay("o1", approved, "k1")).toEqual({ ...first, isRepeat: true });
    // A process with the former secret knows nothing of it; the ledger allows no second charge.
    expect(await before.pay("o1", approved, "k1")).toMatchObject({ status: 409 });
  });

  it("the attempts of a card stay counted", async () => {
    const [[, renewed] = ["", {}]] = renewals;
    const { before, after } = await openShop(renewed);
    for (const order of ["o1", "o2"]) {
      expect(await before.pay(order, declined, order)).toMatchObject({ status: 402 });
    }
    expect(await after.pay("o3", declined, "o3")).toMatchObject({ status: 429 });
  });

  it("a notification that comes again is the same", async () => {
    const [[, renewed] = ["", {}]] = renewals;
    const { before, after, ledger } = await openShop(renewed);
    const deposit = {
      no_tid: "T1",
      no_oid: "none-1",
      type_msg: "0200",
      amt_input: "15000",
      no_vacct: "110123456789",
      dt_trans: "20260501",
      tm_trans: "092000",
    };
    expect(await before.notify(deposit)).toBe("OK");
    expect(await after.notify(deposit)).toBe("OK");
    expect(await ledger.notifications.list()).toMatchObject([{ repeats: 1, reason: "unknown-order" }]);
    expect(await after.notify({ ...deposit, nm_input: "kim" })).toBe("OK");
    expect(await ledger.notifications.list()).toMatchObject([{ reason: "other-content" }, { repeats: 1 }]);
  });
});
