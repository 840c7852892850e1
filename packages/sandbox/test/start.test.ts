import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { type SandboxOptions, sandboxMerchant, startSandbox } from "../src/index.js";
import { makeCertificate } from "./support/certificate.js";
import { approvalForm, approve, formRequest, paths } from "./support/merchant.js";
import { exchange, open } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";

test("startSandbox serves only on 127.0.0.1, or on another configured loopback address", async () => {
  expect((await sandboxFor()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const other = await sandboxFor({ host: "127.0.0.2" });
  expect(other.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
  await approve(other.url, "order-1");
});

test.each([
  ["a public address", { host: "0.0.0.0" }, /^host/],
  ["every address of version 6", { host: "::" }, /^host/],
  ["a name that only starts like loopback", { host: "127.0.0.1.example" }, /^host/],
  ["a port that does not exist", { port: 65536 }, /^port/],
  ["no merchant", { merchants: [] }, /^merchants/],
  ["a merchant twice", { merchants: [sandboxMerchant, sandboxMerchant] }, /^merchants\[1\]\.mid/],
  [
    "a short key",
    { merchants: [{ ...sandboxMerchant, fieldKey: "2".repeat(31) }] },
    /^merchants\[0\]\.fieldKey/,
  ],
  ["a long iv", { merchants: [{ ...sandboxMerchant, fieldIv: "2".repeat(17) }] }, /^merchants\[0\]\.fieldIv/],
  ["no sign key", { merchants: [{ ...sandboxMerchant, signKey: "" }] }, /^merchants\[0\]\.signKey/],
])("startSandbox rejects %s by name, without the value", async (_, options: SandboxOptions, message) => {
  const error = await startSandbox({ port: 0, ...options }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).toMatch(new RegExp(`^TypeError: ${message.source.slice(1)}`));
  expect(String(error)).not.toContain("22222");
});

test("startSandbox reports a busy port and how to choose another", async () => {
  const { url } = await sandboxFor();
  const port = Number(new URL(url).port);
  const message = new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use.*--port.*0 takes any free port`);
  await expect(startSandbox({ port })).rejects.toThrow(message);
});

describe("close", () => {
  test("ends stalled and idle connections, frees the port, and can be called twice", async () => {
    const lines: string[] = [];
    const sandbox = await startSandbox({ port: 0, log: (line) => lines.push(line) });
    sandbox.faults.next("stall-after-commit");
    const stalled = open(sandbox.url, formRequest(paths.approve, approvalForm({ oid: "order-1" })));
    await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(1);
    const idle = open(sandbox.url, { path: "/", headers: { "Content-Length": "10" } });
    await approve(sandbox.url, "order-2");
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect((await stalled.seen).raw + (await idle.seen).raw).toBe("");
    const port = Number(new URL(sandbox.url).port);
    const server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
    await new Promise((resolve) => server.close(resolve));
    // The book outlives the server, for the last look at it.
    expect(sandbox.book.transactions).toHaveLength(2);
  });

  test("ends the fault refuse", async () => {
    const sandbox = await startSandbox({ port: 0 });
    sandbox.faults.add({ fault: "refuse", forMs: 10 });
    await sandbox.close();
    await sandbox.faults.clear();
    expect((await exchange(sandbox.url, { path: "/" })).end).toBe("ECONNREFUSED");
  });
});

test("startSandbox serves TLS with the given certificate", async () => {
  const tls = await makeCertificate();
  const { url, book } = await sandboxFor({ tls });
  expect(url).toMatch(/^https:/);
  const request = formRequest(paths.approve, approvalForm({ oid: "order-1" }));
  const stranger = await exchange(url, { ...request, ca: (await makeCertificate()).cert });
  expect([stranger.raw, stranger.end]).toEqual(["", expect.stringMatching(/CERT|SIGNATURE/)]);
  expect(book.requests).toEqual([]);
  const seen = await exchange(url, { ...request, ca: tls.cert });
  expect(JSON.parse(seen.body)).toMatchObject({ ResultCode: "00" });
});

test("a client that disconnects in the middle of its request changes nothing", async () => {
  const lines: string[] = [];
  const sandbox = await sandboxFor({ log: (line) => lines.push(line) });
  const request = formRequest(paths.approve, approvalForm({ oid: "order-1" }));
  const headers = { ...request.headers, "Content-Length": "5000" };
  const { socket, seen } = open(sandbox.url, { ...request, headers });
  socket.once("connect", () => socket.end());
  await seen;
  await expect.poll(() => lines, { timeout: 30_000 }).toEqual(["a request ended early: POST"]);
  expect(sandbox.book.toJSON()).toMatchObject({ transactions: [], requests: [] });
  await approve(sandbox.url, "order-1");
});
