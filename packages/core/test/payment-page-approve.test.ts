import { inspect } from "node:util";
import iconv from "iconv-lite";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CallOptions, isSecret, type PageOrder, PayApiError } from "../src/index.js";
import { type Fault, PageServer } from "./payment-page-server.js";
import { makeCertificate } from "./support/fault-server.js";
import { holdTimers, pass } from "./support/held-timers.js";
import { sandboxClient } from "./support/merchant.js";

let certificate: { key: string; cert: string };
let server: PageServer;

const order: PageOrder = { oid: "order-1", price: 15_000, payType: "card" };
const tid = "WELCOME20261121093001";

beforeAll(async () => {
  certificate = await makeCertificate();
});
beforeEach(async () => {
  server = await PageServer.start(certificate);
  server.book.set(tid, { oid: order.oid, price: order.price, state: "authenticated" });
});
afterEach(() => server.close());

const client = () => sandboxClient({ baseUrl: server.origin, ca: certificate.cert });

const returned = (fields: Readonly<Record<string, string>> = {}) =>
  new URLSearchParams({
    P_STATUS: "00",
    P_TID: tid,
    P_REQ_URL: `${server.origin}/smart/approve?key=s3cret`,
    ...fields,
  });

async function approve({
  fields = {},
  asked = order,
  charset,
  ...options
}: CallOptions & {
  charset?: "euc-kr" | "utf-8";
  fields?: Readonly<Record<string, string>>;
  asked?: PageOrder;
} = {}) {
  const payapi = client();
  const pageReturn = await payapi.page.readReturn(returned(fields), charset && { charset });
  try {
    return {
      result: await payapi.page.approve(pageReturn, asked, options),
      state: server.book.get(tid)?.state,
    };
  } catch (error) {
    if (!(error instanceof PayApiError)) throw error;
    const printed = inspect(error, { depth: 9, showHidden: true });
    for (const hidden of ["s3cret", "/smart/approve"]) expect(printed).not.toContain(hidden);
    return { error, state: server.book.get(tid)?.state };
  }
}

describe("page.approve", () => {
  it("sends P_REQ_URL only the transaction and the merchant, and reads the approval", async () => {
    const { result, state } = await approve({ fields: { P_AMT: "15000" } });
    expect(state).toBe("approved");
    expect(server.requests.map(({ path, form }) => [path, Object.fromEntries(form)])).toEqual([
      ["/smart/approve?key=s3cret", { P_TID: tid, P_MID: "sandbox001" }],
    ]);
    expect(result).toMatchObject({
      tid,
      oid: "order-1",
      price: 15_000,
      payType: "card",
      approvedAt: new Date("2026-11-21T00:30:01Z"),
      applNum: "12345678",
      issuerCode: "06",
      cardCode: "41",
      buyerName: "홍길동",
      resultCode: "00",
      resultMessage: "정상=승인",
    });
    expect(isSecret(result?.raw.P_CARD_NUM)).toBe(true);
    expect(JSON.stringify(result)).not.toContain("411111******1111");
  });

  it("uses plain http for a sandbox on this machine", async () => {
    const plain = await PageServer.start();
    plain.book.set(tid, { oid: order.oid, price: order.price, state: "authenticated" });
    const payapi = sandboxClient({ baseUrl: plain.origin });
    const form = new URLSearchParams({ P_STATUS: "00", P_TID: tid, P_REQ_URL: `${plain.origin}/smart/a` });
    const approval = await payapi.page.approve(await payapi.page.readReturn(form), order);
    expect(approval.tid).toBe(tid);
    await plain.close();
  });

  it("decodes texts in EUC-KR if the link asked for it", async () => {
    server.approveFault = (response, honest) => response.end(iconv.encode(String(honest), "cp949"));
    const { result } = await approve({ charset: "euc-kr" });
    expect(result).toMatchObject({ buyerName: "홍길동", resultMessage: "정상=승인" });
  });

  it("decodes URL-encoded texts, and pairs between white space", async () => {
    server.lies = { P_RMESG1: encodeURIComponent("정상 승인") };
    server.approveFault = (response, honest) => response.end(`\r\n${honest}\r\n`);
    expect((await approve()).result).toMatchObject({ resultMessage: "정상 승인" });
  });

  it.each(["o+r%d=r", "100%25"])("matches its order number %s, escaped or not", async (oid) => {
    for (const text of [oid, encodeURIComponent(oid)]) {
      server.book.set(tid, { oid, price: order.price, state: "authenticated" });
      server.lies = { P_OID: text };
      expect((await approve({ asked: { ...order, oid } })).result).toMatchObject({ oid });
    }
  });

  it("awaits beforeSend once the connection is up, and sends nothing if it throws", async () => {
    const seen: number[] = [];
    await approve({ beforeSend: () => void seen.push(server.requests.length) });
    expect(seen).toEqual([0]);
    server.book.set(tid, { oid: order.oid, price: order.price, state: "authenticated" });
    const { error, state } = await approve({
      beforeSend: () => {
        throw new Error("the ledger is down");
      },
    });
    expect([error?.code, error?.outcome, state, server.requests.length]).toEqual([
      "before-send-failed",
      "not-sent",
      "authenticated",
      1,
    ]);
  });
});

