import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bookOf, goodCard, order, payButton, typeCard, untilOrderPage } from "./support/buying.js";
import { type OpenShop, openShop } from "./support/open-shop.js";

/** For what the worker does by itself, once a second. */
const patience = { timeout: 30_000 };
let shop: OpenShop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** From the shop's page to the gateway's. */
async function goToPage(page: Page, way: RegExp): Promise<void> {
  await page.getByRole("radio", { name: way }).check();
  expect(await page.getByLabel("카드번호").count()).toBe(0);
  await page.getByRole("button", { name: "결제창으로 가기" }).click();
  await page.waitForURL(`${shop.demo.sandboxUrl}/p/*`);
}

async function receiptOf(page: Page, orderId: string): Promise<string> {
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
  // Without reloading, once the worker has the event.
  await page.locator("[data-fulfilment]").getByText("배송 준비").waitFor();
  return (await page.getByRole("region", { name: "결제 영수증" }).textContent()) ?? "";
}

test.each([
  ["신용·체크카드", /신용·체크카드/, "teapot"],
  ["계좌이체", /계좌이체/, "pencils"],
  ["휴대폰", /휴대폰/, "letter-set"],
])("an order is paid on the gateway's page by %s, and its goods are prepared", async (name, way, goods) => {
  const { page, context } = await shop.newBuyer({ viewport: { width: 375, height: 760 } });
  const orderId = await order(shop, page, goods);
  await goToPage(page, way);
  await page.getByRole("button", { name: /결제하기$/ }).click();
  expect(await receiptOf(page, orderId)).toContain(name);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await bookOf(shop, orderId)).toHaveLength(1);
  expect((await shop.ledger.payments.find(orderId))?.status).toBe("paid");
  await context.close();
});

test.each([
  ["gives up", "결제 그만두기", "cancelled", "결제를 그만두셨습니다", "You cancelled the payment"],
  ["is declined", "승인 단계에서 거절", "declined", "결제가 승인되지 않았습니다", "The payment was declined"],
])(
  "a buyer who %s on the gateway's page reads why once, in both languages",
  async (_what, button, reason, ko, en) => {
    const { page, context } = await shop.newBuyer({ viewport: { width: 375, height: 760 } });
    const orderId = await order(shop, page, "morning-mug");
    await goToPage(page, /신용·체크카드/);
    await page.getByRole("button", { name: button }).click();
    const said = page.locator(`[data-reason="${reason}"]`);
    await said.filter({ hasText: ko }).filter({ hasText: en }).waitFor();
    await page.waitForURL(`${shop.demo.storefrontUrl}/orders/${orderId}`);
    await page.reload();
    await page.getByRole("link", { name: "결제하러 가기" }).waitFor();
    expect(await said.count()).toBe(0);
    await context.close();
  },
);

test("a buyer who gives up on the gateway's page returns to an order that can still be paid", async () => {
  const { page, context } = await shop.newBuyer();
  const orderId = await order(shop, page, "morning-mug");
  await goToPage(page, /신용·체크카드/);
  await page.getByRole("button", { name: "결제 그만두기" }).click();
  await untilOrderPage(page, orderId);
  await page.getByRole("link", { name: "결제하러 가기" }).click();
  await typeCard(page, goodCard);
  await payButton(page).click();
  await receiptOf(page, orderId);
  // The page left behind leads no further: the order is paid.
  await page.goto(`${shop.demo.storefrontUrl}/orders/${orderId}/pay`);
  await untilOrderPage(page, orderId);
  expect(await bookOf(shop, orderId)).toHaveLength(1);
  await context.close();
});

