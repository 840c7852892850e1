import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";
import {
  anHourAgo,
  deadLetter,
  quarantinedDeposit,
  restoreDatabase,
  reversedDeposit,
} from "./support/states.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** What people read in Korean and in English, and that programs read the same in both. */
async function spoken(...args: string[]) {
  const [korean, english] = [await shop.tool([...args, "--lang", "ko"]), await shop.tool(args)];
  const [one, another] = [
    await shop.tool([...args, "--json", "--lang", "ko"]),
    await shop.tool([...args, "--json"]),
  ];
  expect(one.stdout).toBe(another.stdout);
  expect(korean.code).toBe(english.code);
  return { korean: korean.stdout + korean.stderr, english: english.stdout + english.stderr };
}

describe("who reads Korean is told beside each code what it means", () => {
  it("in the history of an order", async () => {
    const earlier = await anHourAgo(shop);
    const orderId = "silent-order";
    const reservation = await earlier.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await earlier.store.markSending(reservation.call);
    await shop.ledger.operations.recover();
    const silent = await spoken("orders", orderId);
    expect(silent.korean).toMatch(/전송 중 -> 결과 확인 중 \(sending -> unknown\) +자동 복구 \(recovery\)/);
    expect(silent.english).toMatch(/sending -> unknown +recovery /);

    const refused = await shop.ledger.store.reserveApproval({ orderId: "refused", price, payType: "card" });
    if (refused.status !== "reserved") throw new Error(refused.reason);
    await shop.ledger.store.markSending(refused.call);
    await shop.ledger.store.settle(refused.call, {
      outcome: "unknown",
      code: "deadline",
      resultMessage: "한도초과",
    });
    const { korean, english } = await spoken("orders", "refused");
    expect(korean).toContain("15,000원, 응답 시간 초과 (deadline), 한도초과");
    expect(english).toContain("15,000 won, deadline, 한도초과");
  });

  it("where a notification fits nothing", async () => {
    await reversedDeposit(shop, "taken-back");
    const order = await spoken("orders", "taken-back");
    expect(order.korean).toMatch(/회수된 입금 \(reversal\) .* 결제사 알림 \(notification\)/);
    await quarantinedDeposit(shop);
    const listed = await spoken("notifications");
    expect(listed.korean).toContain("가상계좌 (deposit) 입금 (deposited)");
    expect(listed.korean).toContain("가상계좌 (deposit) 회수된 입금 (reversed)");
    expect(listed.english).toContain("deposit deposited  quarantined (보류)");
  });

  it("in the list of payments", async () => {
    const { orderId } = await shop.paid();
    const { korean, english } = await spoken("orders");
    expect(korean).toMatch(new RegExp(`${orderId} .* 카드 \\(card\\) +${orderId}`));
    expect(korean).toContain("가상계좌 (vbank)");
    expect(english).toMatch(new RegExp(`${orderId} .* card +${orderId}`));
  });

  it("of an event that nobody took", async () => {
    await deadLetter(shop);
    const { korean, english } = await spoken("events", "dead");
    expect(korean).toMatch(/mail +결제 승인 \(approved\) .* RangeError /);
    expect(english).toMatch(/mail +approved /);
  });

  it("of a file that cannot be read", async () => {
    await writeFile(join(shop.env.LEDGER_JOURNAL ?? "", `${crypto.randomUUID()}.json`), "{}");
    const { korean, english } = await spoken("journal");
    expect(korean).toContain("읽을 수 없음: 내용이 올바르지 않음 (no-entry)");
    expect(english).toContain("unreadable: no-entry");
  });

  it("of who accepted a database", async () => {
    expect((await spoken("database")).korean).toMatch(/승인자 +테이블 생성 \(migration\)/);
    await restoreDatabase(shop);
    expect((await spoken("database")).korean).toMatch(/승인자 +lee$/m);
  });
});
