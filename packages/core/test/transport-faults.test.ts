import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type ErrorCode, PayApiError } from "../src/index.js";
import { type Behaviour, FaultServer, jsonReply, makeCertificate, reply } from "./support/fault-server.js";
import { holdTimers, pass } from "./support/held-timers.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

let certificate: { key: string; cert: string };
let server: FaultServer;

beforeAll(async () => {
  certificate = await makeCertificate();
});
beforeEach(async () => {
  server = await FaultServer.start(certificate);
});
afterEach(() => server.close());

/** Calls cards.approve on the fault server and tells what came of it. */
async function approve(
  options: { signal?: AbortSignal; beforeSend?: () => Promise<void> | void; ca?: string } = {},
): Promise<{ error: PayApiError | undefined; beforeSends: number }> {
  let beforeSends = 0;
  const payapi = sandboxClient({ baseUrl: server.origin, ca: options.ca ?? certificate.cert });
  const error = await payapi.cards
    .approve(approval, {
      signal: options.signal,
      beforeSend: () => {
        beforeSends += 1;
        return options.beforeSend?.();
      },
    })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (error !== undefined && !(error instanceof PayApiError)) throw error;
  return { error, beforeSends };
}

const answer =
  (text: string): Behaviour =>
  async ({ tls, request }) => {
    await request();
    tls.end(text, "latin1");
  };

