import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";

const mebibyte = 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, "x");
const chunked = Buffer.concat([Buffer.from("10000\r\n"), chunk, Buffer.from("\r\n")]);

let server: ChildProcess;
let port: number;

interface Memory {
  /** The peak memory since the last question, and the current memory. */
  readonly peak: number;
  readonly now: number;
  /** The peak memory for an unread body. */
  readonly held: number;
}

async function memory(): Promise<Memory> {
  server.send("memory");
  return (await once(server, "message"))[0] as Memory;
}

/**
 * Sends up to 1 GiB without minding the answer, and gives what came back before the connection ended. `onStall` is called
 * once the server reads no more and the client can send no more.
 */
async function upload(path: string, framing: "length" | "chunked", onStall?: () => void): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let answer = "";
  socket.on("data", (text: string) => {
    answer += text;
  });
  // The server cuts it off sooner or later.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  const header = framing === "length" ? `Content-Length: ${1024 * mebibyte}` : "Transfer-Encoding: chunked";
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
  let stalled = onStall;
  let isHolding = false;
  if (onStall) {
    server.once("message", () => {
      isHolding = true;
    });
  }
  for (let sent = 0; sent < 1024 * mebibyte && !socket.destroyed; sent += chunk.byteLength) {
    if (socket.write(framing === "length" ? chunk : chunked)) continue;
    let isFull = true;
    const drained = new Promise((resolve) => socket.once("drain", resolve)).then(() => {
      isFull = false;
    });
    const check = () => {
      if (!isFull || !isHolding) return;
      stalled?.();
      stalled = undefined;
    };
    // After a pause of this process, what is ready on the socket is heard of before an immediate runs.
    const timer = stalled && setInterval(() => setImmediate(check), 500);
    await Promise.race([drained, closed]);
    clearInterval(timer);
  }
  await closed;
  return answer;
}

beforeAll(async () => {
  const script = fileURLToPath(new URL("support/upload-server.mjs", import.meta.url));
  server = fork(script, { execArgv: ["--expose-gc"] });
  port = ((await once(server, "message"))[0] as { port: number }).port;
  // Memory that Node itself keeps after load is not measured.
  await upload("/unread", "length");
  await upload("/limited", "chunked");
});

afterAll(() => server.kill());

it.each([
  ["/unread", "length"],
  ["/unread", "chunked"],
  ["/limited", "length"],
  ["/limited", "chunked"],
] as const)(
  "an upload of 1 GiB is answered and ended without using memory (%s, %s)",
  async (path, framing) => {
    const before = await memory();
    expect(await upload(path, framing)).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*too large$/s);
    const after = await memory();
    expect((after.peak - before.now) / mebibyte).toBeLessThan(32);
  },
);

it("an unread body stays with the client", async () => {
  const before = await memory();
  let stalls = 0;
  const answer = await upload("/held", "length", () => {
    stalls += 1;
    server.send("release");
  });
  expect(answer).toContain(" 413 ");
  expect(stalls).toBe(1);
  const after = await memory();
  expect(after.held).toBeLessThanOrEqual(2 * 64 * 1024);
  expect((after.peak - before.now) / mebibyte).toBeLessThan(32);
});

/** Sends a header, then a byte each half second until the server has had enough; gives what came back, and after how long. */
async function trickle(headers: string, byte: string): Promise<{ answer: string; afterMs: number }> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  const began = performance.now();
  let answer = "";
  socket.on("data", (text: string) => {
    answer += text;
  });
  // The server cuts it off in the middle of what is still sent.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  socket.write(`POST /notifications/mobile HTTP/1.1\r\nHost: x\r\n${form}${headers}\r\n`);
  const timer = setInterval(() => {
    if (!socket.destroyed) socket.write(byte);
  }, 500);
  await closed;
  clearInterval(timer);
  return { answer, afterMs: performance.now() - began };
}

const form = "Content-Type: application/x-www-form-urlencoded\r\n";

it("300 slow bodies are ended after ten seconds without using memory", async () => {
  const before = await memory();
  const clients = Array.from({ length: 300 }, (_, index) =>
    index % 2 === 0
      ? trickle("Content-Length: 60000\r\n", "x")
      : trickle("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n"),
  );
  const ended = await Promise.all(clients);
  for (const { answer, afterMs } of ended) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*\r\nconnection: close\r\n.*"code":"request-timeout"/is);
    expect(afterMs).toBeGreaterThan(9_000);
  }
  const after = await memory();
  expect((after.peak - before.now) / mebibyte).toBeLessThan(32);
});

it("a compressed body is refused without decompression", async () => {
  const before = await memory();
  const bomb = gzipSync(Buffer.alloc(512 * mebibyte));
  const answer = await fetch(`http://127.0.0.1:${port}/notifications/mobile`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip" },
    body: bomb,
  });
  expect(answer.status).toBe(415);
  expect(await answer.json()).toMatchObject({ code: "form-expected" });
  const after = await memory();
  expect((after.peak - before.now) / mebibyte).toBeLessThan(32);
});
