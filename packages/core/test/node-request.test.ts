import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { sendWebResponse, toWebRequest } from "../src/internal.js";
import { connectTo, deferred, serveHttp } from "./support/http-server.js";

const origin = "https://shop.example";
const head = (length: number) => `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

it("a Node request keeps a body of several megabytes unchanged", async () => {
  const sent = randomBytes(5 * 1024 * 1024);
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const port = await serveHttp(async (message, target) => {
    const bytes = new Uint8Array(await toWebRequest(message, { origin }).arrayBuffer());
    await sendWebResponse(target, new Response(digest(bytes)));
  });
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: sent });
  expect(await answer.text()).toBe(digest(sent));
});

it("a Node request leaves the body unread until it is needed", async () => {
  const port = await serveHttp(async (message, target) => {
    toWebRequest(message, { origin });
    await new Promise((resolve) => setImmediate(resolve));
    const { readableDidRead, readableFlowing } = message;
    const chunks: Uint8Array[] = [];
    for await (const chunk of message as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    await sendWebResponse(target, Response.json({ readableDidRead, readableFlowing, body }));
  });
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: "hello" });
  expect(await answer.json()).toEqual({ readableDidRead: false, readableFlowing: null, body: "hello" });
});

it.each([
  ["while its body is read", true],
  ["before its body is read", false],
])("a Node request fails the body when the client disconnects %s", async (_when, begin) => {
  const failed = deferred<unknown>();
  const port = await serveHttp(async (message) => {
    const reader = toWebRequest(message, { origin }).body?.getReader();
    if (begin) await reader?.read();
    client.destroy();
    await new Promise((resolve) => message.once("close", resolve));
    failed.resolve(await reader?.read().catch((error: unknown) => error));
  });
  const client = await connectTo(port);
  client.write(`${head(100)}hello`);
  expect(await failed.promise).toBeInstanceOf(Error);
});

it("a Node request fails a pending read when the client disconnects", async () => {
  const failed = deferred<unknown>();
  const port = await serveHttp(async (message) => {
    const reader = toWebRequest(message, { origin }).body?.getReader();
    await reader?.read();
    const pending = reader?.read().catch((error: unknown) => error);
    client.destroy();
    failed.resolve(await pending);
  });
  const client = await connectTo(port);
  client.write(`${head(100)}hello`);
  expect(await failed.promise).toMatchObject({ code: "ECONNRESET" });
});

it("a Node request can be answered after reading stopped, even during a pending read", async () => {
  const port = await serveHttp(async (message, target) => {
    const reader = toWebRequest(message, { origin }).body?.getReader();
    await reader?.read();
    const pending = reader?.read();
    await reader?.cancel();
    expect(await pending).toMatchObject({ done: true });
    await sendWebResponse(target, new Response("late", { status: 408 }));
  });
  const client = await connectTo(port);
  client.write(`${head(100)}hello`);
  await once(client, "data");
  expect(client.received()).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n.*late$/s);
});

// A guard of the requested path does not guard another path.
it.each([
  ["/payments/orders/1?from=a?b", "/payments/orders/1?from=a?b"],
  ["/payments/orders/%ED%99%8D", "/payments/orders/%ED%99%8D"],
  ["//evil.example/payments", "//evil.example/payments"],
  ["http://evil.example/payments/orders/1", "/"],
  ["*", "/"],
  ["/payments/x/../orders/1", "/"],
  ["/payments/x/%2e%2E/orders/1", "/"],
  ["/payments/orders/1/..", "/"],
  ["/payments\\orders\\1", "/"],
  ["/payments/orders/1#x", "/"],
  ["/payments/orders/1?a=../b\\c", "/payments/orders/1?a=../b\\c"],
])("a Node request maps the target %s to %s at the configured origin", async (target, expected) => {
  const port = await serveHttp(async (message, response) => {
    await sendWebResponse(response, new Response(toWebRequest(message, { origin }).url));
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(
      { port, path: target, method: "OPTIONS", headers: { host: "evil.example:x" }, agent: false },
      resolve,
    )
      .once("error", reject)
      .end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe(`${origin}${expected}`);
});