test("a buyer who returns in another browser sees the result there, and the first browser's page follows by itself", async () => {
  const { page: watching, context } = await shop.newBuyer();
  const orderId = await order(shop, watching, "morning-mug");
  const page = await context.newPage();
  await page.goto(watching.url());
  await goToPage(page, /신용·체크카드/);
  await watching.goto(`${shop.demo.storefrontUrl}/orders/${orderId}`);
  await watching.getByRole("heading", { name: "아직 결제하지 않은 주문입니다" }).waitFor();
  await watching.bringToFront();

  const other = await shop.newBuyer();
  await other.page.goto(page.url());
  await other.page.getByRole("button", { name: /결제하기$/ }).click();
  await other.page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
  expect(await other.page.textContent("main")).not.toContain("김온유");
  await watching.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
  expect(await bookOf(shop, orderId)).toHaveLength(1);

  // Without the ticket, or with another order's number, the page does not exist in the other browser.
  await other.page.goto(`${shop.demo.storefrontUrl}/orders/${orderId}`);
  await other.page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor({ state: "detached" });
  await Promise.all([context.close(), other.context.close()]);
});

test("a virtual account is shown with its due date, and a deposit pays the order by itself", async () => {
  const { page, context } = await shop.newBuyer({ viewport: { width: 375, height: 760 } });
  const orderId = await order(shop, page, "moon-jar");
  // What is still without its script takes no focus.
  await page.locator("input[type=radio]:enabled").first().waitFor();
  // By keyboard alone: along the ways to pay, and to the button.
  await page.getByRole("radio", { name: /신용·체크카드/ }).focus();
  for (let presses = 0; presses < 2; presses += 1) await page.keyboard.press("ArrowDown");
  expect(await page.getByRole("radio", { name: /가상계좌/ }).isChecked()).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${shop.demo.sandboxUrl}/p/*`);
  await page.getByRole("button", { name: /결제하기$/ }).click();
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "입금을 기다리고 있습니다" }).waitFor();
  const [account] = shop.demo.sandbox.book.accounts.filter(({ oid }) => oid.startsWith(orderId));
  expect(await page.locator('[data-fact="account"]').textContent()).toBe(account?.number);
  const due = await page.locator('[data-fact="dueAt"]').getAttribute("datetime");
  expect(due).toBe(new Date(account?.dueAt ?? 0).toISOString());
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await shop.fulfilmentOf(orderId)).toEqual([]);
  expect(await bookOf(shop, orderId)).toHaveLength(0);

  const bank = await context.newPage();
  await bank.goto(`${shop.demo.sandboxUrl}/_sandbox`);
  await bank
    .getByRole("row")
    .filter({ hasText: account?.number ?? "" })
    .getByRole("button", { name: "입금 Deposit" })
    .click();
  expect(await receiptOf(page, orderId)).toContain("가상계좌");
  expect(await shop.fulfilmentOf(orderId)).toEqual(["preparing"]);
  expect((await shop.ledger.payments.find(orderId))?.status).toBe("paid");

  // The bank reverses it, which only the staff sees.
  await bank.reload();
  await bank
    .getByRole("row")
    .filter({ hasText: account?.number ?? "" })
    .getByRole("button", { name: "입금 회수 Reverse deposit" })
    .click();
  await expect.poll(() => shop.fulfilmentOf(orderId), patience).toEqual(["preparing", "held"]);
  await page.reload();
  await page.locator("[data-fulfilment]").getByText("배송 보류").waitFor();
  const staff = await shop.newStaff();
  const attention = staff.getByRole("region", { name: /확인 필요/ });
  await attention.getByRole("link", { name: orderId }).first().click();
  // No resolution ends that; the page gives instructions, and the operator writes down what was done.
  const panel = staff.getByRole("region", { name: "돈이 기록과 다릅니다" });
  expect(await panel.textContent()).toContain("물건을 보내지 말고, 돈도 돌려주지 마세요");
  const form = staff.getByRole("region", { name: "처리한 것을 적고 끝내기" });
  await form.getByLabel("무엇을 보고 어떻게 처리했나요?").fill("구매자와 통화, 새 주문을 받기로 함");
  await form.getByRole("button", { name: "처리했음으로 끝내기" }).click();
  await staff.getByText("적은 대로 끝냈습니다.").waitFor();
  expect((await shop.ledger.payments.needsReview()).filter((call) => call.orderId === orderId)).toEqual([]);
  await context.close();
});

test("an approval whose reply was lost is found on the gateway's page and settled by the staff", async () => {
  const { page, context } = await shop.newBuyer();
  const orderId = await order(shop, page, "brass-pen");
  shop.demo.sandbox.faults.next({ fault: "reset-after-commit", operation: "cards.approve" });
  await typeCard(page, goodCard);
  await payButton(page).click();
  await untilOrderPage(page, orderId);
  await page.getByRole("heading", { name: "결제 결과를 확인하고 있습니다" }).waitFor();

  const staff = await shop.newStaff();
  await staff
    .getByRole("region", { name: /확인 필요/ })
    .getByRole("link", { name: orderId })
    .click();
  const panel = staff.getByRole("region", { name: "결제가 되었는지 확인하기" });
  const evidence = panel.getByLabel("무엇을 보고 확인했나요?");
  await panel.getByRole("radio", { name: /^승인되지 않았습니다/ }).check();
  await evidence.fill("거래 목록, 아직 없음");
  await panel.getByRole("button", { name: "확인한 대로 끝내기" }).click();
  const alert = staff.getByRole("alert").filter({ hasText: "아직 끝낼 수 없습니다" });
  await alert.waitFor();
  await expect
    .poll(() => alert.evaluate((element) => element === document.activeElement), { timeout: 30_000 })
    .toBe(true);
  expect(await evidence.inputValue()).toBe("거래 목록, 아직 없음");

  const oid = (await panel.locator(".facts .code").first().textContent()) ?? "";
  const [desk] = await Promise.all([
    staff.context().waitForEvent("page"),
    panel.getByRole("link", { name: "결제사 관리자 화면(모의)" }).click(),
  ]);
  const row = desk.getByRole("row").filter({ hasText: oid }).first();
  const tid = ((await row.getByRole("cell").nth(2).textContent()) ?? "").trim();
  expect(tid).not.toBe("");
  await panel.getByRole("radio", { name: /^승인되었습니다/ }).check();
  await panel.getByLabel(/거래번호/).fill(tid);
  await panel.getByLabel(/한 번 더/).fill(tid);
  await evidence.fill("관리자 화면 거래 목록, 09:20에 봄");
  await panel.getByRole("button", { name: "확인한 대로 끝내기" }).click();
  await staff.getByText("확인한 대로 끝냈습니다.").waitFor();
  expect(await staff.locator(".timeline").textContent()).toMatch(/직원 \d+ 확인: 관리자 화면 거래 목록/);

  await receiptOf(page, orderId);
  expect(await shop.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
  expect((await shop.ledger.payments.needsReview()).filter((call) => call.orderId === orderId)).toEqual([]);
  await context.close();
});

test("notified money that matches no order is listed with instructions until it matches one", async () => {
  shop.demo.sandbox.outside.issueAccount({ oid: "not-ours-1", price: 5_000 });
  const account = shop.demo.sandbox.book.accounts.at(-1);
  shop.demo.sandbox.outside.deposit(account?.tid ?? "");
  await shop.demo.sandbox.notifications.idle();
  const staff = await shop.newStaff();
  const group = staff.getByRole("region", { name: /확인 필요/ });
  await group.getByRole("heading", { name: "주문을 찾을 수 없는 결제사 알림" }).waitFor();
  expect(await group.textContent()).toContain("not-ours-1");
  await group.getByLabel("무엇을 보고 확인했나요?").fill("관리자 화면, 다른 상점의 것");
  await group.getByRole("button", { name: "다시 판단하기" }).click();
  await group.getByText("not-ours-1").waitFor();
  expect(await shop.ledger.notifications.list({ effect: "quarantined" })).toMatchObject([
    { oid: "not-ours-1" },
  ]);
});