describe("page.approve sends nothing", () => {
  it.each<[string, Parameters<typeof approve>[0], string]>([
    ["where P_AMT is another amount", { fields: { P_AMT: "1000" } }, "P_AMT"],
    [
      "where P_REQ_URL is somebody else's",
      { fields: { P_REQ_URL: "https://evil.example/s3cret" } },
      "P_REQ_URL",
    ],
    [
      "where P_REQ_URL is the gateway's own, but this is the sandbox",
      { fields: { P_REQ_URL: "https://mobile.paywelcome.co.kr/smart/s3cret" } },
      "P_REQ_URL",
    ],
    ["where P_STATUS is not 00", { fields: { P_STATUS: "01" } }, "P_STATUS"],
    ["for a price that is text", { asked: { ...order, price: "15000" as never } }, "price"],
    ["for a price of 0", { asked: { ...order, price: 0 } }, "price"],
    ["without an order number", { asked: { ...order, oid: "" } }, "oid"],
    ["for a virtual account", { asked: { ...order, payType: "vbank" } }, "payType"],
    ["without an order", { asked: null as never }, "oid price payType"],
  ])("%s", async (_, call, fields) => {
    const { error, state } = await approve(call);
    expect(error).toMatchObject({ code: "invalid-input", outcome: "not-sent", operation: "page.approve" });
    expect(error?.problems?.map(({ field }) => field).join(" ")).toBe(fields);
    expect([state, server.requests]).toEqual(["authenticated", []]);
  });

  it.each([undefined, null, {}, { status: "authenticated" }, { status: "account-issued", statusCode: "00" }])(
    "for %j instead of a return",
    async (pageReturn) => {
      await expect(client().page.approve(pageReturn as never, order)).rejects.toMatchObject({
        code: "invalid-input",
        outcome: "not-sent",
      });
      expect(server.requests).toEqual([]);
    },
  );

  it("for an issued virtual account", async () => {
    const payapi = client();
    const pageReturn = await payapi.page.readReturn(
      new URLSearchParams({ P_STATUS: "00", P_TID: tid, P_VACT_NUM: "56211101234567" }),
    );
    await expect(payapi.page.approve(pageReturn, order)).rejects.toMatchObject({ outcome: "not-sent" });
    expect(server.requests).toEqual([]);
  });

  it("if the connection is refused", async () => {
    const payapi = client();
    const pageReturn = await payapi.page.readReturn(returned());
    const gone = await PageServer.start(certificate);
    const elsewhere = sandboxClient({ baseUrl: gone.origin, ca: certificate.cert });
    const there = await elsewhere.page.readReturn(
      new URLSearchParams({ P_STATUS: "00", P_TID: tid, P_REQ_URL: `${gone.origin}/smart/a` }),
    );
    await gone.close();
    await expect(elsewhere.page.approve(there, order)).rejects.toMatchObject({
      code: "connection-failed",
      outcome: "not-sent",
    });
    // The other one is still there.
    expect((await payapi.page.approve(pageReturn, order)).tid).toBe(tid);
  });
});

