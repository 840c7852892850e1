import { afterEach, beforeEach, expect, test } from "vitest";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

const minute = 60_000;
let parts: ShopParts;

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(() => parts?.close());

const statesOf = async (orderId: string) =>
  (await parts.shop.fulfilment.stepsOf(orderId)).map(({ state }) => state);
const settle = (orderId: string, fields: Readonly<Record<string, string>>) =>
  parts.submit(`/orders/${orderId}/settlement`, {
    about: "approval",
    evidence: "console, 09:20",
    ...(fields.tid === undefined ? {} : { tidAgain: fields.tid }),
    ...fields,
  });

test("an approval that did not move is settled when the gateway cannot carry it out any more, and no sooner", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "reset-before-commit", operation: "cards.approve" });
  expect(await parts.payByCard(order)).toBe(409);
  await parts.work();

  expect((await parts.visit(`/orders/${order.id}`)).text).toContain("승인되었나요?");
  const early = await settle(order.id, { outcome: "not-moved" });
  expect(early.status).toBe(409);
  expect(early.text).toContain("아직 끝낼 수 없습니다");
  expect((await settle(order.id, { outcome: "not-moved", tid: "T1" })).status).toBe(422);
  expect((await settle(order.id, { outcome: "not-moved", evidence: "" })).status).toBe(422);
  expect((await settle(order.id, {})).status).toBe(422);
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("unknown");

  parts.setForward(12 * minute);
  const done = await settle(order.id, { outcome: "not-moved" });
  expect(done.status).toBe(200);
  expect(done.text).toContain("확인한 대로 끝냈습니다");
  expect(done.text).toContain("직원 7 확인: console, 09:20");
  await parts.work();
  expect(await statesOf(order.id)).toEqual([]);
  // A buyer who was not charged may pay.
  expect(await parts.payByCard(order)).toBe(200);
  await parts.work();
  expect(await statesOf(order.id)).toEqual(["preparing"]);
  // A known outcome can't be resolved again.
  const late = await settle(order.id, { outcome: "moved", tid: "T2" });
  expect(late.status).toBe(409);
  expect(late.text).toContain("더 확인할 것이 없습니다");
});

test("a check made before the gateway's late limit has to be repeated", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "reset-before-commit", operation: "cards.approve" });
  await parts.payByCard(order);
  const shownOn = (html: string) => /name="shownAt" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const early = shownOn((await parts.visit(`/orders/${order.id}`)).html);
  parts.setForward(12 * minute);
  const refused = await settle(order.id, { outcome: "not-moved", shownAt: early });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain("다시 보고 끝내 주세요");
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("unknown");
  const again = await settle(order.id, { outcome: "not-moved", shownAt: shownOn(refused.html) });
  expect(again.status).toBe(200);
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("not-sent");
});

test("a transaction that is missing, another payment's, or a card number is not taken", async () => {
  const paid = await parts.placeOrder();
  expect(await parts.payByCard(paid)).toBe(200);
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "reset-after-commit", operation: "cards.approve" });
  await parts.payByCard(order);
  const [other, lost] = parts.sandbox.book.transactions.map(({ tid }) => tid);

  expect((await settle(order.id, { outcome: "moved" })).text).toContain("거래번호를 적어 주세요");
  expect((await settle(order.id, { outcome: "moved", tid: other ?? "" })).text).toContain(
    "다른 결제의 거래번호입니다",
  );
  const card = await settle(order.id, { outcome: "moved", tid: "4111111111111111" });
  expect(card.status).toBe(422);
  expect(card.text).not.toContain("4111111111111111");
  const mistyped = await settle(order.id, { outcome: "moved", tid: `${lost}0`, tidAgain: lost ?? "" });
  expect(mistyped.status).toBe(422);
  expect(mistyped.text).toContain("두 거래번호가 다릅니다");
  expect((await settle(order.id, { outcome: "moved", tid: lost ?? "" })).status).toBe(200);
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("paid");
});

