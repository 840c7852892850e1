import { IncomingMessage } from "node:http";
import type https from "node:https";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { createHttpsTransport, type PayApi } from "../src/index.js";
import { FaultServer, jsonReply, makeCertificate } from "./support/fault-server.js";
import { detourHttps, ignoreCreateConnection, interceptHttps } from "./support/intercepted-https.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

let server: FaultServer;
let payapi: PayApi;
let ca: string;

/** As Deno 2.0 to 2.7.1: `secureConnect` and `authorized` at once, and no protocol. */
function forgetProtocols(): () => void {
  const { getProtocol } = TLSSocket.prototype;
  Reflect.deleteProperty(TLSSocket.prototype, "getProtocol");
  return () => {
    TLSSocket.prototype.getProtocol = getProtocol;
  };
}

beforeEach(async () => {
  const certificate = await makeCertificate();
  ca = certificate.cert;
  server = await FaultServer.start(certificate);
  server.behaviour = async ({ tls, request }) => {
    await request();
    tls.end(jsonReply(approved), "latin1");
  };
  payapi = sandboxClient({ baseUrl: server.origin, ca, timeoutMs: 20_000 });
});
afterEach(() => server.close());

it.each([
  ["ignores createConnection", ignoreCreateConnection, /another connection.*다른 연결/],
  ["reports a connection before its TLS handshake", forgetProtocols, /before it has verified.*확인하기 전에/],
])("on a runtime that %s, no client can be created", (_, become, reason) => {
  onTestFinished(become());
  expect(() => sandboxClient()).toThrow(
    expect.objectContaining({
      code: "unsupported-runtime",
      outcome: "not-sent",
      message: expect.stringMatching(reason),
    }),
  );
  expect(() => sandboxClient({ transport: () => Promise.reject(new Error()) })).not.toThrow();
});

it("the request has the gateway's scheme, host and port, for tracing libraries", async () => {
  const seen: https.RequestOptions[] = [];
  const restore = interceptHttps(
    (request) =>
      ((options: https.RequestOptions) => {
        seen.push(options);
        return request(options);
      }) as typeof https.request,
  );
  onTestFinished(restore);
  await payapi.cards.approve(approval);
  const { port } = new URL(server.origin);
  expect(seen).toMatchObject([
    { protocol: "https:", host: "127.0.0.1", port: Number(port), path: "/noauth/pay/card" },
  ]);
});

it("a request on another connection is not sent, and its forged approval is ignored", async () => {
  const detour = await detourHttps(approved);
  onTestFinished(detour.restore);
  await expect(payapi.cards.approve(approval)).rejects.toMatchObject({
    code: "unsupported-runtime",
    outcome: "not-sent",
    message: expect.stringMatching(
      /Node\.js \d+\.\d+\.\d+.*intercepts node:http.*Node\.js >= 20\.19.*가로채는 라이브러리/,
    ),
  });
  await server.drained();
  expect([server.connections, server.bytesSeen, await detour.received()]).toEqual([1, 0, ""]);
});

it("a read-only call is not repeated on a runtime that cannot send it", async () => {
  const detour = await detourHttps(approved);
  onTestFinished(detour.restore);
  await expect(payapi.cards.lookupPrefix({ cardNumber: "411111" })).rejects.toMatchObject({
    code: "unsupported-runtime",
  });
  expect([server.connections, await detour.received()]).toEqual([1, ""]);
});

it("a connection that is reported before its TLS handshake is not used, and beforeSend is not called", async () => {
  onTestFinished(forgetProtocols());
  const beforeSend = vi.fn();
  await expect(payapi.cards.approve(approval, { beforeSend })).rejects.toMatchObject({
    code: "unsupported-runtime",
    outcome: "not-sent",
    message: expect.stringMatching(/before it has verified.*인증서를 확인하기 전에/),
  });
  await server.drained();
  expect([beforeSend.mock.calls.length, server.bytesSeen]).toEqual([0, 0]);
});

it("a reply over another connection leaves the outcome unknown", async () => {
  const restore = interceptHttps(
    (request) =>
      ((options: https.RequestOptions) => {
        const made = request(options);
        made.end = () => {
          made.emit("response", new IncomingMessage(new Socket()));
          return made;
        };
        return made;
      }) as typeof https.request,
  );
  onTestFinished(restore);
  await expect(payapi.cards.approve(approval)).rejects.toMatchObject({
    code: "connection-lost",
    outcome: "unknown",
    message: expect.stringMatching(/another connection/),
  });
});

it("a call that is aborted right before its first byte is reported as not sent, and is not sent", async () => {
  const abort = new AbortController();
  const call = payapi.cards.approve(approval, {
    signal: abort.signal,
    // Runs when the request exists and has not been given its connection yet.
    beforeSend: () => process.nextTick(() => abort.abort()),
  });
  await expect(call).rejects.toMatchObject({ code: "not-sent", outcome: "not-sent" });
  await server.drained();
  expect([server.connections, server.bytesSeen]).toEqual([1, 0]);
});

it("a request that fails before its first byte is not sent", async () => {
  const cause = new Error("blocked");
  const restore = interceptHttps(
    (request) =>
      ((options: https.RequestOptions) => {
        const made = request(options);
        queueMicrotask(() => made.emit("error", cause));
        return made;
      }) as typeof https.request,
  );
  onTestFinished(restore);
  await expect(payapi.cards.approve(approval)).rejects.toMatchObject({
    code: "not-sent",
    outcome: "not-sent",
    cause,
  });
  await server.drained();
  expect([server.connections, server.bytesSeen]).toEqual([1, 0]);
});

it("a request that Node.js refuses to create is not sent", async () => {
  const call = createHttpsTransport({ ca })({
    url: new URL("/noauth/pay/card", server.origin),
    headers: { accept: "application/json\n" },
    body: Buffer.from("price=15000"),
    timeoutMs: 20_000,
  });
  await expect(call).rejects.toMatchObject({ failure: "not-sent", sent: false });
  await server.drained();
  expect([server.connections, server.bytesSeen]).toEqual([1, 0]);
});
