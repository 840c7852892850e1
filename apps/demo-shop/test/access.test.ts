import { request } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bookOf,
  chooseCardForm,
  goodExpiry,
  order,
  payButton,
  typeCard,
  untilOrderPage,
} from "./support/buying.js";
import { type OpenShop, openShop } from "./support/open-shop.js";

let shop: OpenShop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** Presses Tab until the focus is where it should be, and checks on the way that it can be seen. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return { name: "", visible: true };
      const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
      const text = [
        element.getAttribute("aria-label"),
        ...labels.map((label) => label.textContent),
        element.textContent,
      ];
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return {
        name: text.join(" "),
        visible: element === document.body || (outlineStyle !== "none" && outlineWidth !== "0px"),
      };
    });
    expect(focus.visible, `focus on "${focus.name.trim()}" can be seen`).toBe(true);
    if (focus.name.includes(name)) return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}

test("a purchase by keyboard alone", async () => {
  const { page, context } = await shop.newBuyer();
  await page.goto(shop.demo.storefrontUrl);
  await tabTo(page, "본문으로 건너뛰기");
  await tabTo(page, "아침 머그");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/goods/morning-mug");
  await tabTo(page, "장바구니에 담기");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/cart");
  await tabTo(page, "아침 머그 하나 더하기");
  await page.keyboard.press("Enter");
  await page.getByLabel("아침 머그 수량").filter({ hasText: "2" }).waitFor();
  await tabTo(page, "주문하기");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/checkout");
  await page.getByLabel("이름").waitFor();
  // Straight to the button: the first field that must be mended gets the focus.
  await tabTo(page, "결제하러 가기");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.id), { timeout: 30_000 })
    .toBe("buyerName");
  await page.keyboard.type("이미르");
  await tabTo(page, "전화번호");
  await page.keyboard.type("01055551234");
  await tabTo(page, "이메일");
  await page.keyboard.type("mir@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/pay");
  const orderId = new URL(page.url()).pathname.split("/")[2] ?? "";
  await chooseCardForm(page);
  await tabTo(page, "카드번호");
  await page.keyboard.type("4111111111111112");
  await tabTo(page, "유효기간");
  await page.keyboard.type(goodExpiry);
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.id), { timeout: 30_000 })
    .toBe("card-number");
  expect(await page.locator("#card-number-error").textContent()).toContain("잘못된 숫자");
  await page.keyboard.press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
  expect((await bookOf(shop, orderId))[0]?.price).toBe(51_000);
  await context.close();
});

test("the card form shows an error for each wrong field, and sends nothing until all are corrected", async () => {
  const { page, context } = await shop.newBuyer();
  const orderId = await order(shop, page, "teapot");
  await chooseCardForm(page);
  await payButton(page).click();
  expect(await page.locator("#card-number-error").textContent()).toBe("카드번호를 입력해 주세요.");
  expect(await page.locator("#card-expiry-error").textContent()).toBe("유효기간을 입력해 주세요.");
  await typeCard(page, "378282246310005", "0120");
  expect(await page.getByLabel("카드번호").inputValue()).toBe("3782 822463 10005");
  expect(await page.locator(".card-brand").textContent()).toBe("American Express");
  await payButton(page).click();
  expect(await page.locator("#card-number-error").textContent()).toBe("");
  expect(await page.locator("#card-expiry-error").textContent()).toBe("유효기간이 지난 카드입니다.");
  expect(await page.getByLabel("유효기간").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByLabel("할부").locator("option").count()).toBe(12);
  expect(shop.demo.sandbox.book.requests.filter(({ oid }) => oid?.startsWith(orderId))).toHaveLength(0);

  // Mended while it is typed, so that nothing moves under the click that follows.
  await page.getByLabel("유효기간").fill(goodExpiry);
  expect(await page.locator("#card-expiry-error").textContent()).toBe("");
  await payButton(page).click();
  await untilOrderPage(page, orderId);
  await context.close();
});

test("another name for the same place leads to the one address that payments are taken from", async () => {
  const { page, context } = await shop.newBuyer();
  for (const origin of [shop.demo.storefrontUrl, shop.demo.backOfficeUrl]) {
    const other = `${origin.replace("127.0.0.1", "localhost")}/cart?a=1&b=2`;
    await page.goto(other);
    await page.waitForURL(`${origin}/cart?a=1&b=2`);
  }
  await context.close();
});

test("Hangul is drawn with the font that comes with the shop, and a page loads less than a megabyte", async () => {
  const { page, context } = await shop.newBuyer();
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  const bytes = async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  await page.goto(shop.demo.storefrontUrl, { waitUntil: "networkidle" });
  await page.evaluate(async () => void (await document.fonts.ready));
  const loaded = await page.evaluate(() =>
    [...document.fonts]
      .filter(({ status }) => status === "loaded")
      .map(({ family }) => family.replaceAll('"', "")),
  );
  expect(loaded).toContain("Pretendard Variable");
  expect(await page.evaluate(() => document.fonts.check('16px "Pretendard Variable"', "결제하기"))).toBe(
    true,
  );
  // The browser may tell of a font a moment after it draws with it.
  await expect.poll(bytes, { timeout: 30_000 }).toBeGreaterThan(50_000);
  expect(await bytes()).toBeLessThan(1_000_000);
  await context.close();
});

describe("the back office's one address", () => {
  /** Asks as no browser would: with a path and headers of one's own. */
  function ask(method: string, path: string, headers: Record<string, string>) {
    const { hostname, port } = new URL(shop.demo.backOfficeUrl);
    return new Promise<{ status: number | undefined; location: string | undefined }>((resolve, reject) => {
      request({ host: hostname, port, method, path, headers }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, location: answer.headers.location });
      })
        .once("error", reject)
        .end();
    });
  }

  test.each(["//evil.example/x", "/\\evil.example/x"])("%s leads nowhere else", async (path) => {
    const { status, location } = await ask("GET", path, { host: "localhost:1" });
    expect(status).toBe(307);
    expect(new URL(location ?? "").origin).toBe(new URL(shop.demo.backOfficeUrl).origin);
  });

  test("pages of other sites can't sign the staff out", async () => {
    const { host } = new URL(shop.demo.backOfficeUrl);
    const headers = { host, origin: new URL(shop.demo.storefrontUrl).origin };
    expect((await ask("POST", "/leave", headers)).status).toBe(403);
  });
});
