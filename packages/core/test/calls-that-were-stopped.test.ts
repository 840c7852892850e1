import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { createPayApiHandler, type LogEntry } from "../src/handler/index.js";
import type { FullPaymentStore } from "../src/store/index.js";
import { FaultServer, makeCertificate } from "./support/fault-server.js";
import { detourHttps } from "./support/intercepted-https.js";
import { approval, sandboxClient } from "./support/merchant.js";

let server: FaultServer;
let trusted: string;

beforeEach(async () => {
  const certificate = await makeCertificate();
  trusted = certificate.cert;
  server = await FaultServer.start(certificate);
});
afterEach(() => server.close());

const { cardNumber, cardExpireYY, cardExpireMM } = approval;
const order = { orderId: "1", status: "not-sent", price: 15_000, remainingPrice: 0 } as const;

/** A shop's request to a handler, its ledger, and every error that was logged. */
async function post(
  path: string,
  body: object,
  {
    ca,
    markSending = async () => {},
    endRequest = async () => {},
    headers = {},
  }: {
    ca: string;
    markSending?: () => Promise<void>;
    endRequest?: () => Promise<void>;
    headers?: Readonly<Record<string, string>>;
  },
) {
  const logged: LogEntry[] = [];
  const handler = createPayApiHandler({
    payapi: sandboxClient({ baseUrl: server.origin, ca }),
    ledger: {
      store: {
        reserveApproval: async ({ orderId, price }) => ({
          status: "reserved",
          call: { kind: "approval", id: "c", orderId, oid: "o1", price },
        }),
        reserveCancel: async () => ({ status: "refused", reason: "not-paid", order: undefined }),
        markSending,
        settle: async () => order,
        findOrder: async () => order,
        consumeRateLimit: async () => ({ allowed: true, counted: [] }),
        releaseRateLimit: async () => {},
        beginRequest: async () => ({ status: "new" }),
        endRequest,
      } satisfies Partial<FullPaymentStore> as unknown as FullPaymentStore,
    },
    orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동" }) },
    authorize: () => true,
    clientAddress: () => "127.0.0.1",
    publicUrl: "https://shop.example",
    basePath: "/payments",
    groups: ["cards", "card-prefix"],
    logger: (entry) => void logged.push(entry),
  });
  const request = new Request(`https://shop.example/payments${path}`, {
    method: "POST",
    headers: { origin: "https://shop.example", "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const response = await handler(request, undefined);
  const { code } = (await response.json()) as { code: string };
  return { status: response.status, code, logged };
}

const card = {
  cardNumber,
  cardExpireYY: String(cardExpireYY),
  cardExpireMM: String(cardExpireMM).padStart(2, "0"),
};

it.each([
  ["a charge", "/orders/1/card-approval", card, "cards.approve"],
  ["an inquiry", "/orders/1/card-prefix", { prefix: cardNumber.slice(0, 6) }, "cards.lookupPrefix"],
])(
  "an unverified gateway certificate is logged once as an error, for %s",
  async (_, path, body, operation) => {
    const other = await makeCertificate();
    const { logged } = await post(path, body, { ca: other.cert });
    expect(server.bytesSeen).toBe(0);
    expect(logged).toEqual([
      {
        ...{ level: "error", operation, code: "tls-failed", cause: "DEPTH_ZERO_SELF_SIGNED_CERT" },
        ...{ gateway: server.origin, orderId: "1" },
        message: expect.stringContaining("TLS certificate was rejected"),
      },
    ]);
  },
);

it("a runtime that would send over another connection is logged as an error", async () => {
  const detour = await detourHttps({});
  onTestFinished(detour.restore);
  const { status, logged } = await post("/orders/1/card-approval", card, { ca: trusted });
  expect([status, await detour.received()]).toEqual([503, ""]);
  expect(logged).toEqual([
    {
      ...{ level: "error", operation: "cards.approve", code: "unsupported-runtime" },
      ...{ gateway: server.origin, orderId: "1" },
      message: expect.stringMatching(/nothing was sent.*Node\.js >= 20\.19/),
    },
  ]);
});

it("a ledger that refuses to mark a call is logged as an error with its code", async () => {
  const markSending = () => Promise.reject(Object.assign(new Error(cardNumber), { code: "clock-skew" }));
  const { status, code, logged } = await post("/orders/1/card-approval", card, { ca: trusted, markSending });
  // The gateway was reached: the buyer reads that the shop's own records are not available.
  expect([status, code]).toEqual([503, "ledger-unavailable"]);
  expect(logged).toEqual([
    {
      ...{ level: "error", operation: "cards.approve", code: "before-send-failed", cause: "clock-skew" },
      ...{ gateway: server.origin, orderId: "1" },
      message: expect.stringContaining("nothing was sent"),
    },
  ]);
});

it("a call that another process took over is not logged as an error", async () => {
  const markSending = () => Promise.reject(Object.assign(new Error("theirs"), { code: "not-yours" }));
  const { logged } = await post("/orders/1/card-approval", card, { ca: trusted, markSending });
  expect(logged).toMatchObject([{ level: "info", code: "request-refused", problem: "ledger-unavailable" }]);
});

it("an answer that is known does not wait for a database in which it can't be stored", async () => {
  const markSending = () => Promise.reject(Object.assign(new Error("away"), { code: "unavailable" }));
  const answer = post("/orders/1/card-approval", card, {
    ca: trusted,
    markSending,
    endRequest: () => new Promise(() => {}),
    headers: { "idempotency-key": "key-1" },
  });
  expect(await answer).toMatchObject({ status: 503, code: "ledger-unavailable" });
});

it("an unreachable gateway is logged once with its address and the cause", async () => {
  await server.close();
  const { status, code, logged } = await post("/orders/1/card-approval", card, { ca: trusted });
  expect([status, code]).toEqual([503, "not-sent"]);
  expect(logged).toEqual([
    {
      ...{ level: "error", operation: "cards.approve", code: "connection-failed", cause: "ECONNREFUSED" },
      ...{ gateway: server.origin, orderId: "1" },
      message: expect.stringContaining("could not be connected to; nothing was sent"),
    },
  ]);
});