describe("before the first byte: not-sent, and the server has seen nothing", () => {
  it("connection refused", async () => {
    await server.close();
    const { error, beforeSends } = await approve();
    expect(error).toMatchObject({
      code: "connection-failed",
      outcome: "not-sent",
      operation: "cards.approve",
    });
    expect(beforeSends).toBe(0);
  });

  // A reset right after accept may come before or after the client sees the connection.
  const handshakes: [name: string, code: RegExp, breakIt: (socket: Socket) => void][] = [
    ["reset before TLS", /^(tls|connection)-failed$/, (socket) => socket.resetAndDestroy()],
    ["closed before TLS", /^tls-failed$/, (socket) => socket.end()],
    [
      "reset in the middle of the TLS handshake",
      /^tls-failed$/,
      (socket) => socket.once("data", () => socket.resetAndDestroy()),
    ],
    [
      "something other than TLS answers",
      /^tls-failed$/,
      (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
    ],
  ];
  it.each(handshakes)("%s", async (_, code, breakIt) => {
    server.beforeTls = (socket) => {
      breakIt(socket);
      return false;
    };
    const { error, beforeSends } = await approve();
    expect(error).toMatchObject({ code: expect.stringMatching(code), outcome: "not-sent" });
    expect(beforeSends).toBe(0);
    expect(server.connections).toBe(1);
  });

  it("the TLS handshake stalls until the deadline", async () => {
    holdTimers();
    server.beforeTls = (socket) => {
      socket.once("data", () => void pass(60_000));
      return false;
    };
    const { error } = await approve();
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
  });

  it("an unknown certificate authority, even with NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
    const other = await makeCertificate();
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      const { error, beforeSends } = await approve({ ca: other.cert });
      expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
      expect(beforeSends).toBe(0);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(server.bytesSeen).toBe(0);
  });

  it("a certificate for another name", async () => {
    await server.close();
    const wrong = await makeCertificate("127.0.0.2");
    server = await FaultServer.start(wrong);
    const { error } = await approve({ ca: wrong.cert });
    expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
    expect(server.bytesSeen).toBe(0);
  });

  it("a server that speaks TLS 1.1 at most", async () => {
    await server.close();
    server = await FaultServer.start({
      ...certificate,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const { error } = await approve();
    expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
  });

  it("beforeSend throws", async () => {
    const cause = new Error("the ledger is gone");
    const { error } = await approve({ beforeSend: () => Promise.reject(cause) });
    expect(error).toMatchObject({ code: "before-send-failed", outcome: "not-sent", cause });
    expect(server.bytesSeen).toBe(0);
  });

  it.each([
    ["closes", (connection) => void connection.tls.end()],
    ["resets", (connection) => void connection.tcp.resetAndDestroy()],
    ["speaks first", ({ tls }) => void tls.write("HTTP/1.1 200 OK\r\n")],
  ] satisfies [string, Behaviour][])("the server %s while beforeSend is running", async (_, breakIt) => {
    server.behaviour = breakIt;
    const { error } = await approve({ beforeSend: () => new Promise(() => {}) });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(error?.message).toMatch(/connection was lost/);
    expect(server.bytesSeen).toBe(0);
  });

  it("the deadline passes while beforeSend is running", async () => {
    holdTimers();
    const { error } = await approve({
      beforeSend: () => {
        void pass(60_000);
        return new Promise(() => {});
      },
    });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(server.bytesSeen).toBe(0);
  });

  it("aborted before it began: no connection is made", async () => {
    const { error, beforeSends } = await approve({ signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect([beforeSends, server.connections]).toEqual([0, 0]);
  });

  it("aborted while beforeSend is running", async () => {
    const abort = new AbortController();
    const { error } = await approve({
      signal: abort.signal,
      beforeSend: async () => abort.abort(),
    });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(server.bytesSeen).toBe(0);
  });
});

describe("after the first byte: every fault is unknown, and nothing is sent twice", () => {
  const broken: [name: string, code: ErrorCode, behaviour: Behaviour][] = [
    [
      "reset at the first bytes",
      "connection-lost",
      ({ tls, tcp }) => void tls.once("data", () => tcp.resetAndDestroy()),
    ],
    [
      "reset after the request",
      "connection-lost",
      async ({ tcp, request }) => {
        await request();
        tcp.resetAndDestroy();
      },
    ],
    ["closed without a reply", "connection-lost", answer("")],
    ["garbage instead of HTTP", "connection-lost", answer("\x16\x03\x01 this is not HTTP\r\n\r\n")],
    ["a status line only", "connection-lost", answer("HTTP/1.1 200 OK\r\n")],
    ["headers too long", "connection-lost", answer(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(70_000)}\r\n\r\n`)],
    ["headers, then closed", "connection-lost", answer("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")],
    ["half the body", "connection-lost", answer(jsonReply(approved).slice(0, -40))],
    [
      "a chunked body without its end",
      "connection-lost",
      answer(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"Res\r\n`),
    ],
    [
      "half a body that only ends with the connection",
      "reply-invalid",
      answer(`HTTP/1.1 200 OK\r\n\r\n${JSON.stringify(approved).slice(0, -20)}`),
    ],
    [
      "a switch of protocols",
      "connection-lost",
      answer("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    ],
    [
      "a body over 256 KiB",
      "reply-too-large",
      answer(jsonReply({ ...approved, Pad: "x".repeat(256 * 1024) })),
    ],
    [
      "an endless body",
      "reply-too-large",
      async ({ tls, request }) => {
        await request();
        tls.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        const more = () => {
          while (!tls.destroyed && tls.write(`4000\r\n${" ".repeat(0x4000)}\r\n`));
        };
        tls.on("drain", more);
        more();
      },
    ],
    [
      "a compressed body",
      "reply-invalid",
      answer(reply(gzipSync(JSON.stringify(approved)), "200 OK", "content-encoding: gzip\r\n")),
    ],
    ["an empty body", "reply-invalid", answer(reply(""))],
    ["HTML", "reply-invalid", answer(reply("<!doctype html><h1>점검 중</h1>"))],
    ["a JSON array", "reply-invalid", answer(jsonReply([approved]))],
    ["JSON null", "reply-invalid", answer(jsonReply("null"))],
    ["no ResultCode", "reply-invalid", answer(jsonReply({ ...approved, ResultCode: undefined }))],
    ["a ResultCode that is a number", "reply-invalid", answer(jsonReply({ ...approved, ResultCode: 0 }))],
    ["an empty ResultCode", "reply-invalid", answer(jsonReply({ ...approved, ResultCode: "" }))],
    [
      "a key that stands twice",
      "reply-invalid",
      answer(jsonReply('{"ResultCode":"01","ResultCode":"00","tid":"T1"}')),
    ],
    [
      "a key that stands twice, once escaped",
      "reply-invalid",
      answer(jsonReply('{"ResultCode":"01","Result\\u0043ode":"00","tid":"T1"}')),
    ],
    [
      "nesting without end",
      "reply-invalid",
      answer(jsonReply(`{"ResultCode":"00","tid":"T1","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`)),
    ],
    [
      "another character set",
      "reply-invalid",
      async ({ tls, request }) => {
        await request();
        // "정상" in EUC-KR
        const body = Buffer.concat([
          Buffer.from('{"ResultCode":"00","tid":"T1","ResultMsg":"'),
          Buffer.from([0xc1, 0xa4, 0xbb, 0xf3]),
          Buffer.from('"}'),
        ]);
        tls.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.byteLength}\r\n\r\n`);
        tls.end(body);
      },
    ],
    ["HTTP 500", "http-error", answer(reply("oops", "500 Internal Server Error"))],
    [
      "HTTP 500 with a declining ResultCode",
      "http-error",
      answer(jsonReply({ ResultCode: "9999" }, "500 Internal Server Error")),
    ],
    ["HTTP 503 with the success code", "http-error", answer(jsonReply(approved, "503 Service Unavailable"))],
    ["HTTP 201 with the success code", "http-error", answer(jsonReply(approved, "201 Created"))],
    ["HTTP 204", "http-error", answer("HTTP/1.1 204 No Content\r\n\r\n")],
    ["HTTP 403 without a ResultCode", "http-error", answer(reply("<h1>Forbidden</h1>", "403 Forbidden"))],
    ["HTTP 421", "http-error", answer(reply("", "421 Misdirected Request"))],
    ["HTTP 400 with the success code", "result-unproven", answer(jsonReply(approved, "400 Bad Request"))],
    ["another success code", "result-unproven", answer(jsonReply({ ...approved, ResultCode: "0000" }))],
    ["escrow's success code", "result-unproven", answer(jsonReply({ ...approved, ResultCode: "310000" }))],
    ...[301, 302, 303, 307, 308].map((status): [string, ErrorCode, Behaviour] => [
      `a redirect (${status}) to itself, even with a ResultCode`,
      "redirected",
      async ({ tls, request }) => {
        await request();
        tls.end(
          jsonReply(approved, `${status} Moved`, `location: ${server.origin}/noauth/pay/card\r\n`),
          "latin1",
        );
      },
    ]),
  ];
  it.each(broken)("%s", async (_, code, behaviour) => {
    server.behaviour = behaviour;
    const { error, beforeSends } = await approve();
    expect(error).toMatchObject({ code, outcome: "unknown", operation: "cards.approve" });
    expect(beforeSends).toBe(1);
    expect(server.connections).toBe(1);
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  it("no reply until the deadline", async () => {
    holdTimers();
    server.behaviour = async ({ request }) => {
      await request();
      await pass(60_000);
    };
    const { error } = await approve();
    expect(error).toMatchObject({ code: "deadline", outcome: "unknown" });
  });

  it("a body that stalls midway", async () => {
    holdTimers();
    // Node.js says so once the client has read the headers of a reply.
    const onHeaders = () => void pass(60_000);
    subscribe("http.client.response.finish", onHeaders);
    onTestFinished(() => void unsubscribe("http.client.response.finish", onHeaders));
    server.behaviour = async ({ tls, request }) => {
      await request();
      tls.write(jsonReply(approved).slice(0, -30), "latin1");
    };
    const { error } = await approve();
    expect(error).toMatchObject({ code: "deadline", outcome: "unknown" });
  });

  it("aborted once the request is out", async () => {
    const abort = new AbortController();
    server.behaviour = async ({ request }) => {
      await request();
      abort.abort();
    };
    const { error } = await approve({ signal: abort.signal });
    expect(error).toMatchObject({ code: "aborted", outcome: "unknown" });
  });

  it("a 4xx without ResultCode names the usual causes", async () => {
    server.behaviour = answer(reply("<h1>Forbidden</h1>", "403 Forbidden"));
    const { error } = await approve();
    expect(error?.message).toMatch(/outside Korea.*wrong host/);
  });

  it("a reply that is cut at any byte", { timeout: 120_000 }, async () => {
    const whole = jsonReply(approved);
    for (let length = 0; length < whole.length; length += 1) {
      server.behaviour = answer(whole.slice(0, length));
      const { error } = await approve();
      expect(error?.outcome, `cut after ${length} bytes`).toBe("unknown");
    }
    server.behaviour = answer(whole);
    expect((await approve()).error).toBeUndefined();
  });
});

describe("complete replies", () => {
  it.each([
    ["a decline", jsonReply({ ResultCode: "5100", ResultMsg: "한도초과" }), "refused", "refused"],
    [
      "a 4xx with a ResultCode",
      jsonReply({ ResultCode: "9001", ResultMsg: "서명 오류" }, "400 Bad Request"),
      "refused",
      "refused",
    ],
    ["success with another amount", jsonReply({ ...approved, Price: "150000" }), "success-mismatch", "moved"],
    [
      "success with an amount that is none",
      jsonReply({ ...approved, Price: "15.000" }),
      "success-mismatch",
      "moved",
    ],
    ["success without tid", jsonReply({ ...approved, tid: undefined }), "success-incomplete", "moved"],
    ["success with an empty tid", jsonReply({ ...approved, tid: "" }), "success-incomplete", "moved"],
    [
      "success with a tid that can't be sent back",
      jsonReply({ ...approved, tid: "x".repeat(41) }),
      "success-incomplete",
      "moved",
    ],
  ] as const)("%s", async (_, text, code, outcome) => {
    server.behaviour = answer(text);
    const { error } = await approve();
    expect(error).toMatchObject({ code, outcome });
  });

  it("keeps the gateway's code and message of a decline", async () => {
    server.behaviour = answer(jsonReply({ ResultCode: "5100", ResultMsg: "한도초과" }));
    const { error } = await approve();
    expect(error).toMatchObject({ resultCode: "5100", resultMessage: "한도초과", httpStatus: 200 });
  });

  it("keeps the facts of a mismatched success for settling", async () => {
    server.behaviour = answer(jsonReply({ ...approved, Price: "150000" }));
    expect((await approve()).error).toMatchObject({
      tid: "T0123456789",
      price: 150_000,
      applNum: "12345678",
      at: new Date("2026-11-21T00:30:01Z"),
    });
  });

  it("redacts card numbers in unlisted fields of the reply", async () => {
    const card = "4111111111111111";
    const body = {
      ...approved,
      ResultMsg: `${"가".repeat(485)}${card}`,
      Echo: card,
      N: Number(card),
      In: { a: [card] },
    };
    server.behaviour = answer(jsonReply(body));
    const payapi = sandboxClient({ baseUrl: server.origin, ca: certificate.cert });
    const result = await payapi.cards.approve(approval);
    expect(inspect(result, { depth: 9, showHidden: true })).not.toMatch(/4111111111/);
    expect(JSON.stringify(result)).not.toMatch(/4111111111/);
    expect(result.raw).toMatchObject({ tid: approved.tid, PayDate: approved.PayDate });
  });

  it("keeps the bytes of a malformed reply out of its error", async () => {
    server.behaviour = answer("HTTP/1.1 200 OK\r\nbad header 4111111111111111\r\n\r\n");
    const { error } = await approve();
    expect(error).toMatchObject({ code: "connection-lost", outcome: "unknown" });
    expect(JSON.stringify(error?.cause)).not.toMatch(/rawPacket/);
  });

  it("accepts a success without the amount, with unknown fields, or with a numeric amount", async () => {
    for (const body of [
      { ...approved, Price: undefined },
      { ...approved, New: { a: [1] } },
      { ...approved, Price: 15000 },
    ]) {
      server.behaviour = answer(jsonReply(body));
      expect((await approve()).error).toBeUndefined();
    }
  });

  it("reads a chunked reply, and one after informational ones", async () => {
    const body = JSON.stringify(approved);
    const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${Buffer.from(body).toString("latin1")}\r\n0\r\n\r\n`;
    server.behaviour = answer(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${chunked}`);
    expect((await approve()).error).toBeUndefined();
  });

  it("opens a new connection for each call and resumes the TLS session", async () => {
    server.behaviour = answer(jsonReply(approved));
    const payapi = sandboxClient({ baseUrl: server.origin, ca: certificate.cert });
    for (let call = 0; call < 3; call += 1) await payapi.cards.approve(approval);
    expect(server.connections).toBe(3);
    expect(server.resumed).toEqual([false, true, true]);
  });

  it("awaits beforeSend once, after the handshake and before the first byte", async () => {
    server.behaviour = answer(jsonReply(approved));
    const seen: unknown[] = [];
    const { error, beforeSends } = await approve({
      beforeSend: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(server.connections, server.bytesSeen);
      },
    });
    expect([error, beforeSends, seen]).toEqual([undefined, 1, [1, 0]]);
  });
});

afterAll(() => {
  expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBeUndefined();
});