test("a cancel with an unknown outcome holds the goods until the staff resolves it", async () => {
  const order = await parts.placeOrder();
  await parts.payByCard(order);
  await parts.work();
  parts.sandbox.faults.next({ fault: "reset-after-commit", operation: "payments.cancelPartially" });
  expect(await parts.cancel(order.id, { cancelPrice: 9_000, confirmPrice: order.price - 9_000 })).toBe(409);
  await parts.work();
  expect(await statesOf(order.id)).toEqual(["preparing", "held"]);
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain("취소가 되었는지 확인하기");

  // The form is for the cancel; a resolution about the approval changes nothing.
  expect((await settle(order.id, { outcome: "moved", tid: "T1" })).status).toBe(409);
  const done = await settle(order.id, { about: "cancel", outcome: "moved" });
  expect(done.status).toBe(200);
  await parts.work();
  expect(await statesOf(order.id)).toEqual(["preparing", "held", "preparing"]);
  expect(await parts.shop.ledger.payments.find(order.id)).toMatchObject({
    status: "partially-cancelled",
    remainingPrice: order.price - 9_000,
  });
});

test("the cancel forms accept no input before their script runs", async () => {
  const order = await parts.placeOrder();
  await parts.payByCard(order);
  const { html } = await parts.visit(`/orders/${order.id}`);
  const [forms = ""] = /data-cancels.*?<\/section>/s.exec(html) ?? [];
  const controls = forms.match(/<(?:input|button)[^>]*>/g) ?? [];
  expect(controls).toHaveLength(5);
  for (const control of controls) expect(control).toMatch(/ disabled>$/);
});

test("of an approval and the net cancel that was to undo it, the approval is settled first", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.add({ fault: "reset-after-commit", operation: "page.approve" });
  parts.sandbox.faults.add({ fault: "reset-before-commit", operation: "payments.cancel", times: "always" });
  await parts.payOnPage(order, "card");
  expect((await parts.shop.ledger.payments.needsReview()).map(({ kind }) => kind)).toEqual([
    "approval",
    "cancel",
  ]);
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain("먼저 결제가 되었는지 확인해 주세요");
  const refused = await settle(order.id, { about: "cancel", outcome: "moved" });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain("결제부터 확인해 주세요");

  const [made] = parts.sandbox.book.transactions;
  expect((await settle(order.id, { outcome: "moved", tid: made?.tid ?? "" })).status).toBe(200);
  parts.setForward(12 * minute);
  expect((await settle(order.id, { about: "cancel", outcome: "not-moved" })).status).toBe(200);
  expect((await parts.shop.ledger.payments.find(order.id))?.status).toBe("paid");
});

test("an overdue virtual account is listed with instructions, and can be resolved", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  expect((await parts.visit("/")).text).toContain("확인이 필요한 결제가 없습니다");
  parts.setForward(20 * 24 * 60 * minute);
  const list = await parts.visit("/");
  expect(list.text).toContain("기한이 지난 가상계좌");
  expect(list.text).toContain(order.id);
  expect((await parts.visit(`/orders/${order.id}`)).text).toContain("입금되었는지 확인하기");
  const done = await settle(order.id, { outcome: "not-moved" });
  expect(done.text).toContain("이제 ‘결제 안 됨’입니다");
  expect((await parts.visit("/")).text).toContain("확인이 필요한 결제가 없습니다");
});

test("events that the shop's own code cannot take are put aside, listed, and taken once their cause is mended", async () => {
  const [order, given] = [await parts.placeOrder(), await parts.placeOrder()];
  await parts.shop.pool.query(
    "alter table demo_shop.fulfilment_steps add constraint shut check (false) not valid",
  );
  await parts.payByCard(order);
  await parts.payByCard(given);
  let dead = 0;
  for (let round = 0; round < 10; round += 1) {
    dead += (await parts.work()).dead;
    parts.setForward(60 * minute);
  }
  expect(dead).toBe(2);
  const list = await parts.visit("/");
  expect(list.text).toContain("처리하지 못한 이벤트");
  expect(list.text).toContain(order.id);

  await parts.shop.pool.query("alter table demo_shop.fulfilment_steps drop constraint shut");
  expect(await parts.cancel(given.id)).toBe(200);
  await parts.work();
  for (const { consumer, event } of await parts.shop.ledger.events.deadLetters()) {
    await parts.submit("/dead-letters", { id: event.id, consumer });
  }
  expect((await parts.visit("/")).text).toContain("확인이 필요한 결제가 없습니다");
  await parts.work();
  expect(await statesOf(order.id)).toEqual(["preparing"]);
  // If the event of the payment arrives late, the shop does not send goods that were cancelled since.
  expect(await statesOf(given.id)).toEqual(["cancelled"]);
});
