import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ErrorCode } from "../src/index.js";
import { answer, FaultCalls } from "./support/fault-calls.js";
import { type Behaviour, jsonReply, reply } from "./support/fault-server.js";
import { holdTimers, pass } from "./support/held-timers.js";
import { approved } from "./support/merchant.js";

const calls = new FaultCalls();

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
          jsonReply(approved, `${status} Moved`, `location: ${calls.server.origin}/noauth/pay/card\r\n`),
          "latin1",
        );
      },
    ]),
  ];
  it.each(broken)("%s", async (_, code, behaviour) => {
    calls.server.behaviour = behaviour;
    const { error, beforeSends } = await calls.approve();
    expect(error).toMatchObject({ code, outcome: "unknown", operation: "cards.approve" });
    expect(beforeSends).toBe(1);
    expect(calls.server.connections).toBe(1);
    expect(calls.server.requests.length).toBeLessThanOrEqual(1);
  });

  it("no reply until the deadline", async () => {
    holdTimers();
    calls.server.behaviour = async ({ request }) => {
      await request();
      await pass(60_000);
    };
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code: "deadline", outcome: "unknown" });
  });

  it("a body that stalls midway", async () => {
    holdTimers();
    // Node.js says so once the client has read the headers of a reply.
    const onHeaders = () => void pass(60_000);
    subscribe("http.client.response.finish", onHeaders);
    onTestFinished(() => void unsubscribe("http.client.response.finish", onHeaders));
    calls.server.behaviour = async ({ tls, request }) => {
      await request();
      tls.write(jsonReply(approved).slice(0, -30), "latin1");
    };
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code: "deadline", outcome: "unknown" });
  });

  it("aborted once the request is out", async () => {
    const abort = new AbortController();
    calls.server.behaviour = async ({ request }) => {
      await request();
      abort.abort();
    };
    const { error } = await calls.approve({ signal: abort.signal });
    expect(error).toMatchObject({ code: "aborted", outcome: "unknown" });
  });

  it("a 4xx without ResultCode names the usual causes", async () => {
    calls.server.behaviour = answer(reply("<h1>Forbidden</h1>", "403 Forbidden"));
    const { error } = await calls.approve();
    expect(error?.message).toMatch(/outside Korea.*wrong host/);
  });

  it("a reply that is cut at any byte", { timeout: 120_000 }, async () => {
    const whole = jsonReply(approved);
    for (let length = 0; length < whole.length; length += 1) {
      calls.server.behaviour = answer(whole.slice(0, length));
      const { error } = await calls.approve();
      expect(error?.outcome, `cut after ${length} bytes`).toBe("unknown");
    }
    calls.server.behaviour = answer(whole);
    expect((await calls.approve()).error).toBeUndefined();
  });
});
