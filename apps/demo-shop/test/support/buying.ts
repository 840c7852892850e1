import type { Page } from "playwright-core";
import type { OpenShop } from "./open-shop.js";

export const goodCard = "4111111111111111";
export const declinedCard = "4000000000000002";

/** December of the year after next, as it is typed. The form takes no card that is good for more than twenty years. */
export const goodExpiry = `12${String((new Date().getFullYear() + 2) % 100).padStart(2, "0")}`;

/** Puts goods into the cart and orders them; ends on the payment page. */
export async function order(shop: OpenShop, page: Page, ...goods: readonly string[]): Promise<string> {
  for (const id of goods) {
    await page.goto(`${shop.demo.storefrontUrl}/goods/${id}`);
    await page.getByRole("button", { name: "장바구니에 담기" }).click();
    await page.waitForURL("**/cart");
  }
  await page.getByRole("link", { name: "주문하기" }).click();
  await page.waitForURL("**/checkout");
  await page.getByLabel("이름").fill("김온유");
  await page.getByLabel("전화번호").fill("010-1234-5678");
  await page.getByLabel("이메일").fill("onyu@example.com");
  await page.getByRole("button", { name: "결제하러 가기" }).click();
  await page.waitForURL("**/pay");
  return new URL(page.url()).pathname.split("/")[2] ?? "";
}

/** Chooses the card form, the second way to pay, by keyboard. */
export async function chooseCardForm(page: Page): Promise<void> {
  await page.locator("input[type=radio]:enabled").first().waitFor();
  await page.getByRole("radio", { name: /카드 직접 입력/ }).focus();
  await page.keyboard.press("Space");
}

/** Types a card the way a person does, key by key. */
export async function typeCard(page: Page, number: string, expiry = goodExpiry): Promise<void> {
  await chooseCardForm(page);
  await page.getByLabel("카드번호").click();
  await page.keyboard.type(number);
  await page.getByLabel("유효기간").click();
  await page.keyboard.type(expiry);
}

export function payButton(page: Page) {
  return page.getByRole("button", { name: /결제하기$/ });
}

/** The page that tells how the payment of an order ended. */
export async function untilOrderPage(page: Page, orderId: string): Promise<void> {
  await page.waitForURL(`**/orders/${orderId}`);
}

export interface BookEntry {
  readonly oid: string;
  readonly price: number;
  readonly remaining: number;
}

/** The gateway's data about this order, over HTTP. */
export async function bookOf(shop: OpenShop, orderId: string): Promise<readonly BookEntry[]> {
  const reply = await fetch(`${shop.demo.sandboxUrl}/_sandbox/book`);
  const { transactions } = (await reply.json()) as { transactions: readonly BookEntry[] };
  return transactions.filter(({ oid }) => oid.startsWith(orderId));
}

/** Posts to the payment endpoint from the page itself, past its form. */
export function postCard(page: Page, orderId: string, cardNumber: string) {
  return page.evaluate(
    async ([id, number]) => {
      const reply = await fetch(`/payments/orders/${id}/card-approval`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ cardNumber: number, cardExpireYY: "35", cardExpireMM: "11", cardQuota: 0 }),
      });
      const body = (await reply.json()) as { code?: string; status?: unknown };
      return { status: reply.status, code: body.code };
    },
    [orderId, cardNumber] as const,
  );
}
