import { describe, it } from "vitest";
import { expectAnswer } from "../../src/handler/expect.js";
import { sandboxPayApi } from "../../src/handler/shop.js";

const { page } = sandboxPayApi("http://127.0.0.1:4010");

const headers = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "content-type": "text/html; charset=utf-8",
  "referrer-policy": "no-referrer",
};

describe("the return page", () => {
  it.each([
    [
      "ko",
      `<!doctype html>
<html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>결제를 마쳤습니다</title><h1>결제를 마쳤습니다</h1><p>결제 결과는 주문 화면에서 확인해 주세요. 이 화면은 결제를 증명하지 않습니다.</p><p><a href="/orders/1?a=1&amp;b=2">주문 보기</a></p></html>
`,
    ],
    [
      "en",
      `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>You are back from the payment page</title><h1>You are back from the payment page</h1><p>Check your order for the result. This page does not prove a payment.</p><p><a href="/orders/1?a=1&amp;b=2">Go to the order</a></p></html>
`,
    ],
  ])("is complete in %s", async (language, body) => {
    const request = new Request("https://shop.example/done?P_STATUS=00", {
      headers: { "accept-language": language },
    });
    const answer = page.serveReturn(request, "/orders/1?a=1&b=2");
    expectAnswer(
      { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() },
      { status: 200, headers: { ...headers, "content-language": language }, body },
    );
  });
});
