import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bookOf,
  declinedCard,
  goodCard,
  order,
  payButton,
  postCard,
  typeCard,
  untilOrderPage,
} from "./support/buying.js";
import { type OpenShop, openShop } from "./support/open-shop.js";

let shop: OpenShop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** Gateway and ledger agree on every won of every order without an open question. */
async function expectAgreement(orderId: string): Promise<void> {
  const [entry] = await bookOf(shop, orderId);
  const payment = await shop.ledger.payments.find(orderId);
  expect({ price: payment?.price, remaining: payment?.remainingPrice }).toEqual({
    price: entry?.price,
    remaining: entry?.remaining,
  });
  expect(await shop.ledger.payments.balance(orderId)).toEqual({
    gateway: entry?.remaining,
    paid: entry?.remaining,
    suspense: 0,
  });
}

describe("a payment", () => {
  test("is paid, shown on a receipt, cancelled in part and then in full by the staff, and agrees to the won", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "teapot", "stitched-notebook");
    await typeCard(page, goodCard);
    expect(await page.getByLabel("카드번호").inputValue()).toBe("4111 1111 1111 1111");
    expect(await page.locator(".card-brand").textContent()).toBe("Visa");
    await page.getByLabel("할부").selectOption("3개월");
    const [sent] = await Promise.all([page.waitForRequest(/card-approval$/), payButton(page).click()]);
    expect(Object.keys(sent.postDataJSON())).toEqual([
      "cardNumber",
      "cardExpireMM",
      "cardExpireYY",
      "cardQuota",
    ]);
    expect(sent.postDataJSON()).toMatchObject({ cardQuota: 3 });
    await untilOrderPage(page, orderId);
    await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
    const paid = await shop.ledger.payments.find(orderId);
    expect(paid?.status).toBe("paid");
    expect(await page.locator('[data-fact="applNum"]').textContent()).toBe(paid?.applNum);
    expect(await page.locator('[data-fact="price"]').textContent()).toBe("101,000원");
    await expectAgreement(orderId);

    const staff = await shop.newStaff();
    await staff.getByRole("link", { name: "흑유 찻주전자 외 1건" }).click();
    for (const typed of ["300.00", "-30000", "3e4"]) {
      await staff.getByLabel("취소할 금액").fill(typed);
      await staff.locator("[data-part]").getByRole("checkbox").check();
      await staff.getByRole("button", { name: "부분 취소하기" }).click();
      await staff.getByText("금액은 숫자로만 적어 주세요.").waitFor();
    }
    await staff.getByLabel("취소할 금액").fill("30000");
    expect(await staff.locator("#after").textContent()).toBe("취소하고 나면 71,000원이 남습니다.");
    await staff.locator("[data-part]").getByRole("checkbox").check();
    await staff.getByRole("button", { name: "부분 취소하기" }).click();
    await staff.getByText("30,000원을 취소했습니다.").waitFor();
    expect(await staff.locator('[data-fact="remaining"]').textContent()).toBe("71,000원");
    expect(await staff.locator(".timeline li").last().textContent()).toContain("취소됨");
    expect((await bookOf(shop, orderId))[0]).toMatchObject({ price: 101_000, remaining: 71_000 });
    await expectAgreement(orderId);

    await page.reload();
    expect(await page.locator('[data-fact="cancelled"]').textContent()).toBe("−30,000원");
    expect(await page.locator('[data-fact="remaining"]').textContent()).toBe("71,000원");

    await staff.locator("form:not([data-part])").getByRole("checkbox").check();
    await staff.getByRole("button", { name: "71,000원 전체 취소하기" }).click();
    await staff.getByText("71,000원을 취소했습니다.").waitFor();
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("cancelled");
    await expectAgreement(orderId);
    await page.reload();
    await page.getByRole("heading", { name: "결제를 취소해 드렸습니다" }).waitFor();
    await context.close();
  });

  test("a buyer without network stays on the page until the shop answers again, and then sees the order", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "morning-mug");
    await typeCard(page, goodCard);
    await context.setOffline(true);
    const asked = () =>
      page.waitForEvent("requestfailed", (request) => request.url().endsWith(`/payments/orders/${orderId}`));
    const first = asked();
    await payButton(page).click();
    await first;
    // It asks again from the same page.
    await asked();
    expect(new URL(page.url()).pathname).toBe(`/orders/${orderId}/pay`);
    await context.setOffline(false);
    await untilOrderPage(page, orderId);
    expect(await bookOf(shop, orderId)).toEqual([]);
    await context.close();
  });

  test("is charged once by a double click, by two tabs, and by requests past the form", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "morning-mug");
    await typeCard(page, goodCard);
    let posts = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") posts += 1;
    });
    await payButton(page).dblclick();
    await untilOrderPage(page, orderId);
    await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
    expect(posts).toBe(1);
    const again = await Promise.all([1, 2, 3].map(() => postCard(page, orderId, goodCard)));
    expect(again.map(({ code }) => code)).toEqual(["already-paid", "already-paid", "already-paid"]);

    const raced = await order(shop, page, "pencils");
    const answers = await Promise.all([1, 2, 3, 4].map(() => postCard(page, raced, goodCard)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);

    for (const id of [orderId, raced]) {
      expect(await bookOf(shop, id)).toHaveLength(1);
      const asked = shop.demo.sandbox.book.requests.filter(({ oid }) => oid?.startsWith(id));
      expect(asked.map(({ operation }) => operation)).toEqual(["cards.approve"]);
      await expectAgreement(id);
    }
    await context.close();
  });

  test("whose reply is cut off after the commit ends as unknown: locked for the buyer, listed for the staff", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "brass-pen");
    shop.demo.sandbox.faults.next({ fault: "reset-after-commit", operation: "cards.approve" });
    await typeCard(page, goodCard);
    await payButton(page).click();
    await untilOrderPage(page, orderId);
    const heading = page.getByRole("heading", { name: "결제 결과를 확인하고 있습니다" });
    await heading.waitFor();
    expect(await page.getByText("다시 결제하지 마세요.").isVisible()).toBe(true);
    expect(await page.locator(".order-number strong").textContent()).toBe(orderId);

    await page.reload();
    await heading.waitFor();
    expect(await page.locator("main").getByRole("button").count()).toBe(0);
    expect(await page.locator("main").getByRole("link").count()).toBe(0);
    await page.goto(`${shop.demo.storefrontUrl}/orders/${orderId}/pay`);
    await untilOrderPage(page, orderId);
    expect(await postCard(page, orderId, goodCard)).toEqual({ status: 409, code: "outcome-unknown" });
    expect(await bookOf(shop, orderId)).toHaveLength(1);
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("unknown");

    const staff = await shop.newStaff();
    const attention = staff.getByRole("region", { name: /확인 필요/ });
    expect(await attention.textContent()).toContain(orderId);
    expect(await attention.textContent()).toContain("승인 결과 확인 중");
    await attention.getByRole("link", { name: orderId }).click();
    await staff.getByText("이 주문은 잠겨 있습니다").waitFor();
    expect(await staff.locator(".timeline").textContent()).toContain("승인되었는지 알 수 없음");
    expect(await staff.getByRole("button", { name: /취소하기/ }).count()).toBe(0);
    await context.close();
  });

  test("that is declined is explained, and another card pays", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "letter-set");
    await typeCard(page, declinedCard);
    await payButton(page).click();
    const alert = page.getByRole("alert").filter({ hasText: "카드가 승인되지 않았습니다" });
    await alert.waitFor();
    // Only the staff sees the reason: it would show thieves which of their cards work.
    expect(await alert.textContent()).not.toContain("카드사에서 승인을 거절하였습니다");
    expect(await alert.textContent()).toContain("결제되지 않았습니다");
    expect(await page.getByLabel("카드번호").inputValue()).toBe("");
    expect(await bookOf(shop, orderId)).toHaveLength(0);
    await typeCard(page, goodCard);
    await payButton(page).click();
    await untilOrderPage(page, orderId);
    await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
    expect(await bookOf(shop, orderId)).toHaveLength(1);
    await expectAgreement(orderId);
    await context.close();
  });

  test("that could not be sent may be tried again", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "rice-bowls");
    shop.demo.sandbox.faults.add({ fault: "refuse" });
    await typeCard(page, goodCard);
    await payButton(page).click();
    await page.getByRole("alert").filter({ hasText: "결제를 보내지 못했습니다" }).waitFor();
    await shop.demo.sandbox.faults.clear();
    await typeCard(page, goodCard);
    await payButton(page).click();
    await untilOrderPage(page, orderId);
    await page.getByRole("heading", { name: "결제가 끝났습니다" }).waitFor();
    expect(await bookOf(shop, orderId)).toHaveLength(1);
    await context.close();
  });

  test("that takes long shows as under way in another tab, which changes by itself", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "moon-jar");
    shop.demo.sandbox.faults.next({ fault: "stall-after-commit", operation: "cards.approve" });
    await typeCard(page, goodCard);
    await payButton(page).click();
    await page.getByRole("button", { name: "결제하는 중…" }).waitFor();
    expect(await page.getByRole("button", { name: "결제하는 중…" }).isDisabled()).toBe(true);
    await expect.poll(() => bookOf(shop, orderId), { timeout: 30_000 }).toHaveLength(1);

    const other = await context.newPage();
    await other.goto(`${shop.demo.storefrontUrl}/orders/${orderId}/pay`);
    await other.getByRole("heading", { name: "결제하고 있습니다" }).waitFor();
    expect(await postCard(other, orderId, goodCard)).toEqual({ status: 409, code: "in-progress" });
    await shop.demo.sandbox.faults.clear();
    await other.getByRole("heading", { name: "결제 결과를 확인하고 있습니다" }).waitFor();
    await page.getByRole("heading", { name: "결제 결과를 확인하고 있습니다" }).waitFor();
    expect(await bookOf(shop, orderId)).toHaveLength(1);
    await context.close();
  });
});