describe("a refusal", () => {
  it("has the gateway's message, and nothing is cancelled", async () => {
    server.book.clear();
    const { error } = await approve();
    expect(error).toMatchObject({
      code: "refused",
      outcome: "refused",
      resultCode: "01",
      resultMessage: "nothing to approve",
    });
    expect(server.requests).toHaveLength(1);
  });

  it("may have a 4xx status", async () => {
    server.approveFault = (response) => response.writeHead(400).end("P_STATUS=9001&P_RMESG1=no");
    expect((await approve()).error).toMatchObject({
      outcome: "refused",
      resultCode: "9001",
      httpStatus: 400,
    });
  });
});

describe("a success that does not match the order is moved, and not cancelled", () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ["another amount", { P_AMT: "1500" }, "success-mismatch"],
    ["an amount that is none", { P_AMT: "1.5e4" }, "success-mismatch"],
    ["another order", { P_OID: "order-2" }, "success-mismatch"],
    ["another merchant", { P_MID: "sandbox002" }, "success-mismatch"],
    ["a virtual account, to which nothing was paid", { P_TYPE: "VBANK" }, "success-mismatch"],
    ["no amount", { P_AMT: undefined }, "success-incomplete"],
    ["no order", { P_OID: undefined }, "success-incomplete"],
    ["an empty order", { P_OID: "" }, "success-incomplete"],
    ["no merchant", { P_MID: undefined }, "success-incomplete"],
    ["no transaction", { P_TID: undefined }, "success-incomplete"],
    ["a transaction that can't be sent back", { P_TID: "x".repeat(41) }, "success-incomplete"],
    ["a transaction of blanks", { P_TID: " " }, "success-incomplete"],
  ])("%s", async (_, lies, code) => {
    server.lies = lies;
    const { error, state } = await approve();
    expect(error).toMatchObject({ code, outcome: "moved", operation: "page.approve", resultCode: "00" });
    expect([state, server.requests.length]).toEqual(["approved", 1]);
  });

  it.each([
    [{ P_AMT: "1500" }, { tid, price: 1_500 }],
    [{ P_TID: undefined }, { price: 15_000 }],
  ])("reports the facts for settling: %j", async (lies, facts) => {
    server.lies = lies;
    const at = new Date("2026-11-21T09:30:01+09:00");
    expect((await approve()).error).toMatchObject({ ...facts, applNum: "12345678", at });
  });

  it.each<[what: string, lies: Readonly<Record<string, string>>]>([
    ["P_TYPE twice", { P_TYPE: "CARD&P_TYPE=CARD" }],
    ["P_TYPE twice, once padded", { P_TYPE: "CARD&P_TYPE=CARD " }],
    ["a padded amount", { P_AMT: "0000000015000" }],
    ["an amount with a comma", { P_AMT: "15,000" }],
    ["padded values", { P_STATUS: "00 ", P_OID: "order-1   ", P_MID: "sandbox001 ", P_TYPE: "card" }],
  ])("accepts a success with %s, as it is meant", async (_, lies) => {
    server.lies = lies;
    const { result, state } = await approve();
    expect(state).toBe("approved");
    expect(result).toMatchObject({ tid, oid: "order-1", price: 15_000, payType: "card", cardCode: "41" });
  });

  it.each([
    ["CARD", { cardCode: "41", issuerCode: "06" }],
    ["BANK", { bankCode: "41" }],
    ["MOBILE", { phonePrefix: "41" }],
  ])("with P_TYPE %s says what was paid with", async (P_TYPE, codes) => {
    server.lies = { P_TYPE, P_HPP_CORP: "SKT", P_CARD_PRTC_CODE: "0" };
    const { result } = await approve();
    const { cardCode, issuerCode, bankCode, phonePrefix } = result ?? {};
    const given = Object.entries({ cardCode, issuerCode, bankCode, phonePrefix });
    expect(Object.fromEntries(given.filter(([, code]) => code !== undefined))).toEqual(codes);
    expect(result).toMatchObject({ partlyCancellable: false, phoneCompany: "SKT" });
  });

  it("does not believe a name that stands twice with two values", async () => {
    server.lies = { P_AMT: "15000&P_AMT=1500" };
    expect((await approve()).error).toMatchObject({ code: "reply-invalid", outcome: "unknown" });
  });

  it.each(["P_TYPE", "P_AUTH_DT", "P_UNAME", "P_AUTH_NO"])("accepts a success without %s", async (name) => {
    server.lies = { [name]: undefined };
    expect((await approve()).result?.tid).toBe(tid);
  });
});

