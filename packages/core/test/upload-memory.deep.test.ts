import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const mebibyte = 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, "x");
const chunked = Buffer.concat([Buffer.from("10000\r\n"), chunk, Buffer.from("\r\n")]);

let server: ChildProcess;
let port: number;

interface Memory {
  /** The most it used since it was last asked, and what it uses now. */
  readonly peak: number;
  readonly now: number;
  /** The most it held of a body that nobody read on. */
  readonly held: number;
}

async function memory(): Promise<Memory> {
  server.send("memory");
  return (await once(server, "message"))[0] as Memory;
}

/** Sends up to 1 GiB without minding the answer, and gives what came back before the connection ended. */
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
  for (let sent = 0; sent < 1024 * mebibyte && !socket.destroyed; sent += chunk.byteLength) {
    if (socket.write(framing === "length" ? chunk : chunked)) continue;
    const drained = new Promise((resolve) => socket.once("drain", resolve));
    const timer = stalled && setTimeout(stalled, 500);
    await Promise.race([drained, closed]);
    clearTimeout(timer);
    if (answer !== "") stalled = undefined;
  }
  await closed;
  return answer;
}

beforeAll(async () => {
  const script = fileURLToPath(new URL("support/upload-server.mjs", import.meta.url));
  server = fork(script, { execArgv: ["--expose-gc"] });
  port = ((await once(server, "message"))[0] as { port: number }).port;
  // What Node itself keeps once it has been busy is not what is measured.
  await upload("/unread", "length");
  await upload("/limited", "chunked");
});

afterAll(() => server.kill());

it.each([
  ["/unread", "length"],
  ["/unread", "chunked"],
  ["/limited", "length"],
  ["/limited", "chunked"],
] as const)("an upload of 1 GiB is answered, ended and takes no memory (%s, %s)", async (path, framing) => {
  const before = await memory();
  expect(await upload(path, framing)).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*too large$/s);
  const after = await memory();
  expect((after.peak - before.now) / mebibyte).toBeLessThan(32);
});

it("what nobody reads stays with the client", async () => {
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
