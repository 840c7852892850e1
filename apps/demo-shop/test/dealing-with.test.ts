import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandLine } from "../src/supervisor/greeting.js";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

let parts: ShopParts;

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(() => parts?.close());

const evidence = "console, 09:20";
const seenOn = (html: string) => /name="seenLines" value="(\d+)"/.exec(html)?.[1];
const openKinds = async () =>
  (await parts.shop.alarms.list()).filter(({ done }) => done === undefined).map(({ kind }) => kind);
const accountOf = () => parts.sandbox.book.accounts.at(-1)?.tid ?? "";
async function paidIntoAccount() {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  parts.sandbox.outside.deposit(accountOf());
  await parts.sandbox.notifications.idle();
  return order;
}

test("an order charged a wrong amount is closed by a person, with its alarm, and stays locked", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "wrong-price", operation: "cards.approve" });
  await parts.payByCard(order);
  await parts.work();
  expect(await openKinds()).toEqual(["needs-attention"]);
  const { gateway } = await parts.shop.ledger.balance(order.id);
  expect(gateway).not.toBe(order.price);
  expect((await parts.visit("/")).text).toContain("돈이 기록과 다른 주문");
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain(`기록상 결제사가 받은 금액 ${gateway.toLocaleString("ko-KR")}원`);
  const seenLines = seenOn(page.html) ?? "";
  expect(Number(seenLines)).toBe((await parts.shop.ledger.timeline(order.id)).length);

  const close = (fields: Readonly<Record<string, string>>) =>
    parts.submit(`/orders/${order.id}/attention`, { evidence, seenLines, ...fields });
  const empty = await close({ evidence: "" });
  expect(empty.status).toBe(422);
  expect(empty.text).toContain("무엇을 보고 확인했는지 적어 주세요");
  const unseen = await close({ seenLines: "1" });
  expect(unseen.status).toBe(409);
  expect(unseen.text).toContain("그사이 새로운 일이 있었습니다");
  expect(unseen.html).toContain(`value="${evidence}"`);
  expect(seenOn(unseen.html)).toBe(seenLines);
  expect((await close({ seenLines: "" })).status).toBe(409);
  expect(await openKinds()).toEqual(["needs-attention"]);

  const done = await close({});
  expect(done.status).toBe(200);
  expect(done.text).toContain("처리가 끝난 주문입니다");
  expect(done.text).toContain(`확인하고 끝냄: 직원 7 — ${evidence}`);
  expect(done.text.split("다른 금액이 승인됨")).toHaveLength(2);
  expect(seenOn(done.html)).toBeUndefined();
  expect(await parts.shop.alarms.ofOrder(order.id)).toMatchObject([{ done: { by: "직원 7" } }]);
  expect((await parts.visit("/")).text).toContain("확인이 필요한 결제가 없습니다");
  // It stays locked, and is closed once.
  expect(await parts.payByCard(order)).toBe(409);
  expect((await close({})).text).toContain("더 처리할 것이 없습니다");
});

test("a deposit that the bank took back is not paid out: talk to the buyer; closed before the worker hears of it", async () => {
  const order = await paidIntoAccount();
  await parts.work();
  parts.sandbox.outside.reverseDeposit(accountOf());
  await parts.sandbox.notifications.idle();
  const list = await parts.visit("/");
  expect(list.text).toContain("은행이 되가져간 입금");
  expect(list.text).toContain("돈도 돌려주지 마세요");
  expect(list.text).not.toContain("받지 말았어야 할 돈은 돌려주세요");
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain("돈도 돌려주지 마세요");
  expect(page.text).not.toContain("그곳에서 돌려주세요");
  const seenLines = seenOn(page.html) ?? "";
  expect((await parts.submit(`/orders/${order.id}/attention`, { evidence, seenLines })).status).toBe(200);

  await parts.work();
  expect(await parts.shop.alarms.ofOrder(order.id)).toMatchObject([
    { kind: "reversed", done: { by: "직원 7" } },
  ]);
  const steps = await parts.shop.fulfilment.stepsOf(order.id);
  expect(steps.map(({ state }) => state)).toEqual(["preparing", "held"]);
});

test("a notification that fits no order calls the staff, and says what came of judging it again", async () => {
  parts.sandbox.outside.issueAccount({ oid: "not-ours-1", price: 5_000 });
  parts.sandbox.outside.deposit(accountOf());
  await parts.sandbox.notifications.idle();
  await parts.work();
  expect(await parts.shop.alarms.list()).toMatchObject([
    { kind: "notification-needs-attention", orderId: undefined, price: 5_000, done: undefined },
  ]);
  const alarms = await parts.visit("/alarms");
  expect(alarms.text).toContain("통보를 확인해야 함 모르는 주문");
  expect(alarms.html).toContain('href="/#attention"');

  const [held] = await parts.shop.ledger.notifications({ effect: "quarantined" });
  const release = (text: string) => parts.submit(`/notifications/${held?.id}/release`, { evidence: text });
  expect((await release("")).status).toBe(422);
  const still = await release(evidence);
  expect(still.status).toBe(409);
  expect(still.text).toContain("여전히 맞는 주문이 없습니다");
  expect(still.html).toContain(`value="${evidence}"`);
  expect(await openKinds()).toEqual(["notification-needs-attention"]);
});

test("a released notification is applied, says so, and cannot be released again", async () => {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  parts.listNoSources();
  parts.sandbox.outside.deposit(accountOf());
  await parts.sandbox.notifications.idle();
  expect((await parts.shop.ledger.findOrder(order.id))?.status).toBe("awaiting-deposit");
  const [held] = await parts.shop.ledger.notifications({ effect: "quarantined" });
  const release = () => parts.submit(`/notifications/${held?.id}/release`, { evidence });
  const applied = await release();
  expect(applied.status).toBe(200);
  expect(applied.text).toContain("통보를 반영했습니다");
  expect(applied.html).toContain(`href="/orders/${order.id}"`);
  expect((await parts.shop.ledger.findOrder(order.id))?.status).toBe("paid");
  expect((await release()).text).toContain("더 판단할 것이 없습니다");
});

test("the alarm of a notification about an order names it, and ends when the notification is released", async () => {
  const order = await parts.placeOrder();
  const notificationId = "0198f1de-7c4a-7e0b-9c55-0b6a4f3d2e11";
  await parts.shop.pool.query(
    `insert into demo_shop.alarms (event_id, kind, order_id, notification_id, reason, at)
     values ('e1', 'notification-needs-attention', $1, $2, 'amount-differs', now())`,
    [order.id, notificationId],
  );
  const page = await parts.visit("/alarms");
  expect(page.text).toContain("금액이 다름");
  expect(page.html).toContain(`href="/orders/${order.id}"`);
  await parts.shop.alarms.closeOfNotification(notificationId, "직원 7");
  expect(await openKinds()).toEqual([]);
});

test("the operator's command that the greeting prints works from the repository", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "wrong-price", operation: "cards.approve" });
  await parts.payByCard(order);
  const typed = `${commandLine(parts)} unknowns --json`;
  const cwd = fileURLToPath(new URL("../../../", import.meta.url));
  const said = spawnSync("sh", ["-c", typed], { cwd, encoding: "utf8", timeout: 30_000 });
  // 3: somebody must look into it.
  expect(said).toMatchObject({ status: 3, stdout: expect.stringContaining(order.id) });
});
