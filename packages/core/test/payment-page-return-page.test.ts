import { describe, expect, it } from "vitest";
import { sandboxClient } from "./support/merchant.js";

const { page } = sandboxClient();

describe("page.serveReturn", () => {
  it.each(["GET", "POST"])("answers %s the same, whatever the parameters", async (method) => {
    const query = "?P_STATUS=00&P_TID=<script>alert(1)</script>";
    const body = method === "POST" ? { body: "P_STATUS=00&P_AMT=1" } : {};
    const request = new Request(`https://shop.example/done${query}`, { method, ...body });
    const answer = page.serveReturn(request, "/orders/42?a=1&b=2");
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(text).toContain("이 화면은 결제를 증명하지 않습니다");
    expect(text).toContain('href="/orders/42?a=1&amp;b=2"');
    expect(text).not.toMatch(/P_STATUS|script/);
    expect(request.bodyUsed).toBe(false);
  });

  it("answers in English if the browser prefers it", async () => {
    const request = new Request("https://shop.example/done", { headers: { "accept-language": "en" } });
    expect(await page.serveReturn(request, "/").text()).toContain("This page does not prove a payment");
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "orders", "", "/a b", "/주문"])(
    "rejects the target %j",
    (backTo) => {
      const request = new Request("https://shop.example/done");
      expect(() => page.serveReturn(request, backTo)).toThrow(/backTo/);
    },
  );
});
