import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { expectOrder, expectProblem, json } from "../expect.js";
import { type Ask, at, goodCard, type World } from "../world.js";

const card = JSON.stringify(goodCard);

export function describeRequests(world: World): void {
  const post = (ask: Ask) => world.post(at(world.order(), "card-approval"), undefined, ask);
  const withType = (type: string | undefined): Ask => ({ headers: { "content-type": type } });

  describe("the content type", () => {
    it.each([
      "application/json",
      "application/json; charset=utf-8",
      'application/json;charset="UTF-8"',
      "Application/JSON",
    ])("may be %s", async (type) => {
      expectOrder(await post({ raw: card, ...withType(type) }), { status: "paid" });
    });

    it.each([
      undefined,
      "text/plain",
      "text/plain; application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/json; charset=euc-kr",
      "application/problem+json",
    ])("may not be %s", async (type) => {
      expectProblem(await post({ raw: card, ...withType(type) }), 415, "unsupported-media-type");
    });

    it("may not hide a compressed body", async () => {
      const headers = { "content-encoding": "gzip" };
      expectProblem(await post({ raw: gzipSync(card), headers }), 415, "unsupported-media-type");
    });
  });

  describe("the body", () => {
    it.each<[what: string, raw: string | Uint8Array]>([
      ["is empty", ""],
      ["is cut off", card.slice(0, -1)],
      ["is a list", `[${card}]`],
      ["is null", "null"],
      ["is a text", '"4111"'],
      ["is a form", "cardNumber=1&cardExpireYY=30"],
      ["has a comma too many", `${card.slice(0, -1)},}`],
      ["has a key twice", `{"cardExpireYY":"29",${card.slice(1)}`],
      ["has a key twice, once escaped", `{"\\u0063ardExpireYY":"29",${card.slice(1)}`],
      ["is nested deep", `{"cardQuota":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
      [
        "is no UTF-8",
        Buffer.concat([Buffer.from('{"cardNumber":"'), Buffer.from([0xb0, 0xa1]), Buffer.from('"}')]),
      ],
    ])("is refused if it %s", async (_what, raw) => {
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await post({ raw }), 400, "malformed-json");
      });
      expect(requests).toBe(0);
    });

    it.each([
      ["with its length said", false],
      ["without its length said", true],
    ])("is refused over 64 KiB, %s", async (_what, chunked) => {
      const raw = `{"cardNumber":"${"4".repeat(64 * 1024)}"}`;
      expectProblem(await post({ raw, chunked }), 413, "body-too-large");
    });

    it("is taken up to 64 KiB", async () => {
      const raw = card + " ".repeat(64 * 1024 - card.length);
      expectOrder(await post({ raw }), { status: "paid" });
    });

    it("may come without its length said", async () => {
      expectOrder(await post({ raw: card, chunked: true }), { status: "paid" });
    });
  });

  describe("the language", () => {
    it.each([
      [undefined, "ko"],
      ["ko-KR,ko;q=0.9,en;q=0.8", "ko"],
      ["en-US,en;q=0.9,ko;q=0.8", "en"],
      ["en", "en"],
      ["fr", "ko"],
      ["*", "ko"],
    ])("of a problem for %s is %s", async (accepted, language) => {
      const answer = await world.cancel(world.order(), { headers: { "accept-language": accepted } });
      expectProblem(answer, 409, "not-paid");
      expect(answer.headers["content-language"]).toBe(language);
      const korean = /[가-힣]/u.test(String(json(answer).title));
      expect(korean).toBe(language === "ko");
    });
  });
}
