import { afterEach, beforeEach, expect, test } from "vitest";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

let parts: ShopParts;

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(() => parts?.close());

const evidence = "console, 09:20";
const alarms = () => parts.shop.alarms.list();
const openKinds = async () =>
  (await alarms()).filter(({ done }) => done === undefined).map(({ kind }) => kind);
const account = () => parts.sandbox.book.accounts.at(-1);
const statesOf = async (orderId: string) =>
  (await parts.shop.fulfilment.stepsOf(orderId)).map(({ state }) => state);
const end = async (fields: Readonly<Record<string, string>> = {}) =>
  parts.submit(`/alarms/${(await alarms())[0]?.id}/close`, fields);
async function deposit(price?: number) {
  parts.sandbox.outside.deposit(account()?.tid ?? "", price === undefined ? {} : { price });
  await parts.sandbox.notifications.idle();
}

test("a deposit of another amount into an account that the shop has not heard of calls the staff to its order", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank", { comesBack: false });
  await deposit(order.price - 1_000);
  await parts.work();
  expect(await alarms()).toMatchObject([
    {
      kind: "notification-needs-review",
      orderId: order.id,
      reason: "amount-differs",
      price: order.price - 1_000,
      done: undefined,
    },
  ]);
  const [told] = await parts.shop.ledger.notifications.list({ effect: "mismatch" });
  const page = await parts.visit("/alarms");
  expect(page.text).toContain("금액이 다름");
  expect(page.html).toContain(`href="/orders/${order.id}"`);
  expect(page.html).toContain(`href="/#notification-${told?.id}"`);
  expect((await parts.visit("/")).html).toContain(`id="notification-${told?.id}"`);
  expect((await parts.visit(`/orders/${order.id}`)).text).toContain("결제사 알림 확인 필요 금액이 다름");

  expect((await end()).text).toContain("처리할 알림이 없습니다");
  expect(await alarms()).toMatchObject([{ done: { by: "직원 7" } }]);
  // As it is said beside the button.
  expect((await parts.visit("/")).text).toContain("기록과 다른 결제사 알림");
});

test("a deposit of another amount calls the staff, keeps nothing from being delivered that is paid later, and is marked", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  const { price } = order;
  await deposit(price - 1_000);
  await parts.work();
  expect(await alarms()).toMatchObject([
    { kind: "needs-review", orderId: order.id, price: price - 1_000, done: undefined },
  ]);
  // The ledger waits for nobody here: there is no form that would end it with the order.
  expect((await parts.visit("/alarms")).text).not.toContain("처리한 것 적기");
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).not.toContain("처리한 것을 적고 끝내기");
  expect(page.text).toContain("처리했음으로 표시");
  expect(page.html).toContain('href="/#attention"');
  expect(await statesOf(order.id)).toEqual([]);

  await parts.notifyOtherwise({ amt_input: String(price) });
  await parts.work();
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("paid");
  expect(await statesOf(order.id)).toEqual(["preparing"]);
  expect((await end()).text).toContain("처리할 알림이 없습니다");
});

test("goods of a paid order that something told of holds go on when the staff says so, and not before", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  await deposit();
  await parts.work();
  const { oid = "" } = account() ?? {};
  for (const price of [5_000, 6_000]) {
    parts.sandbox.outside.issueAccount({ oid, price });
    await deposit();
    await parts.work();
  }
  expect(await openKinds()).toEqual(["needs-review", "needs-review"]);
  expect(await statesOf(order.id)).toEqual(["preparing", "held"]);
  expect((await parts.visit("/alarms")).text).toContain("배송 준비를 다시 시작합니다");
  await end();
  expect(await openKinds()).toEqual(["needs-review"]);
  expect(await statesOf(order.id)).toEqual(["preparing", "held"]);
  await end({ goods: "go-on" });
  expect(await openKinds()).toEqual([]);
  expect(await statesOf(order.id)).toEqual(["preparing", "held", "preparing"]);
});

test("a notification about an order that nobody can read calls the staff to it, and its release ends the alarm", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  await deposit();
  await parts.notifyOtherwise({ type_msg: "0300" });
  await parts.work();
  expect(await alarms()).toMatchObject([
    {
      kind: "notification-needs-review",
      orderId: order.id,
      reason: "unrecognised",
      done: undefined,
    },
  ]);
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  const form = `/notifications/${held?.id}/release`;
  const list = await parts.visit("/");
  expect(list.html).toContain(`action="${form}"`);
  const released = await parts.submit(form, { evidence });
  expect(released.text).toContain("돈과 상관없는 알림으로 판단했습니다");
  expect(await alarms()).toMatchObject([{ done: { by: "직원 7" } }]);
  expect(await openKinds()).toEqual([]);
  expect(await parts.shop.ledger.notifications.list({ effect: "quarantined" })).toEqual([]);
});

test("a notification that fits no order calls the staff, and says what came of judging it again", async () => {
  parts.sandbox.outside.issueAccount({ oid: "not-ours-1", price: 5_000 });
  await deposit();
  await parts.work();
  expect(await alarms()).toMatchObject([
    { kind: "notification-needs-review", orderId: undefined, price: 5_000, done: undefined },
  ]);
  const page = await parts.visit("/alarms");
  expect(page.text).toContain("결제사 알림 확인 필요 모르는 주문");
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  expect(page.html).toContain(`href="/#notification-${held?.id}"`);

  const release = (text: string) => parts.submit(`/notifications/${held?.id}/release`, { evidence: text });
  expect((await release("")).status).toBe(422);
  const still = await release(evidence);
  expect(still.status).toBe(409);
  expect(still.text).toContain("여전히 맞는 주문이 없습니다");
  expect(still.html).toContain(`value="${evidence}"`);
  expect(await openKinds()).toEqual(["notification-needs-review"]);
});

test("what an address sends that is not listed is listed and calls nobody; released, it is applied, once", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  parts.listNoSources();
  await deposit();
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("awaiting-deposit");
  // Anybody can send such, as often as they like.
  await parts.work();
  expect(await alarms()).toEqual([]);
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
