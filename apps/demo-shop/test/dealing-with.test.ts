import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeOperatorFile } from "../src/supervisor/data-folder.js";
import { operatorCommand } from "../src/supervisor/greeting.js";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

let parts: ShopParts;

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(() => parts?.close());

const evidence = "console, 09:20";
const seenOn = (html: string) => /name="seenEntries" value="(\d+)"/.exec(html)?.[1];
const accountOf = () => parts.sandbox.book.accounts.at(-1)?.tid ?? "";
async function paidIntoAccount() {
  const order = await parts.placeOrder();
  await parts.payOnPage(order, "vbank");
  parts.sandbox.outside.deposit(accountOf());
  await parts.sandbox.notifications.idle();
  return order;
}

test("an order charged a wrong amount is closed by a person and stays locked", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "wrong-price", operation: "cards.approve" });
  await parts.payByCard(order);
  await parts.work();
  const { gateway } = await parts.shop.ledger.payments.balance(order.id);
  expect(gateway).not.toBe(order.price);
  expect((await parts.visit("/")).text).toContain("돈이 기록과 다른 주문");
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain(`기록상 결제사가 받은 금액 ${gateway.toLocaleString("ko-KR")}원`);
  const seenEntries = seenOn(page.html) ?? "";
  expect(Number(seenEntries)).toBe((await parts.shop.ledger.payments.timeline(order.id)).length);

  const close = (fields: Readonly<Record<string, string>>) =>
    parts.submit(`/orders/${order.id}/attention`, { evidence, seenEntries, ...fields });
  const empty = await close({ evidence: "" });
  expect(empty.status).toBe(422);
  expect(empty.text).toContain("무엇을 보고 확인했는지 적어 주세요");
  const unseen = await close({ seenEntries: "1" });
  expect(unseen.status).toBe(409);
  expect(unseen.text).toContain("그사이 새로운 일이 있었습니다");
  expect(unseen.html).toContain(`value="${evidence}"`);
  expect(seenOn(unseen.html)).toBe(seenEntries);
  expect((await close({ seenEntries: "" })).status).toBe(409);
  expect((await parts.visit("/")).text).toContain("돈이 기록과 다른 주문");

  const done = await close({});
  expect(done.status).toBe(200);
  expect(done.text).toContain("확인 필요 목록에서 빠졌습니다");
  expect(done.text).toContain("처리가 끝난 주문입니다");
  expect(done.text).toContain(`확인하고 끝냄: 직원 7 — ${evidence}`);
  expect(done.text.split("요청과 다른 금액이 승인됨")).toHaveLength(2);
  expect(seenOn(done.html)).toBeUndefined();
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
  expect(list.text).toContain("회수된 입금");
  expect(list.text).toContain("돈도 돌려주지 마세요");
  expect(list.text).not.toContain("받지 말았어야 할 돈은 돌려주세요");
  const page = await parts.visit(`/orders/${order.id}`);
  expect(page.text).toContain("돈도 돌려주지 마세요");
  expect(page.text).not.toContain("그곳에서 돌려주세요");
  const seenEntries = seenOn(page.html) ?? "";
  expect((await parts.submit(`/orders/${order.id}/attention`, { evidence, seenEntries })).status).toBe(200);

  await parts.work();
  const steps = await parts.shop.fulfilment.stepsOf(order.id);
  expect(steps.map(({ state }) => state)).toEqual(["preparing", "held"]);
});

test("a notification whose transaction is kept masked is released by who names it", async () => {
  const order = await parts.placeOrder();
  parts.listNoSources();
  await parts.payOnPage(order, "vbank", { comesBack: false });
  parts.sandbox.outside.deposit(accountOf());
  await parts.sandbox.notifications.idle();
  const tid = "SBX2026112510350761a2f4d8dcadd017";
  await parts.notifyOtherwise({ no_tid: tid });
  const [held] = await parts.shop.ledger.notifications.list({ effect: "quarantined" });
  expect(held).toMatchObject({ orderId: order.id, tidIsMasked: true });
  expect((await parts.visit("/")).text).toContain("관리자 화면의 거래번호");
  const release = (named: string) =>
    parts.submit(`/notifications/${held?.id}/release`, { evidence, tid: named });
  for (const [named, words] of [
    ["", "거래번호를 적어 주세요"],
    ["T-other", "결제사 알림의 거래번호가 아닙니다"],
    ["not a tid", "결제사 알림의 거래번호가 아닙니다"],
  ] as const) {
    const refused = await release(named);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(words);
    expect(refused.html).toContain(`value="${evidence}"`);
  }
  expect((await release(tid)).text).toContain("결제사 알림을 반영했습니다");
  expect(await parts.shop.ledger.payments.find(order.id)).toMatchObject({ status: "paid", tid });
});

test("the operator's command that the greeting prints works from the repository", async () => {
  const order = await parts.placeOrder();
  parts.sandbox.faults.next({ fault: "wrong-price", operation: "cards.approve" });
  await parts.payByCard(order);
  const operatorFile = await writeOperatorFile(parts.folder, parts);
  expect((await stat(operatorFile)).mode & 0o777).toBe(0o600);
  const typed = operatorCommand({ operatorFile }, "review --json");
  expect(typed).not.toContain(new URL(parts.databaseUrl).password);
  const cwd = fileURLToPath(new URL("../../../", import.meta.url));
  // Of another shop's variables in the same terminal, none counts.
  const env = { ...process.env, DATABASE_URL: "postgres://127.0.0.1:1/none", PAYAPI_MID: "another" };
  const said = spawnSync("sh", ["-c", typed], { cwd, env, encoding: "utf8", timeout: 30_000 });
  // 3: something needs review.
  expect(said).toMatchObject({ status: 3, stdout: expect.stringContaining(order.id) });
});