describe("other people", () => {
  test("sees a buyer's order, pays it or cancels it", async () => {
    const { page, context } = await shop.newBuyer();
    const orderId = await order(shop, page, "pencils");
    const stranger = await shop.newBuyer();
    const reply = await stranger.page.goto(`${shop.demo.storefrontUrl}/orders/${orderId}`);
    expect(reply?.status()).toBe(404);
    expect(await postCard(stranger.page, orderId, goodCard)).toEqual({ status: 403, code: "forbidden" });
    const cancels = await page.request.post(`${shop.demo.storefrontUrl}/payments/orders/${orderId}/cancel`, {
      data: {},
      headers: { origin: shop.demo.storefrontUrl },
    });
    expect(cancels.status()).toBe(404);
    expect(await bookOf(shop, orderId)).toHaveLength(0);
    await context.close();
    await stranger.context.close();
  });

  test("enters the back office: not without a link, not with a used one, not by calling its endpoints", async () => {
    const { page, context } = await shop.newBuyer();
    const { backOfficeUrl } = shop.demo;
    expect((await page.goto(backOfficeUrl))?.status()).toBe(403);
    await page.getByRole("heading", { name: "직원만 볼 수 있습니다" }).waitFor();
    const link = shop.demo.staffLink();
    await page.goto(link);
    await page.waitForURL(`${backOfficeUrl}/`);
    const cookies = await context.cookies(backOfficeUrl);
    expect(cookies.find(({ name }) => name === "ondam_staff")).toMatchObject({
      httpOnly: true,
      sameSite: "Strict",
    });
    const other = await shop.newBuyer();
    expect((await other.page.goto(link))?.status()).toBe(403);
    expect((await other.page.goto(`${link.slice(0, -3)}AAA`))?.status()).toBe(403);
    const { page: buyer } = await shop.newBuyer();
    const orderId = await order(shop, buyer, "pencils");
    const reply = await other.page.request.post(`${backOfficeUrl}/payments/orders/${orderId}/cancel`, {
      data: {},
      headers: { origin: backOfficeUrl },
    });
    expect(reply.status()).toBe(403);
    await context.close();
    await other.context.close();
  });
});