const unknowns: [string, Fault, string][] = [
  ["a lost reply", (response) => response.destroy(), "connection-lost"],
  [
    "a reply that is cut",
    (response, honest) => {
      response.writeHead(200, { "content-length": honest.length + 5 }).flushHeaders();
      response.write(honest, () => response.destroy());
    },
    "connection-lost",
  ],
  ["silence until the deadline", () => void pass(60_000), "deadline"],
  ["an empty reply", (response) => response.end(), "reply-invalid"],
  ["HTML", (response) => response.end("<html><p class=P_STATUS>00</p></html>"), "reply-invalid"],
  ["JSON", (response) => response.end('{"P_STATUS":"00"}'), "reply-invalid"],
  ["an empty P_STATUS", (response) => response.end("P_STATUS=&P_TID=1"), "reply-invalid"],
  ["a P_STATUS that is no code", (response) => response.end("P_STATUS=0 0"), "reply-invalid"],
  ["two P_STATUS", (response, honest) => response.end(`P_STATUS=01&${honest}`), "reply-invalid"],
  ["an endless reply", (response) => response.end("x".repeat(300 * 1024)), "reply-too-large"],
  ["over 128 KiB", (response, honest) => response.end(`${honest}${"&".repeat(128 * 1024)}`), "reply-invalid"],
  ["a redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end(), "redirected"],
  ["HTTP 500", (response, honest) => response.writeHead(500).end(honest), "http-error"],
  ["HTTP 503 with a refusal", (response) => response.writeHead(503).end("P_STATUS=01"), "http-error"],
  ["HTTP 403 without P_STATUS", (response) => response.writeHead(403).end("Forbidden"), "reply-invalid"],
  ["P_STATUS 00 with HTTP 400", (response, honest) => response.writeHead(400).end(honest), "result-unproven"],
  ...["0000", "310000"].flatMap((code): [string, Fault, string][] =>
    [200, 400].map((status) => [
      `P_STATUS ${code} with HTTP ${status}`,
      (response, honest) =>
        response.writeHead(status).end(String(honest).replace("P_STATUS=00", `P_STATUS=${code}`)),
      "result-unproven",
    ]),
  ),
];

describe("an unknown outcome", () => {
  beforeEach(holdTimers);

  it.each(unknowns)("follows %s, and P_REQ_URL is called once", async (_, fault, code) => {
    server.approveFault = fault;
    const { error, state } = await approve();
    expect(error).toMatchObject({ code, outcome: "unknown", operation: "page.approve" });
    expect([state, server.requests.length]).toEqual(["approved", 1]);
  });

  it("does not follow an abort before the first byte", async () => {
    const { error, state } = await approve({ signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect([state, server.requests]).toEqual(["authenticated", []]);
  });
});
