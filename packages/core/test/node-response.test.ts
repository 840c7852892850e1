import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { sendWebResponse, toWebRequest } from "../src/internal.js";
import { holdTimers, pass } from "./support/held-timers.js";
import { connectTo, deferred, serveHttp } from "./support/http-server.js";

const origin = "https://shop.example";

function ask(port: number, method = "GET", agent: Agent | false = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port, method, agent }, resolve).once("error", reject).end();
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("the Content-Length", () => {
  const large = "x".repeat(200 * 1024);
  it.each<[method: string, response: () => Response, length: string | undefined, size: number]>([
    ["GET", () => new Response("가나"), "6", 6],
    ["GET", () => new Response("가나", { headers: { "content-length": "2" } }), "6", 6],
    ["GET", () => new Response(null), "0", 0],
    ["GET", () => new Response(null, { headers: { "content-length": "5" } }), "0", 0],
    ["GET", () => new Response(large.slice(0, 60_000)), "60000", 60_000],
    ["GET", () => new Response(large), undefined, large.length],
    ["HEAD", () => new Response(large), undefined, 0],
    ["HEAD", () => new Response("가나"), "6", 0],
    ["HEAD", () => new Response(null), undefined, 0],
    ["HEAD", () => new Response(null, { headers: { "content-length": "6" } }), "6", 0],
    ["GET", () => new Response(null, { status: 204, headers: { "content-length": "5" } }), undefined, 0],
    ["GET", () => new Response(null, { status: 304, headers: { "content-length": "5" } }), undefined, 0],
    ["OPTIONS", () => new Response(null, { status: 204, headers: { allow: "GET" } }), undefined, 0],
  ])("of the answer to %s of %o is %s", async (method, response, length, size) => {
    const port = await serveHttp((_message, target) => sendWebResponse(target, response()));
    const answer = await ask(port, method);
    expect(answer.headers["content-length"]).toBe(length);
    if (length !== undefined) expect(answer.headers).not.toHaveProperty("transfer-encoding");
    expect(Buffer.byteLength(await textOf(answer))).toBe(size);
  });
});

it("separate cookies and earlier headers are kept", async () => {
  const port = await serveHttp(async (_message, target) => {
    target.setHeader("x-before", "kept");
    const response = new Response("ok", { headers: { "cache-control": "no-store" } });
    response.headers.append("set-cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    response.headers.append("set-cookie", "b=2");
    await sendWebResponse(target, response);
  });
  const { headers } = await ask(port);
  expect(headers["set-cookie"]).toEqual(["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2"]);
  expect([headers["x-before"], headers["cache-control"]]).toEqual(["kept", "no-store"]);
});

describe("a large body", () => {
  const chunk = new Uint8Array(64 * 1024);
  const zeros = (chunks: number, onPull: () => void, onCancel = () => {}) => {
    let left = chunks;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          onPull();
          if (left > 0) controller.enqueue(chunk);
          else controller.close();
          left -= 1;
        },
        cancel: onCancel,
      },
      { highWaterMark: 0 },
    );
  };

  it("is read only as fast as the client receives it", async () => {
    let drains = 0;
    let early = 0;
    const port = await serveHttp(async (_message, target) => {
      target.on("drain", () => {
        drains += 1;
      });
      const body = zeros(256, () => {
        if (target.writableNeedDrain) early += 1;
      });
      await sendWebResponse(target, new Response(body));
    });
    expect((await textOf(await ask(port))).length).toBe(256 * chunk.length);
    expect(early).toBe(0);
    expect(drains).toBeGreaterThan(5);
  });

  it("is cancelled without an error when the client disconnects", async () => {
    const cancelled = deferred<void>();
    let pulls = 0;
    const port = await serveHttp(async (_message, target) => {
      const body = zeros(
        1e6,
        () => {
          pulls += 1;
        },
        () => cancelled.resolve(),
      );
      await sendWebResponse(target, new Response(body));
    });
    const answer = await ask(port);
    await once(answer, "readable");
    answer.destroy();
    await cancelled.promise;
    expect(pulls).toBeLessThan(1e6);
  });

  it("closes the connection if it fails midway, so that the client sees it as incomplete", async () => {
    const outcome = deferred<unknown>();
    const port = await serveHttp(async (_message, target) => {
      let pulls = 0;
      const body = zeros(100, () => {
        pulls += 1;
        if (pulls === 10) throw new Error("the source is broken");
      });
      outcome.resolve(await sendWebResponse(target, new Response(body)).catch((error: unknown) => error));
    });
    await expect(textOf(await ask(port))).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await outcome.promise).toMatchObject({ message: "the source is broken" });
  });
});

it("nothing is written to a disconnected client, and nothing twice", async () => {
  const served = deferred<boolean[]>();
  const port = await serveHttp(async (_message, target) => {
    client.destroy();
    await once(target, "close");
    let cancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
      pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
    });
    await sendWebResponse(target, new Response(body));
    served.resolve([cancelled, target.headersSent]);
  });
  const client = await connectTo(port);
  client.write("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await served.promise).toEqual([true, false]);
});

describe("the connection after the answer", () => {
  it("serves the next request if the body was read", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports: (number | undefined)[] = [];
    const port = await serveHttp(async (message, target) => {
      ports.push(message.socket.remotePort);
      await toWebRequest(message, { origin }).text();
      await sendWebResponse(target, new Response("ok"));
    });
    for (const method of ["POST", "GET", "POST"]) {
      const answer = await ask(port, method, agent);
      expect([answer.headers.connection, await textOf(answer)]).toEqual(["keep-alive", "ok"]);
    }
    agent.destroy();
    expect(new Set(ports).size).toBe(1);
  });

  it.each([
    ["with Content-Length", "Content-Length: 1000000000"],
    ["with chunks", "Transfer-Encoding: chunked"],
  ])("is closed if the body was not read, after the client got the answer, %s", async (_how, framing) => {
    holdTimers();
    const port = await serveHttp(async (message, target) => {
      toWebRequest(message, { origin });
      await sendWebResponse(target, new Response("too large", { status: 413 }));
    });
    const client = await connectTo(port);
    client.write(`POST /x HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
    const part = framing.startsWith("T") ? `400\r\n${"x".repeat(1024)}\r\n` : "x".repeat(1024);
    // It only listens after it has sent for a while, as a slow browser would.
    for (let sent = 0; sent < 4_000; sent += 1) {
      if (!client.write(part)) await once(client, "drain");
    }
    while (!client.received().endsWith("too large")) await once(client, "data");
    expect(client.received()).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
    const end = once(client, "end");
    await pass(2_000);
    await end;
  });

  it("is closed when the client sends the rest", async () => {
    holdTimers();
    const port = await serveHttp(async (message, target) => {
      toWebRequest(message, { origin });
      await sendWebResponse(target, new Response(null, { status: 204 }));
    });
    const client = await connectTo(port);
    client.write("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
    await once(client, "data");
    client.write("67890");
    await once(client, "end");
    expect(client.received()).toMatch(/^HTTP\/1\.1 204 No Content\r\n.*Connection: close\r\n/s);
  });
});
