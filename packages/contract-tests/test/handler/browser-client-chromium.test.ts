import { launchChromium } from "@payapi/dev-services/chromium";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserShop, openBrowserShop } from "../../src/handler/browser-shop.js";

type Browser = Awaited<ReturnType<typeof launchChromium>>;

let shop: BrowserShop;
let browser: Browser;
beforeAll(async () => {
  [shop, browser] = await Promise.all([openBrowserShop(), launchChromium()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await shop.close();
});

const card = { cardNumber: "4111111111111111", cardExpireYY: 99, cardExpireMM: 12 };

interface Outcome {
  readonly answer?: Record<string, unknown>;
  readonly problem?: Record<string, unknown>;
}

/** A page of the shop's in a browser that speaks this language. */
async function openPage(locale: string) {
  const context = await browser.newContext({ locale });
  const page = await context.newPage();
  await page.goto(`${shop.origin}/shop`);
  const requests: { url: string; headers: Record<string, string> }[] = [];
  page.on("request", (request) => requests.push({ url: request.url(), headers: request.headers() }));
  const call = (method: string, given: unknown[], basePath = "/payments"): Promise<Outcome> =>
    page.evaluate(
      async ([name, values, path]) => {
        const { payapi } = globalThis as unknown as { payapi: typeof import("@payapi/core/browser") };
        const client = payapi.createPayApiBrowser({ basePath: path });
        const methods = client as unknown as Record<string, (...values: unknown[]) => Promise<object>>;
        try {
          return { answer: await methods[name]?.(...values) } as Outcome;
        } catch (error) {
          if (!payapi.isPayApiProblem(error)) throw error;
          return { problem: { ...error } };
        }
      },
      [method, given, basePath] as const,
    );
  return { context, page, requests, call };
}

describe("the browser client in Chromium, on the shop's own page", () => {
  test("pays, and shows problems in the browser's language", async () => {
    const { context, requests, call } = await openPage("en-GB");
    const id = shop.order();
    const wrong = await call("approveCard", [id, { ...card, cardNumber: "4111 1111" }]);
    expect(wrong.problem).toMatchObject({
      code: "invalid-input",
      status: 422,
      errors: [{ field: "cardNumber", message: "must be 13 to 16 digits without spaces or hyphens" }],
    });
    expect((await call("approveCard", [id, card])).answer).toMatchObject({ orderId: id, status: "paid" });
    expect((await call("getOrder", [id])).answer).toMatchObject({ orderId: id, status: "paid" });
    expect((await call("approveCard", [id, card])).problem).toMatchObject({ code: "already-paid" });
    const link = await call("createPaymentLink", [shop.order(), { payType: "card" }]);
    expect(link.answer).toMatchObject({ url: expect.stringContaining(shop.sandbox.url) });
    for (const { url, headers } of requests) {
      expect(JSON.stringify({ url, headers })).not.toContain(card.cardNumber);
    }
    await context.close();
  });

  test("shows Korean unless the browser prefers English", async () => {
    const { context, call } = await openPage("ja-JP");
    const declined = await call("approveCard", [shop.order(), { ...card, cardNumber: "4000000000000002" }]);
    expect(declined.problem).toMatchObject({ code: "declined", title: "결제가 승인되지 않았습니다" });
    expect((await call("getOrder", [shop.order()], "/nowhere")).problem).toMatchObject({
      code: "unexpected-answer",
      status: 404,
      title: "알 수 없는 응답입니다",
    });
    await context.close();
  });

  test("sends nothing to another server that a redirect names, and tries only the same path with a slash", async () => {
    const { context, page, requests, call } = await openPage("ko-KR");
    const id = shop.order();
    const moved = await call("approveCard", [id, card], "/moved");
    expect(moved.problem).toMatchObject({ code: "no-answer", status: 0, title: "응답을 받지 못했습니다" });
    expect(shop.caught).toEqual([]);
    // Chromium reports the redirect's target, too, although it does not ask it.
    const own = requests.filter(({ url }) => url.startsWith(`${shop.origin}/`));
    expect(own.map(({ url }) => url.slice(shop.origin.length))).toEqual([
      `/moved/orders/${id}/card-approval`,
      `/moved/orders/${id}/card-approval/`,
    ]);
    const [key, ...others] = new Set(own.map(({ headers }) => headers["idempotency-key"]));
    expect([key, others]).toEqual([moved.problem?.idempotencyKey, []]);
    expect((await call("getOrder", [id])).answer).toMatchObject({ status: "not-paid" });
    // A page that follows redirects does reach the other server.
    await page.evaluate(() => fetch("/moved/followed", { mode: "no-cors" }));
    expect(shop.caught).toEqual(["GET /followed"]);
    await context.close();
  });
});
