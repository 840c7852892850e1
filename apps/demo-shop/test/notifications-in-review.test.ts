import { afterEach, beforeEach, expect, test } from "vitest";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

let parts: ShopParts;

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(() => parts?.close());

const evidence = "console, 09:20";
const account = () => parts.sandbox.book.accounts.at(-1);
const statesOf = async (orderId: string) =>
  (await parts.shop.fulfilment.stepsOf(orderId)).map(({ state }) => state);
async function deposit(price?: number) {
  parts.sandbox.outside.deposit(account()?.tid ?? "", price === undefined ? {} : { price });
  await parts.sandbox.notifications.idle();
}

test("a deposit of another amount is listed with its order, and keeps nothing from being delivered that is paid later", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  const { price } = order;
  await deposit(price - 1_000);
  await parts.work();
  const list = await parts.visit("/");
  expect(list.text).toContain("금액이 다름");
  expect(list.html).toContain(`href="/orders/${order.id}"`);
  // The ledger does not lock the order: there is no form that would close its review.
  expect((await parts.visit(`/orders/${order.id}`)).text).not.toContain("처리한 것을 적고 끝내기");
  expect(await statesOf(order.id)).toEqual([]);

  await parts.notifyOtherwise({ amt_input: String(price) });
  await parts.work();
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("paid");
  expect(await statesOf(order.id)).toEqual(["preparing"]);
});

test("goods of a paid order that were held for a notification go on when the staff says so, once", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  await deposit();
  await parts.work();
  const resume = "배송 준비 다시 시작";
  expect((await parts.visit(`/orders/${order.id}`)).text).not.toContain(resume);
  const { oid = "" } = account() ?? {};
  parts.sandbox.outside.issueAccount({ oid, price: 5_000 });
  await deposit();
  await parts.work();
  expect(await statesOf(order.id)).toEqual(["preparing", "held"]);
  expect((await parts.visit(`/orders/${order.id}`)).text).toContain(resume);
  expect((await parts.submit(`/orders/${order.id}/goods`, {})).text).not.toContain(resume);
  await parts.submit(`/orders/${order.id}/goods`, {});
  expect(await statesOf(order.id)).toEqual(["preparing", "held", "preparing"]);
});

test("a notification about an order that cannot be read is listed, and its release removes it", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  await deposit();
  await parts.notifyOtherwise({ type_msg: "0300" });
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  expect(held).toMatchObject({ orderId: order.id, reason: "unrecognised" });
  const form = `/notifications/${held?.id}/release`;
  const list = await parts.visit("/");
  expect(list.html).toContain(`action="${form}"`);
  const released = await parts.submit(form, { evidence });
  expect(released.text).toContain("돈과 상관없는 알림으로 판단했습니다");
  expect(await parts.shop.ledger.notifications.list({ effect: "quarantined" })).toEqual([]);
});

test("a notification that matches no order is listed, and the list shows the result of its release", async () => {
  parts.sandbox.outside.issueAccount({ oid: "not-ours-1", price: 5_000 });
  await deposit();
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  expect((await parts.visit("/")).text).toContain("모르는 주문");

  const release = (text: string) => parts.submit(`/notifications/${held?.id}/release`, { evidence: text });
  expect((await release("")).status).toBe(422);
  const still = await release(evidence);
  expect(still.status).toBe(409);
  expect(still.text).toContain("여전히 맞는 주문이 없습니다");
  expect(still.html).toContain(`value="${evidence}"`);
});

test("a notification from an unlisted address is quarantined; its release applies it once", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  parts.listNoSources();
  await deposit();
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("awaiting-deposit");
  expect((await parts.visit("/")).text).toContain("등록되지 않은 주소에서 옴");
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  const release = () => parts.submit(`/notifications/${held?.id}/release`, { evidence });
  const applied = await release();
  expect(applied.status).toBe(200);
  expect(applied.text).toContain("결제사 알림을 반영했습니다");
  expect(applied.html).toContain(`href="/orders/${order.id}"`);
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("paid");
  expect((await release()).text).toContain("더 판단할 것이 없습니다");
});
