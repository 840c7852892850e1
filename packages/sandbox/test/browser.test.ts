import { launchChromium } from "@payapi/dev-services/chromium";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MerchantServer, merchantServer, readFields } from "./support/merchant-server.js";
import { sandboxFor } from "./support/sandbox.js";
import { cardOptions, createLink } from "./support/services.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);
afterAll(() => browser.close());

/** A phone's browser. */
async function phone(javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled });
  return context.newPage();
}

const linkTo = (url: string, { url: shop }: MerchantServer, more: Record<string, string> = {}) =>
  createLink(url, "order-1", {
    P_GOODS: "머그컵",
    P_AMT: "60000",
    P_NEXT_URL: `${shop}/next`,
    P_RETURN_URL: `${shop}/done`,
    P_RESERVED: `${cardOptions}&P_NOTI=토큰`,
    ...more,
  });

describe("a buyer with a phone", () => {
  test.each([
    ["euc-kr", {}],
    ["utf-8", { P_CHARSET: "utf8" }],
  ] as const)("pays by card and returns to the merchant by POST in %s", async (charset, more) => {
    const merchant = await merchantServer("thanks");
    const { url, book } = await sandboxFor();
    const page = await phone();
    await page.goto(await linkTo(url, merchant, more));
    await page.getByLabel("할부").selectOption("3개월");
    await page.getByLabel("구매자 이름").fill("홍길동");
    await page.getByRole("button", { name: "60,000원 결제하기" }).click();
    await page.waitForURL(`${merchant.url}/next`);
    const posted = merchant.received.find(({ method }) => method === "POST");
    expect(posted?.url).toBe("/next");
    expect(readFields(posted?.body ?? Buffer.of(), charset)).toMatchObject({
      P_STATUS: "00",
      P_RMESG1: "인증이 완료되었습니다",
      P_NOTI: "토큰",
      P_REQ_URL: expect.stringContaining(url),
    });
    expect(book.toJSON().authentications).toMatchObject([
      { state: "authenticated", buyerName: "홍길동", details: { P_RMESG2: "03" } },
    ]);
    await page.context().close();
  });

  test("without scripts continues by a button", async () => {
    const merchant = await merchantServer("thanks");
    const { url } = await sandboxFor();
    const page = await phone(false);
    await page.goto(await linkTo(url, merchant));
    await page.getByRole("button", { name: "60,000원 결제하기" }).click();
    expect(merchant.received).toEqual([]);
    await page.getByRole("button", { name: "계속하기" }).click();
    await page.waitForURL(`${merchant.url}/next`);
    expect(merchant.received[0]?.method).toBe("POST");
    await page.context().close();
  });

  test("chooses a virtual account by keyboard, and returns by GET", async () => {
    const merchant = await merchantServer("thanks");
    const { url, book } = await sandboxFor({ returnBy: "get" });
    const page = await phone();
    const link = await linkTo(url, merchant, { payType: "all" });
    await page.goto(link);
    const names = await page
      .getByRole("radio")
      .evaluateAll((radios) => radios.map((radio) => radio.parentElement?.textContent));
    expect(names).toEqual(["신용카드", "가상계좌", "휴대폰", "계좌이체"]);
    expect(await page.getByLabel("카드사").isVisible()).toBe(true);
    await page.getByRole("radio", { name: "신용카드" }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.getByLabel("카드사").isVisible()).toBe(false);
    await page.getByLabel("입금 은행").selectOption("신한(통합)은행");
    await page.getByRole("button", { name: "60,000원 결제하기" }).click();
    await page.waitForURL((to) => to.pathname === "/next");
    expect(merchant.received[0]).toMatchObject({
      method: "GET",
      url: expect.stringContaining("P_VACT_NUM="),
    });
    expect(book.accounts).toMatchObject([{ bankCode: "88", state: "issued" }]);
    await page.goto(link);
    expect(await page.getByRole("heading", { name: "입금을 기다리고 있습니다" }).isVisible()).toBe(true);
    await page.getByRole("link", { name: "상점으로 돌아가기" }).click();
    await page.waitForURL(`${merchant.url}/done`);
    await page.context().close();
  });

  test("can give up and try again", async () => {
    const merchant = await merchantServer("thanks");
    const { url } = await sandboxFor();
    const page = await phone();
    const link = await linkTo(url, merchant);
    await page.goto(link);
    await page.getByRole("button", { name: "결제 그만두기" }).click();
    await page.waitForURL(`${merchant.url}/next`);
    expect(readFields(merchant.received[0]?.body ?? Buffer.of(), "euc-kr")).toMatchObject({ P_STATUS: "01" });
    await page.goto(link);
    expect(await page.getByRole("button", { name: "60,000원 결제하기" }).isVisible()).toBe(true);
    await page.context().close();
  });

  test("sees no page wider than the screen, and no script or policy error", async () => {
    const merchant = await merchantServer("thanks");
    const { url, outside } = await sandboxFor();
    outside.issueAccount({ oid: "order-9", price: 5000 });
    const page = await phone();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    for (const address of [
      await linkTo(url, merchant, { payType: "all" }),
      `${url}/p/nobody`,
      `${url}/_sandbox`,
    ]) {
      await page.goto(address);
      const width = await page.evaluate("document.body.scrollWidth");
      expect(width).toBeLessThanOrEqual(360);
    }
    expect(problems.filter((text) => !text.includes("404"))).toEqual([]);
    await page.context().close();
  });
});

test("a developer uses the buttons of the control page", async () => {
  const merchant = await merchantServer("OK");
  const { url, book, faults, notifications } = await sandboxFor();
  const page = await phone();
  await page.goto(`${url}/_sandbox`);
  await page.getByLabel("입금 알림 URL").fill(merchant.url);
  await page.getByRole("button", { name: "주소 등록" }).click();
  const accounts = page.locator("section", { hasText: "virtual accounts" });
  await accounts.getByLabel("주문번호").fill("order-1");
  await accounts.getByRole("button", { name: "PC 가상계좌 발급" }).click();
  await page.getByRole("button", { name: "입금 Deposit" }).click();
  await expect.poll(() => book.transactions.length, { timeout: 30_000 }).toBe(1);
  await notifications.idle();
  expect(merchant.received).toHaveLength(1);
  await page.goto(`${url}/_sandbox`);
  await page.getByRole("button", { name: "다시 보내기" }).click();
  await expect.poll(() => merchant.received.length, { timeout: 30_000 }).toBe(2);
  const section = page.locator("section", { hasText: "faults" }).first();
  await section.getByLabel("장애").selectOption("html");
  await section.getByRole("button", { name: "추가" }).click();
  await expect.poll(() => faults.rules, { timeout: 30_000 }).toEqual([{ fault: "html", times: 1 }]);
  await page.context().close();
});
