import { describe, expect, it } from "vitest";
import { at, goodCard } from "../client.js";
import { expectOrder, expectProblem } from "../expect.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

const card = JSON.stringify(goodCard);

export function describeWire(world: World): void {
  describe("on the wire", () => {
    it.each(["evil.example", "a b", "[", "shop.example:99999999"])(
      "the Host header %s is ignored",
      async (host) => {
        const orderId = world.order(15_000);
        expectOrder(await world.pay(orderId, goodCard, { headers: { host } }), { orderId, status: "paid" });
        expectOrder(await world.status(orderId, { headers: { host } }), { orderId, status: "paid" });
        const origin = `https://${host}`;
        expectProblem(await world.cancel(orderId, { headers: { host, origin } }), 403, "origin-refused");
      },
    );

    it("a request with two Origin headers is refused", async () => {
      for (const origin of [
        [shopOrigin, "https://evil.example"],
        [shopOrigin, shopOrigin],
      ]) {
        const answer = await world.pay(world.order(), goodCard, { headers: { origin } });
        expectProblem(answer, 403, "origin-refused");
      }
    });

    it("a request with two Content-Type headers is refused", async () => {
      const headers = { "content-type": ["application/json", "text/plain"] };
      await world.unless(
        "repeated-content-type",
        (ask) => world.post(at(world.order(), "card-approval"), goodCard, { headers, ...ask }),
        (answer) => expectProblem(answer, 415, "unsupported-media-type"),
      );
    });

    it("a body in many chunks is accepted", async () => {
      const orderId = world.order(15_000);
      expectOrder(await world.pay(orderId, {}, { raw: bytewise(card) }), { orderId, status: "paid" });
    });

    it("a client that disconnects in the middle of its body causes no gateway call", async () => {
      const orderId = world.order(15_000);
      const client = new AbortController();
      const asked = world.gatewayRequestsDuring(async () => {
        const raw = cutOff(card, () => client.abort());
        await expect(world.pay(orderId, {}, { raw, signal: client.signal })).rejects.toThrow();
      });
      expect(await asked).toBe(0);
      expectOrder(await world.status(orderId), { orderId, status: "not-paid" });
      expectOrder(await world.pay(orderId), { orderId, status: "paid" });
    });

    it("a client may send Expect: 100-continue", async () => {
      const orderId = world.order(15_000);
      const headers = { expect: "100-continue" };
      expectOrder(await world.pay(orderId, goodCard, { headers }), { orderId, status: "paid" });
    });

    if (world.traits.server) describeServer(world);
  });
}

/** What only a server can get: no web Request carries it. */
function describeServer(world: World): void {
  it("TRACE is not allowed, and its headers are not echoed", async () => {
    const trace = { "x-test-user": "alice", "x-secret": "do-not-echo" };
    await world.unless(
      "trace",
      (ask) =>
        world.send("TRACE", at(world.order()), undefined, { ...ask, headers: trace, unrecorded: true }),
      (answer) => {
        expectProblem(answer, 405, "method-not-allowed");
        expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS");
      },
    );
    expect(JSON.stringify(world.answers.at(-1))).not.toContain("do-not-echo");
  });

  it("CONNECT is refused", async () => {
    const path = at(world.order());
    const requests = await world.gatewayRequestsDuring(async () => {
      const sent = world.sendVerbatim("CONNECT", `CONNECT ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
      const status = await sent.then(
        (answer) => answer.status,
        () => "closed",
      );
      expect(["closed", 400, 404, 405]).toContain(status);
    });
    expect(requests).toBe(0);
  });

  it.each([
    ["two lengths", `content-length: ${card.length}\r\ncontent-length: 1\r\n`],
    ["a length and chunks", `content-length: ${card.length}\r\ntransfer-encoding: chunked\r\n`],
    ["a negative length", "content-length: -1\r\n"],
  ])("a body with %s is refused before it is read", async (_what, headers) => {
    const orderId = world.order(15_000);
    const head = `POST ${at(orderId, "card-approval")} HTTP/1.1\r\nhost: shop.example\r\norigin: ${shopOrigin}\r\n`;
    const requests = await world.gatewayRequestsDuring(async () => {
      const answer = await world.sendVerbatim(
        "POST",
        `${head}x-test-user: alice\r\ncontent-type: application/json\r\n${headers}\r\n${card}`,
      );
      expect(answer.status).toBe(400);
    });
    expect(requests).toBe(0);
    expectOrder(await world.status(orderId, { unrecorded: true }), { orderId, status: "not-paid" });
  });
}

async function* bytewise(text: string): AsyncGenerator<string> {
  for (const letter of text) yield letter;
}

/** The first half of a text; then, once it is on its way, `cut` instead of the rest. */
async function* cutOff(text: string, cut: () => void): AsyncGenerator<string> {
  yield text.slice(0, text.length / 2);
  await new Promise((resolve) => setImmediate(resolve));
  cut();
  await new Promise(() => {});
}
