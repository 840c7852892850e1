import type { Socket } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { FaultCalls } from "./support/fault-calls.js";
import { type Behaviour, FaultServer, makeCertificate } from "./support/fault-server.js";
import { holdTimers, pass } from "./support/held-timers.js";

const calls = new FaultCalls();

describe("before the first byte: not-sent, and the server has seen nothing", () => {
  it("connection refused", async () => {
    await calls.server.close();
    const { error, beforeSends } = await calls.approve();
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
    calls.server.beforeTls = (socket) => {
      breakIt(socket);
      return false;
    };
    const { error, beforeSends } = await calls.approve();
    expect(error).toMatchObject({ code: expect.stringMatching(code), outcome: "not-sent" });
    expect(beforeSends).toBe(0);
    expect(calls.server.connections).toBe(1);
  });

  it("the TLS handshake stalls until the deadline", async () => {
    holdTimers();
    calls.server.beforeTls = (socket) => {
      socket.once("data", () => void pass(60_000));
      return false;
    };
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
  });

  it("an unknown certificate authority, even with NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
    const other = await makeCertificate();
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      const { error, beforeSends } = await calls.approve({ ca: other.cert });
      expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
      expect(beforeSends).toBe(0);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(calls.server.bytesSeen).toBe(0);
  });

  it("a certificate for another name", async () => {
    await calls.server.close();
    const wrong = await makeCertificate("127.0.0.2");
    calls.server = await FaultServer.start(wrong);
    const { error } = await calls.approve({ ca: wrong.cert });
    expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
    expect(calls.server.bytesSeen).toBe(0);
  });

  it("a server that speaks TLS 1.1 at most", async () => {
    await calls.server.close();
    calls.server = await FaultServer.start({
      ...calls.certificate,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code: "tls-failed", outcome: "not-sent" });
  });

  it("beforeSend throws", async () => {
    const cause = new Error("the ledger is gone");
    const { error } = await calls.approve({ beforeSend: () => Promise.reject(cause) });
    expect(error).toMatchObject({ code: "before-send-failed", outcome: "not-sent", cause });
    expect(calls.server.bytesSeen).toBe(0);
  });

  it.each([
    ["closes", (connection) => void connection.tls.end()],
    ["resets", (connection) => void connection.tcp.resetAndDestroy()],
    ["speaks first", ({ tls }) => void tls.write("HTTP/1.1 200 OK\r\n")],
  ] satisfies [string, Behaviour][])("the server %s while beforeSend is running", async (_, breakIt) => {
    calls.server.behaviour = breakIt;
    const { error } = await calls.approve({ beforeSend: () => new Promise(() => {}) });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(error?.message).toMatch(/connection was lost/);
    expect(calls.server.bytesSeen).toBe(0);
  });

  it("the deadline passes while beforeSend is running", async () => {
    holdTimers();
    const { error } = await calls.approve({
      beforeSend: () => {
        void pass(60_000);
        return new Promise(() => {});
      },
    });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(calls.server.bytesSeen).toBe(0);
  });

  it("aborted before it began: no connection is made", async () => {
    const { error, beforeSends } = await calls.approve({ signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect([beforeSends, calls.server.connections]).toEqual([0, 0]);
  });

  it("aborted while beforeSend is running", async () => {
    const abort = new AbortController();
    const { error } = await calls.approve({
      signal: abort.signal,
      beforeSend: async () => abort.abort(),
    });
    expect(error).toMatchObject({ code: "not-sent", outcome: "not-sent" });
    expect(calls.server.bytesSeen).toBe(0);
  });
});

afterAll(() => {
  expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBeUndefined();
});
