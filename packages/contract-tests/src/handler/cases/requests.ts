import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Ask, at, goodCard } from "../client.js";
import { expectExactProblem, expectOrder } from "../expect.js";
import type { Situation, WireAnswer } from "../mount.js";
import type { World } from "../world.js";

const card = JSON.stringify(goodCard);

export function describeRequests(world: World): void {
  const post = (ask: Ask) => world.post(at(world.order(), "card-approval"), undefined, ask);
  const withType = (type: string | undefined): Ask => ({ headers: { "content-type": type } });

  const expectUnsupported = (answer: WireAnswer) =>
    expectExactProblem(answer, 415, "unsupported-media-type", {
      title: "지원하지 않는 형식입니다",
      detail: "Content-Type은 application/json이어야 하며 압축할 수 없습니다.",
    });
  const expectMalformed = (answer: WireAnswer) =>
    expectExactProblem(answer, 400, "malformed-json", {
      title: "요청을 읽을 수 없습니다",
      detail: "요청 본문이 올바른 JSON 객체가 아닙니다.",
    });

  describe("the content type", () => {
    it.each([
      "application/json",
      "application/json; charset=utf-8",
      'application/json;charset="UTF-8"',
      "Application/JSON",
    ])("is accepted as %s", async (type) => {
      expectOrder(await post({ raw: card, ...withType(type) }), { status: "paid" });
    });

    it.each([
      undefined,
      "text/plain",
      "text/plain; application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/problem+json",
    ])("is rejected as %s", async (type) => {
      expectUnsupported(await post({ raw: card, ...withType(type) }));
    });

    it("is rejected as JSON in another charset", async () => {
      await world.unless(
        "json-other-charset",
        (ask) => post({ raw: card, ...withType("application/json; charset=euc-kr"), ...ask }),
        expectUnsupported,
      );
    });

    it("is rejected with a compressed body", async () => {
      const headers = { "content-encoding": "gzip" };
      expectUnsupported(await post({ raw: gzipSync(card), headers }));
    });
  });

  describe("the body", () => {
    it.each<[what: string, raw: string | Uint8Array, situation?: Situation]>([
      ["is empty", ""],
      ["is cut off", card.slice(0, -1), "malformed-json"],
      ["is a list", `[${card}]`, "json-not-flat"],
      ["is null", "null", "json-that-is-no-object"],
      ["is a text", '"4111"', "json-that-is-no-object"],
      ["is a form", "cardNumber=1&cardExpireYY=30", "malformed-json"],
      ["has a trailing comma", `${card.slice(0, -1)},}`, "malformed-json"],
      ["has a repeated key", `{"cardExpireYY":"29",${card.slice(1)}`, "json-key-twice"],
      ["has a repeated key, once escaped", `{"\\u0063ardExpireYY":"29",${card.slice(1)}`, "json-key-twice"],
      ["is deeply nested", `{"cardQuota":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, "json-not-flat"],
      [
        "is not UTF-8",
        Buffer.concat([Buffer.from('{"cardNumber":"'), Buffer.from([0xb0, 0xa1]), Buffer.from('"}')]),
        "json-no-utf-8",
      ],
    ])("is rejected if it %s", async (_what, raw, situation) => {
      const requests = await world.gatewayRequestsDuring(() =>
        world.unless(situation, (ask) => post({ raw, ...ask }), expectMalformed),
      );
      expect(requests).toBe(situation && world.traits.exceptions[situation]?.status === 200 ? 1 : 0);
    });

    it.each([
      ["with Content-Length", false],
      ["without Content-Length", true],
    ])("is rejected over 64 KiB, %s", async (_what, chunked) => {
      const raw = `{"cardNumber":"${"4".repeat(64 * 1024)}"}`;
      expectExactProblem(await post({ raw, chunked }), 413, "body-too-large", {
        title: "요청이 너무 큽니다",
        detail: "요청 본문은 JSON 64 KiB, 폼 128 KiB까지입니다.",
      });
    });

    it("is accepted up to 64 KiB", async () => {
      const raw = card + " ".repeat(64 * 1024 - card.length);
      expectOrder(await post({ raw }), { status: "paid" });
    });

    it("is accepted without Content-Length", async () => {
      expectOrder(await post({ raw: card, chunked: true }), { status: "paid" });
    });
  });

  describe("the language", () => {
    const texts = {
      ko: { title: "결제되지 않은 주문입니다", detail: "취소할 결제가 없습니다." },
      en: { title: "Not paid", detail: "This order has no payment to cancel." },
    };

    it.each([
      [undefined, "ko"],
      ["ko-KR,ko;q=0.9,en;q=0.8", "ko"],
      ["en-US,en;q=0.9,ko;q=0.8", "en"],
      ["en", "en"],
      ["fr", "ko"],
      ["*", "ko"],
    ] as const)("of a problem for %s is %s", async (accepted, language) => {
      const answer = await world.cancel(world.order(), { headers: { "accept-language": accepted } });
      expectExactProblem(answer, 409, "not-paid", texts[language], { "content-language": language });
    });
  });
}
