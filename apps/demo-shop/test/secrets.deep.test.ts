import { createCipheriv } from "node:crypto";
import { sandboxMerchant } from "@payapi/sandbox";
import type { CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bookOf, order, payButton, typeCard, untilOrderPage } from "./support/buying.js";
import { type OpenShop, openShop } from "./support/open-shop.js";
import { dumpDatabase } from "./support/test-database.js";

// Numbers that occur nowhere else, neither in the code nor on the guide page.
const declined = "4000000000000119";
const approved = "4000056655665556";
const birth = "931127";
const pin = "73";

/** The gateway's field encryption, written down once more: the needle must not come from the code under test. */
function encrypted(plain: string): string {
  const cipher = createCipheriv("aes-256-cbc", sandboxMerchant.fieldKey, sandboxMerchant.fieldIv);
  return cipher.update(plain, "utf8", "base64") + cipher.final("base64");
}

function needlesOf(number: string): string[] {
  const cipher = [encrypted(number), encrypted(birth), encrypted(pin)];
  return [
    number,
    number.replace(/(....)(?=.)/g, "$1 "),
    number.replace(/(....)(?=.)/g, "$1-"),
    Buffer.from(number).toString("base64"),
    ...cipher,
    ...cipher.map(encodeURIComponent),
  ];
}

const needles = [...needlesOf(declined), ...needlesOf(approved)];

/** Which of the secrets a text holds. */
function found(text: string): string[] {
  const hits = needles.filter((needle) => text.includes(needle));
  // Six digits alone can be part of anything; standing by themselves they are the birth date.
  return new RegExp(`(?<![0-9a-zA-Z])${birth}(?![0-9a-zA-Z])`).test(text) ? [...hits, birth] : hits;
}

async function pageTexts(page: Page): Promise<string> {
  const inside = await page.evaluate(() =>
    JSON.stringify({
      url: location.href,
      inputs: [...document.querySelectorAll("input")].map(({ value }) => value),
      local: { ...localStorage },
      session: { ...sessionStorage },
      cookie: document.cookie,
      history: history.state,
      resources: performance.getEntries().map(({ name }) => name),
    }),
  );
  const cookies = JSON.stringify(await page.context().cookies());
  return [await page.content(), inside, cookies].join("\n");
}

/** Everything JavaScript still holds, after a garbage collection. */
async function heapOf(session: CDPSession): Promise<string> {
  const chunks: string[] = [];
  const collect = ({ chunk }: { chunk: string }) => chunks.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", collect);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", collect);
  return chunks.join("");
}

let shop: OpenShop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test("after paying, card and birth date are nowhere: page, memory, storage, logs, database, gateway's book", async () => {
  const { page, context } = await shop.newBuyer();
  const session = await context.newCDPSession(page);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("/card-approval"))
      sent.push(request.postData() ?? "");
  });
  const orderId = await order(shop, page, "teapot");

  // The form does not ask for them; a shop whose contract does sends them this way. The gateway declines this card.
  const url = `${shop.demo.storefrontUrl}/payments/orders/${orderId}/card-approval`;
  const data = { cardNumber: declined, cardExpireYY: "35", cardExpireMM: "11", registNo: birth, passwd: pin };
  const headers = { origin: shop.demo.storefrontUrl };
  expect((await context.request.post(url, { data, headers })).status()).toBe(402);
  await typeCard(page, declined);
  // The scan sees what is there: before the click it is.
  expect(found(await pageTexts(page))).not.toEqual([]);
  await payButton(page).click();
  await page.getByRole("alert").filter({ hasText: "카드가 승인되지 않았습니다" }).waitFor();
  expect(found(await pageTexts(page))).toEqual([]);
  expect(found(await heapOf(session))).toEqual([]);

  await typeCard(page, approved);
  await payButton(page).click();
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
  expect(sent).toHaveLength(2);
  expect(await bookOf(shop, orderId)).toHaveLength(1);

  expect(found(await pageTexts(page))).toEqual([]);
  expect(found(await heapOf(session))).toEqual([]);
  const staff = await shop.newStaff();
  await staff.goto(`${shop.demo.backOfficeUrl}/orders/${orderId}`);
  expect(found(await pageTexts(staff))).toEqual([]);

  const dump = await dumpDatabase(shop.demo.databaseUrl);
  expect(dump).toContain(orderId);
  expect(found(dump)).toEqual([]);
  const output = shop.demo.output();
  expect(output).toContain("Ready in");
  expect(found(output)).toEqual([]);
  const book = await (await fetch(`${shop.demo.sandboxUrl}/_sandbox/book`)).text();
  expect(book).toContain(orderId);
  expect(found(book)).toEqual([]);
  const html = await (await fetch(`${shop.demo.sandboxUrl}/_sandbox`)).text();
  // The page lists the published test cards, and nothing of this payment but the last four digits.
  expect(html).not.toContain(encrypted(approved));
  await context.close();
});

test("a failure that is logged holds no card either", async () => {
  const { page, context } = await shop.newBuyer();
  const orderId = await order(shop, page, "pencils");
  shop.demo.sandbox.faults.next({ fault: "html", operation: "cards.approve" });
  await typeCard(page, approved);
  await payButton(page).click();
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "결제 결과를 확인하고 있습니다" }).waitFor();
  expect(shop.demo.output()).toContain(orderId);
  expect(found(shop.demo.output())).toEqual([]);
  expect(found(await dumpDatabase(shop.demo.databaseUrl))).toEqual([]);
  await context.close();
});

test("without its script the form can send nothing", async () => {
  const { page, context } = await shop.newBuyer();
  const orderId = await order(shop, page, "pencils");
  const cookies = await context.cookies();
  const plain = await shop.newBuyer({ javaScriptEnabled: false });
  await plain.context.addCookies(cookies);
  await plain.page.goto(`${shop.demo.storefrontUrl}/orders/${orderId}/pay`);
  expect(await plain.page.locator("main noscript p").isVisible()).toBe(true);
  expect(await plain.page.locator("main button").isDisabled()).toBe(true);
  expect(await plain.page.locator("main form input[name]").count()).toBe(0);
  expect(await plain.page.getByRole("radio").first().isDisabled()).toBe(true);
  await plain.context.close();
  await context.close();
});
