import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseCardForm, goodCard, order, payButton, typeCard, untilOrderPage } from "./support/buying.js";
import { type OpenShop, openShop } from "./support/open-shop.js";

let shop: OpenShop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

describe.each([375, 1280])("at %i pixels", (width) => {
  test("no page scrolls sideways, and every page has one heading and no script error", async () => {
    const { page, context } = await shop.newBuyer({ viewport: { width, height: 760 } });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/content security policy|hydrat/i.test(message.text())) complaints.push(message.text());
    });
    const look = async () => {
      const seen = await page.evaluate(() => ({
        path: location.pathname,
        wide: document.documentElement.scrollWidth - innerWidth,
        headings: document.querySelectorAll("h1").length,
      }));
      expect({ ...seen, wide: Math.max(seen.wide, 0) }).toEqual({ path: seen.path, wide: 0, headings: 1 });
    };
    const visit = async (url: string) => {
      await page.goto(url);
      await look();
    };
    const { storefrontUrl, backOfficeUrl } = shop.demo;
    for (const path of ["/", "/goods/rice-bowls", "/cart", "/orders", "/guide", "/nowhere"]) {
      await visit(storefrontUrl + path);
    }
    const paid = await order(shop, page, "teapot", "stitched-notebook", "letter-set");
    await look();
    await chooseCardForm(page);
    await payButton(page).click();
    await look();
    await typeCard(page, goodCard);
    await payButton(page).click();
    await untilOrderPage(page, paid);
    await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
    await look();
    shop.demo.sandbox.faults.next({ fault: "reset-after-commit", operation: "cards.approve" });
    const unknown = await order(shop, page, "moon-jar");
    await typeCard(page, goodCard);
    await payButton(page).click();
    await untilOrderPage(page, unknown);
    await look();
    await visit(`${storefrontUrl}/orders`);
    await visit(backOfficeUrl);
    await page.goto(shop.demo.staffLink());
    await page.waitForURL(`${backOfficeUrl}/`);
    await look();
    for (const id of [paid, unknown]) await visit(`${backOfficeUrl}/orders/${id}`);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
