import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createHttpsTransport,
  type PayApi,
  type PayApiConfig,
  PayApiError,
  type Transport,
} from "../src/index.js";
import { operationList } from "../src/operations/index.js";
import { holdClock, pass } from "./support/held-timers.js";
import { approval, sandboxClient } from "./support/merchant.js";

let server: Server;
let origin: string;
let paths: string[];
/** What each next request is answered with; the last one stays. */
let answers: ((response: ServerResponse) => void)[];

beforeEach(async () => {
  paths = [];
  server = createServer((request, response) => {
    paths.push(request.url ?? "");
    request.resume().once("end", () => (answers.length > 1 ? answers.shift() : answers[0])?.(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  if (!server.listening) return;
  server.close();
  await once(server, "close");
});

const status =
  (code: number, body: unknown = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
const found = status(200, { ResultCode: "00", ResultMsg: "OK", CardCode: "06", clStatus: "0" });
const lost = (response: ServerResponse) => void response.destroy();

const client = (config: Partial<PayApiConfig> = {}) => sandboxClient({ baseUrl: origin, ...config });

const clientIp = "203.0.113.7";
const clear = { goodsName: "책", buyerName: "홍길동" };
const key = { buyerName: "홍길동", cardNumber: approval.cardNumber, cardExpireYY: 30, cardExpireMM: 1 };
const party = { sendName: "A", sendPost: "04524", sendAddr1: "B", sendAddr2: "C", sendTel: "02-1" };
const receiver = { recvName: "D", recvPost: "04524", recvAddr: "E", recvTel: "02-2" };
const courier = { invoice: "1", registName: "F", exCode: "hanjin", exName: "G", charge: "seller" } as const;
const shop = "https://shop.example/";

/** One legal call of each service. */
const calls: Record<string, (payapi: PayApi) => Promise<unknown>> = {
  "cards.approve": (payapi) => payapi.cards.approve(approval),
  "cards.lookupPrefix": (payapi) => payapi.cards.lookupPrefix({ cardNumber: "411111" }),
  "payments.cancel": (payapi) => payapi.payments.cancel({ payType: "card", tid: "T1", price: 1_000 }),
  "payments.cancelPartially": (payapi) =>
    payapi.payments.cancelPartially({ payType: "card", tid: "T1", cancelPrice: 1, confirmPrice: 0 }),
  "billing.issueKey": (payapi) => payapi.billing.issueKey({ ...key, registNo: "880101", passwd: "12" }),
  "billing.issueKeyWithoutAuthentication": (payapi) => payapi.billing.issueKeyWithoutAuthentication(key),
  "billing.charge": (payapi) => payapi.billing.charge({ ...clear, oid: "o", price: 1_000, billkey: "B" }),
  "billing.chargeMobile": (payapi) =>
    payapi.billing.chargeMobile({ ...clear, oid: "o", price: 1_000, billkey: "B" }),
  "billing.deleteKey": (payapi) => payapi.billing.deleteKey({ billkey: "B" }),
  "escrow.registerDelivery": (payapi) =>
    payapi.escrow.registerDelivery({
      ...party,
      ...receiver,
      ...courier,
      clientIp,
      tid: "T1",
      oid: "o",
      soid: "1",
      report: "register",
      invoiceDay: "2026-11-21",
      price: 1_000,
    }),
  "escrow.confirmPurchase": (payapi) => payapi.escrow.confirmPurchase({ clientIp, tid: "T1", buyName: "A" }),
  "escrow.rejectPurchase": (payapi) =>
    payapi.escrow.rejectPurchase({ clientIp, tid: "T1", buyName: "A", refundName: "A" }),
  "escrow.confirmRejection": (payapi) =>
    payapi.escrow.confirmRejection({ clientIp, tid: "T1", dcnfName: "A" }),
  "escrow.getStatus": (payapi) => payapi.escrow.getStatus({ clientIp, tid: "T1" }),
  "smsPay.createLink": (payapi) =>
    payapi.smsPay.createLink({
      payType: "card",
      goodsName: "책",
      oid: "o",
      price: 1_000,
      returnUrl: shop,
      nextUrl: shop,
      reserved: "a=b",
    }),
};

const reads = operationList.filter(({ effect }) => effect === "reads").map(({ name }) => name);
const writes = operationList.filter(({ effect }) => effect !== "reads").map(({ name }) => name);

async function outcomeOf(name: string, payapi: PayApi): Promise<PayApiError | undefined> {
  try {
    await calls[name]?.(payapi);
    return undefined;
  } catch (error) {
    if (!(error instanceof PayApiError)) throw error;
    return error;
  }
}

it("the table has two read-only services, and this test calls all fifteen", () => {
  expect(reads.sort()).toEqual(["cards.lookupPrefix", "escrow.getStatus"]);
  expect([...reads, ...writes].sort()).toEqual(Object.keys(calls).sort());
});

describe.each(reads)("%s, which only reads,", (name) => {
  it.each([500, 502, 503, 504])("is repeated after HTTP %i", async (code) => {
    answers = [status(code), found];
    expect(await outcomeOf(name, client())).toBeUndefined();
    expect(paths).toHaveLength(2);
  });

  it("is repeated at most twice by default, or as often as configured", async () => {
    answers = [status(500)];
    expect(await outcomeOf(name, client())).toMatchObject({ code: "http-error", httpStatus: 500 });
    expect(paths).toHaveLength(3);
    paths = [];
    expect(await outcomeOf(name, client({ readRetries: 0 }))).toMatchObject({ httpStatus: 500 });
    expect(paths).toHaveLength(1);
  });

  it("is repeated after a refused connection until the server answers", async () => {
    const port = await freePort();
    const late = createServer((_, response) => found(response));
    let connecting = 0;
    const payapi = sandboxClient({ baseUrl: `http://127.0.0.1:${port}`, readRetries: 5 });
    const call = outcomeOf(name, payapi);
    // The first pause is at least 100 ms: by then the server listens.
    late.on("connection", () => {
      connecting += 1;
    });
    await refusedOnce(port);
    late.listen(port, "127.0.0.1");
    await once(late, "listening");
    expect(await call).toBeUndefined();
    expect(connecting).toBe(1);
    late.close();
  });

  it("ends as not-sent if no server answers", async () => {
    const payapi = sandboxClient({ baseUrl: `http://127.0.0.1:${await freePort()}` });
    expect(await outcomeOf(name, payapi)).toMatchObject({ code: "connection-failed", outcome: "not-sent" });
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ["a refusal", status(200, { ResultCode: "01" }), "refused"],
    ["a 4xx", status(403), "http-error"],
    ["a reply that is none", (response) => void response.end("<html>"), "reply-invalid"],
    ["a lost reply", lost, "connection-lost"],
    ["a redirect", (response) => void response.writeHead(302, { location: "/" }).end(), "redirected"],
  ])("is not repeated after %s", async (_, answer, code) => {
    answers = [answer];
    expect(await outcomeOf(name, client())).toMatchObject({ code });
    expect(paths).toHaveLength(1);
  });

  // The first pause takes 100 to 300 ms of the 60 s that a call and all its repetitions have.
  it.each([
    [59_699, "is repeated", [60_000, 301]],
    [59_901, "is not repeated", [60_000]],
  ])("after a first try of %i ms %s", async (tookMs, _, timeouts) => {
    holdClock();
    answers = [status(500)];
    const https = createHttpsTransport();
    const given: number[] = [];
    const transport: Transport = async (request) => {
      given.push(request.timeoutMs);
      const reply = await https(request);
      await pass(tookMs);
      return reply;
    };
    expect(await outcomeOf(name, client({ transport, readRetries: 10 }))).toMatchObject({ httpStatus: 500 });
    expect(given).toEqual(timeouts);
    expect(paths).toHaveLength(timeouts.length);
  });
});

describe("a read", () => {
  it("ends immediately when it is aborted during a pause, with the last try's outcome", async () => {
    const abort = new AbortController();
    answers = [status(500)];
    const https = createHttpsTransport();
    // Once the reply was handed over and the call has nothing to do but wait.
    const transport: Transport = async (request) => {
      const reply = await https(request);
      setImmediate(() => abort.abort());
      return reply;
    };
    const payapi = client({ readRetries: 10, transport });
    const call = payapi.cards.lookupPrefix({ cardNumber: "411111" }, { signal: abort.signal });
    await expect(call).rejects.toMatchObject({ code: "http-error", httpStatus: 500 });
    expect(paths).toHaveLength(1);
  });

  it("is not repeated when beforeSend threw", async () => {
    let asked = 0;
    const beforeSend = () => {
      asked += 1;
      throw new Error("no");
    };
    const call = client().cards.lookupPrefix({ cardNumber: "411111" }, { beforeSend });
    await expect(call).rejects.toMatchObject({ code: "before-send-failed" });
    expect([asked, paths]).toEqual([1, []]);
  });
});

describe.each(writes)("%s, which does not only read, is never repeated:", (name) => {
  it.each<[string, (response: ServerResponse) => void]>([
    ["after HTTP 500", status(500)],
    ["after HTTP 503", status(503)],
    ["after a lost reply", lost],
    ["after HTTP 403", status(403)],
  ])("%s", async (_, answer) => {
    answers = [answer, found];
    expect(await outcomeOf(name, client({ readRetries: 10 }))).toMatchObject({ outcome: "unknown" });
    expect(paths).toHaveLength(1);
  });

  it("after a refused connection", async () => {
    const attempts: number[] = [];
    const payapi = sandboxClient({
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      readRetries: 10,
      // Every attempt stamps its time once.
      now: () => {
        attempts.push(1);
        return new Date();
      },
    });
    expect(await outcomeOf(name, payapi)).toMatchObject({ code: "connection-failed", outcome: "not-sent" });
    expect(attempts).toHaveLength(1);
  });
});

/** A free port of this machine. */
async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Resolves once a connection of our own was refused there, after that of the call before. */
async function refusedOnce(port: number): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
}
