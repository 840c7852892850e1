import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createPayApiBrowser, isPayApiProblem, PayApiProblem } from "../src/browser/index.js";
import { answerServer } from "./support/answer-server.js";
import { card, clientOf, json, paid, problemOf } from "./support/browser-client.js";
import { holdTimers, pass } from "./support/held-timers.js";
import { deferred } from "./support/http-server.js";

const problemType = "application/problem+json; charset=utf-8";

describe("a missing answer", () => {
  const noAnswer = {
    name: "PayApiProblem",
    code: "no-answer",
    status: 0,
    title: "No answer",
    detail:
      "It is not known whether the request was processed. Check the order's status before you try again.",
    idempotencyKey: "request-1",
  };

  it.each<[string, (response: ServerResponse) => void]>([
    ["a connection that ends before it", (response) => response.destroy()],
    [
      "one that breaks off",
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
        response.write('{"orderId":"42"', () => response.destroy());
      },
    ],
  ])("%s: throws no-answer, and sends nothing again", async (_name, answer) => {
    const server = await answerServer(answer);
    const call = clientOf(server).approveCard("42", card, { idempotencyKey: "request-1" });
    expect(await problemOf(call)).toMatchObject(noAnswer);
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /payments/orders/42/card-approval",
    ]);
  });

  it.each<[string, (response: ServerResponse) => void, "request" | "headers"]>([
    ["silence", () => {}, "request"],
    [
      "headers, and then silence",
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"orderId":"42"');
      },
      "headers",
    ],
  ])("%s: throws no-answer after 150 seconds, and sends nothing again", async (_name, answer, last) => {
    holdTimers();
    const arrived = { request: deferred<void>(), headers: deferred<void>() };
    const server = await answerServer((response) => {
      answer(response);
      arrived.request.resolve();
    });
    const client = clientOf(server, {
      fetch: async (url, { mode, ...init }) => {
        const response = await fetch(`${server.origin}${url}`, init);
        arrived.headers.resolve();
        return response;
      },
    });
    let ended = false;
    const call = client.approveCard("42", card, { idempotencyKey: "request-1" }).finally(() => {
      ended = true;
    });
    const problem = problemOf(call);
    await arrived[last].promise;
    await pass(149_999);
    expect(ended).toBe(false);
    await pass(1);
    expect(await problem).toMatchObject(noAnswer);
    expect(server.received).toHaveLength(1);
  });

  it("is reported for an unreachable server", async () => {
    const server = await answerServer(() => {});
    await server.close();
    expect(await problemOf(clientOf(server).approveCard("42", card))).toMatchObject({
      code: "no-answer",
      status: 0,
    });
    expect(server.received).toEqual([]);
  });

  it("is reported for an aborted request", async () => {
    const stop = new AbortController();
    const server = await answerServer(() => stop.abort());
    const call = clientOf(server).approveCard("42", card, { signal: stop.signal });
    expect(await problemOf(call)).toMatchObject({ code: "no-answer" });
    expect(server.received).toHaveLength(1);
  });

  it("is reported for a request aborted before it starts, and nothing is sent", async () => {
    const server = await answerServer((response) =>
      json(response, 200, "application/json", JSON.stringify(paid)),
    );
    const call = clientOf(server).getOrder("42", { signal: AbortSignal.abort() });
    expect(await problemOf(call)).toMatchObject({ code: "no-answer", idempotencyKey: undefined });
    expect(server.received).toEqual([]);
  });
});

