import { describe, expect, it } from "vitest";
import { answerServer } from "./support/answer-server.js";
import { card, clientOf, json, paid, problemOf } from "./support/browser-client.js";

describe("a redirect", () => {
  it("to another path: throws no-answer, and follows it only to the same path with a slash", async () => {
    const server = await answerServer((response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    const call = clientOf(server).approveCard("42", card, { idempotencyKey: "request-1" });
    expect(await problemOf(call)).toMatchObject({
      code: "no-answer",
      status: 0,
      idempotencyKey: "request-1",
    });
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /payments/orders/42/card-approval",
      "POST /payments/orders/42/card-approval/",
    ]);
  });

  it("of a server that adds a slash to every path: it is asked with the slash from then on", async () => {
    const server = await answerServer((response) => {
      const { url = "" } = response.req;
      if (url.endsWith("/")) json(response, 200, "application/json", JSON.stringify(paid));
      else response.writeHead(308, { location: `${url}/` }).end();
    });
    const client = clientOf(server);
    expect(await client.approveCard("42", card, { idempotencyKey: "request-1" })).toEqual(paid);
    expect(await client.getOrder("42")).toEqual(paid);
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /payments/orders/42/card-approval",
      "POST /payments/orders/42/card-approval/",
      "GET /payments/orders/42/",
    ]);
    expect(new Set(server.received.slice(0, 2).map(({ headers }) => headers["idempotency-key"]))).toEqual(
      new Set(["request-1"]),
    );
  });

  it("whose path with a slash is unknown: later calls are made without the slash", async () => {
    const server = await answerServer((response) => {
      const { url = "" } = response.req;
      if (url.endsWith("/")) json(response, 404, "application/json", "{}");
      else if (server.received.length > 1) json(response, 200, "application/json", JSON.stringify(paid));
      else response.writeHead(302, { location: "/login" }).end();
    });
    const client = clientOf(server);
    expect(await problemOf(client.approveCard("42", card))).toMatchObject({ code: "unexpected-answer" });
    expect(await client.getOrder("42")).toEqual(paid);
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /payments/orders/42/card-approval",
      "POST /payments/orders/42/card-approval/",
      "GET /payments/orders/42",
    ]);
  });
});