describe("an answer that is not the handler's", () => {
  it.each<[string, number, string, string]>([
    ["a proxy's page", 502, "text/html", "<h1>Bad Gateway</h1>"],
    ["a page in place of JSON", 200, "text/html; charset=utf-8", "<!doctype html><title>Shop</title>"],
    ["JSON that breaks off", 200, "application/json", '{"orderId":"42","status":"paid"'],
    ["JSON of something else", 200, "application/json", '{"ok":true}'],
    ["JSON that is no object", 200, "application/json", "null"],
    ["a list", 200, "application/json", "[]"],
    ["JSON that says to be something else", 200, "text/plain", JSON.stringify(paid)],
    ["a framework's 404", 404, "application/json", '{"passedOn":true}'],
    ["another's problem", 503, problemType, '{"type":"about:blank","title":"Busy","status":503}'],
    [
      "a problem that contradicts itself",
      402,
      problemType,
      '{"type":"urn:payapi:problem:declined","code":"paid"}',
    ],
    ["a problem without JSON", 409, problemType, ""],
    ["a problem that says it is a success", 200, problemType, JSON.stringify(paid)],
    ["nothing", 204, "", ""],
  ])("is reported as unknown: %s", async (_name, status, type, body) => {
    const server = await answerServer((response) =>
      response.writeHead(status, type === "" ? {} : { "content-type": type }).end(body),
    );
    const problem = await problemOf(clientOf(server, { language: "ko" }).approveCard("42", card));
    expect(problem).toMatchObject({
      code: "unexpected-answer",
      status,
      title: "알 수 없는 응답입니다",
      detail: "처리되었는지 알 수 없습니다. 다시 시도하기 전에 주문 상태를 확인해 주세요.",
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(server.received).toHaveLength(1);
  });
});

describe("a problem of the handler", () => {
  it("has all its fields", async () => {
    const order = { ...paid, status: "in-progress" };
    const errors = [{ field: "cardNumber", message: "must be 13 to 16 digits without spaces or hyphens" }];
    const gateway = { resultCode: "9999", resultMessage: "거절" };
    const server = await answerServer((response) => {
      response.setHeader("retry-after", "7");
      const words = { title: "In progress", detail: "A call for this order is running." };
      const code = { type: "urn:payapi:problem:in-progress", code: "in-progress", status: 409 };
      json(response, 409, problemType, JSON.stringify({ ...code, ...words, order, errors, gateway }));
    });
    const problem = await problemOf(
      clientOf(server).charge("42", { billingKeyId: "key" }, { idempotencyKey: "k" }),
    );
    expect({ ...problem, message: problem.message }).toMatchObject({
      code: "in-progress",
      status: 409,
      title: "In progress",
      detail: "A call for this order is running.",
      message: "In progress: A call for this order is running.",
      order,
      errors,
      gateway,
      retryAfterSeconds: 7,
      idempotencyKey: "k",
    });
  });

  it("is recognized across copies of the module, unlike other errors", () => {
    const details = { code: "declined", status: 402, title: "Declined", detail: "" } as const;
    const copy = { ...new PayApiProblem(details) };
    expect(isPayApiProblem(copy)).toBe(true);
    for (const other of [undefined, null, "declined", new Error("declined"), details]) {
      expect(isPayApiProblem(other)).toBe(false);
    }
  });
});

describe("the request", () => {
  it("has the card only in the body, and a new Idempotency-Key", async () => {
    const server = await answerServer((response) =>
      json(response, 200, "application/json", JSON.stringify(paid)),
    );
    const client = clientOf(server, { language: "ko" });
    expect(await client.approveCard("42", card)).toEqual(paid);
    await client.approveCard("42", card);
    await client.approveCard("42", card, { idempotencyKey: "again" });
    await client.getOrder("42");
    for (const { url, headers } of server.received) {
      expect(JSON.stringify({ url, headers })).not.toMatch(/4111111111111111|880101/);
      expect(headers["accept-language"]).toBe("ko");
    }
    expect(server.received.slice(0, 3).map(({ body }) => JSON.parse(body))).toEqual([card, card, card]);
    const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
    expect(keys.slice(2)).toEqual(["again", undefined]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).not.toBe(keys[0]);
  });

  it.each([
    "https://elsewhere.example",
    "//elsewhere.example",
    "payments",
    "/payments/",
    "/pay ments",
    "/a?b",
  ])("is rejected for a base path of another origin: %s", (basePath) => {
    expect(() => createPayApiBrowser({ basePath })).toThrow(TypeError);
  });

  it.each(["", "/payments", "/api/v1.0/pay_ments~"])("is sent to the base path %j", (basePath) => {
    expect(() => createPayApiBrowser({ basePath })).not.toThrow();
  });
});
