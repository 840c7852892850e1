import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openShop, price, type Shop, sql } from "./support/shop.js";
import {
  deadLetter,
  journaled,
  maskedPayment,
  needsAttention,
  quarantinedDeposit,
  restoreDatabase,
  reversedDeposit,
} from "./support/states.js";

let shop: Shop;
const word = ["--actor", "kim", "--evidence", "console, seen 03:10"];
const json = (...args: string[]) => shop.tool([...args, "--json"]);

function eachInAShopOfItsOwn(): void {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });
}

function allInOneShop(): void {
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());
}

describe("review", () => {
  eachInAShopOfItsOwn();

  it("leads on to whatever else needs a person, and to nothing else", async () => {
    await quarantinedDeposit(shop);
    await deadLetter(shop);
    const lastWeek = await shop.ledgerWith({ clock: () => new Date(Date.now() - 8 * 86_400_000) });
    await quarantinedDeposit(shop, "long-ago", lastWeek);
    const calm = await shop.tool(["review"]);
    expect(calm).toMatchObject({ code: 0, stderr: "" });
    expect(calm.stdout).toContain(
      "Notifications of the last 7 days that need review: 1 (payapi notifications)",
    );
    expect(calm.stdout).toContain("Events that the shop's code failed to handle: 1 (payapi events dead)");
    expect(calm.stdout).not.toMatch(/payapi (database|journal)/);
  });

  it("ends with 3 when the journal keeps a payment, or nobody accepted the database", async () => {
    await journaled(shop, "lost-1", "lost");
    const kept = await json("review");
    expect(kept.json()).toMatchObject({
      exitCode: 3,
      result: { also: { journaled: 1, databaseAccepted: true } },
    });
    expect((await shop.tool(["review"])).stdout).toContain("payapi journal");
    await restoreDatabase(shop);
    const restored = await shop.tool(["review", "--lang", "ko"]);
    expect(restored.code).toBe(3);
    expect(restored.stdout).toContain("payapi database");
    expect((await json("review")).json()).toMatchObject({
      result: { also: { databaseAccepted: false } },
      error: { code: "look-into" },
    });
  });

  it("lets an order be closed that somebody dealt with, and nothing else", async () => {
    await needsAttention(shop, "order-1");
    const found = await shop.tool(["review"]);
    expect(found).toMatchObject({ code: 3, stderr: "" });
    expect(found.stdout).toContain("payapi orders <orderId> shows");
    const order = await shop.tool(["orders", "order-1"]);
    expect(order.stdout).toContain("payapi close <orderId> --seen 3 --actor NAME --evidence TEXT");
    for (const [orderId, seen, code] of [
      ["nobody", "3", "no-such-order"],
      ["order-1", "2", "changed"],
    ] as const) {
      const refused = await json("close", orderId, "--seen", seen, ...word);
      expect(refused.json()).toMatchObject({ exitCode: 1, error: { code } });
    }
    const closed = await json("close", "order-1", "--seen", "3", ...word);
    expect(closed.json()).toMatchObject({ exitCode: 0, result: { order: { status: "needs-attention" } } });
    expect((await json("close", "order-1", "--seen", "4", ...word)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "needs-no-attention" },
    });
    expect((await shop.tool(["review"])).code).toBe(0);
    expect((await shop.ledger.timeline("order-1")).at(-1)).toMatchObject({ actor: "kim" });
    for (const args of [["--seen", "3", "--actor", "kim"], [...word], ["--seen", "x", ...word]]) {
      expect((await shop.tool(["close", "order-1", ...args])).code).toBe(2);
    }
  });

  it("leads on from a settle or a close that is refused, by the state of the order", async () => {
    await needsAttention(shop, "wrong-amount");
    const { orderId: unknown } = await shop.unknown();
    const { orderId: paid } = await shop.paid();
    const settle = (id: string) => ["resolve", id, "--outcome", "moved", "--tid", "T9", ...word];
    const close = (id: string, seen: number) => ["close", id, "--seen", String(seen), ...word];
    const cases = [
      [settle("wrong-amount"), "not-unknown", "payapi close"],
      [settle("wrong-amount"), "not-unknown", "payapi orders"],
      [settle(paid), "not-unknown", "payapi orders"],
      [close(unknown, 3), "outcome-unknown", "payapi resolve"],
      [close(paid, 3), "needs-no-attention", "does not need review"],
    ] as const;
    for (const [args, code, leadsTo] of cases) {
      expect((await json(...args)).json()).toMatchObject({ exitCode: 1, error: { code } });
      const refused = await shop.tool(args);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(leadsTo);
    }
    expect((await shop.tool(settle(paid))).stderr).not.toContain("payapi close");
    expect((await shop.tool(close("wrong-amount", 3))).code).toBe(0);
    const twice = await shop.tool(close("wrong-amount", 4));
    expect(twice).toMatchObject({ code: 1, stdout: "" });
    expect(twice.stderr).toContain("already closed");
  });

  it("tells an order that somebody dealt with from one that waits for it", async () => {
    await needsAttention(shop, "order-1");
    expect((await json("orders", "order-1")).json()).toMatchObject({ exitCode: 3, result: { closed: null } });
    await shop.tool(["close", "order-1", "--seen", "3", ...word]);
    const closed = await shop.tool(["orders", "order-1"]);
    expect(closed).toMatchObject({ code: 0, stderr: "" });
    expect(closed.stdout).toMatch(/^Closed by kim at \d{4}-\S+ \S+ KST; stays locked\./m);
    expect(closed.stdout).toMatch(/closed +stays locked +kim +console, seen 03:10$/m);
    expect(closed.stdout.match(/approved_mismatch/g)).toHaveLength(1);
    expect(closed.stdout).not.toContain("payapi close");
    expect((await shop.tool(["orders", "order-1", "--lang", "ko"])).stdout).toMatch(/처리 완료 +잠금 유지/);
    expect((await json("orders", "order-1")).json()).toMatchObject({
      exitCode: 0,
      result: {
        order: { status: "needs-attention" },
        closed: { actor: "kim", evidence: "console, seen 03:10" },
      },
    });
  });

  it("lets nobody pay out a deposit that the bank took back", async () => {
    await reversedDeposit(shop, "order-1");
    const order = await shop.tool(["orders", "order-1"]);
    expect(order).toMatchObject({ code: 3, stderr: "" });
    expect(order.stdout).toContain("0 won at the gateway: 15,000 won as requested, 15,000 won of it missing");
    const listed = await shop.tool(["notifications"]);
    expect(listed.stdout).toMatch(/mismatch .* deposit reversed/);
    for (const { stdout } of [order, listed]) {
      expect(stdout).toContain("reversed the deposit");
      expect(stdout).toMatch(/do not deliver, pay nothing out,? (and )?talk to the buyer/i);
      expect(stdout).not.toMatch(/refund/);
    }
    expect(order.stdout).toContain("payapi close <orderId> --seen ");
    for (const args of [["orders", "order-1"], ["notifications"]]) {
      const korean = await shop.tool([...args, "--lang", "ko"]);
      expect(korean.stdout).toContain("돈을 내주지 말고");
      expect(korean.stdout).not.toContain("환불");
    }
  });

  it("lets nobody pay out what the gateway gave back already, or only contradicts", async () => {
    const { orderId } = await shop.paid();
    const reservation = await shop.ledger.reserveCancel({
      orderId,
      part: { cancelPrice: 5_000, confirmPrice: 10_000 },
    });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.markSending(reservation.call);
    await shop.ledger.settle(reservation.call, { outcome: "moved", price: 12_000, remainingPrice: 3_000 });
    const less = await shop.tool(["orders", orderId]);
    expect(less.stdout).toContain(
      "3,000 won at the gateway: 15,000 won as requested, 12,000 won of it missing",
    );
    expect(less.stdout).toContain("gave money back otherwise than requested");
    expect(less.stdout).not.toContain("refund");

    const { orderId: other } = await shop.paid();
    const second = await shop.ledger.reserveCancel({ orderId: other });
    if (second.status !== "reserved") throw new Error(second.reason);
    await shop.ledger.markSending(second.call);
    await shop.ledger.settle(second.call, { outcome: "moved", remainingPrice: 5_000 });
    const same = await shop.tool(["orders", other]);
    expect(same.stdout).toContain("15,000 won as requested, 0 won in suspense");
    expect(same.stdout).toContain("pay nothing out before you know which of them is right");
  });

  it("shows a contradicted order where to look", async () => {
    const { orderId, tid } = await shop.paid();
    const reservation = await shop.ledger.reserveCancel({ orderId });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.markSending(reservation.call);
    await shop.ledger.settle(reservation.call, { outcome: "moved", remainingPrice: 5_000 });
    const found = await shop.tool(["review"]);
    expect(found.stdout).toContain("payapi orders <orderId>");
    const order = await shop.tool(["orders", orderId]);
    expect(order).toMatchObject({ code: 3, stderr: "" });
    expect(order.stdout).toMatch(/state +needs review \(확인 필요\)/);
    expect(order.stdout).toContain(tid);
  });
});

describe("orders", () => {
  allInOneShop();

  it("lists payments, newest first, page by page and by state", async () => {
    expect((await shop.tool(["orders"])).stdout).toBe("None.\n");
    const first = await shop.paid();
    const second = await shop.unknown();
    const all = await shop.tool(["orders"]);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(all.stdout.indexOf(second.oid)).toBeGreaterThan(0);
    expect(all.stdout.indexOf(first.oid)).toBeGreaterThan(all.stdout.indexOf(second.oid));
    for (const text of [first.orderId, first.tid, "paid (결제 완료)", "15,000 won"])
      expect(all.stdout).toContain(text);
    expect(all.stdout).not.toContain("--before");
    expect((await shop.tool(["orders", "--limit", "2"])).stdout).not.toContain("--before");
    const newest = await shop.tool(["orders", "--limit", "1"]);
    const older1 = /^Older ones: payapi (orders --limit 1 --before \d+)$/m.exec(newest.stdout)?.[1] ?? "";
    const oldest = await shop.tool(older1.split(" "));
    expect(oldest.stdout).toContain(first.oid);
    expect(oldest.stdout).not.toContain("--before");
    const third = await shop.paid();
    const paid = await shop.tool(["orders", "--status", "paid", "--limit", "1"]);
    expect(paid.stdout).toContain(third.oid);
    expect(paid.stdout).toMatch(/payapi orders --status paid --limit 1 --before \d+$/m);
    const rest = /payapi (orders --status paid.*)$/m.exec(paid.stdout)?.[1] ?? "";
    expect((await shop.tool(rest.split(" "))).stdout).toContain(first.oid);
    expect((await shop.tool(["orders", "--status", "unknown", "--limit", "1"])).stdout).not.toContain(
      "--before",
    );
    const page = (await json("orders", "--limit", "1")).json<{
      orders: { oid: string; position: number }[];
    }>();
    expect(page.result.orders).toMatchObject([{ oid: third.oid, status: "paid" }]);
    const older = await json("orders", "--before", String(page.result.orders[0]?.position));
    expect(older.json()).toMatchObject({
      result: { orders: [{ oid: second.oid }, { oid: first.oid, tid: first.tid }] },
    });
    const unknown = await json("orders", "--status", "unknown");
    expect(unknown.json()).toMatchObject({ result: { orders: [{ orderId: second.orderId }] } });
  });

  it("tells all that happened to one", async () => {
    const { orderId, oid, tid } = await shop.paid();
    const done = await shop.tool(["orders", orderId, "--lang", "ko"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    for (const text of [
      oid,
      tid,
      "결제 완료 (paid)",
      "승인 (approval)",
      "전송 중 -> 승인됨 (sending -> approved)",
      "결제사 15,000원: 정상 15,000원",
    ]) {
      expect(done.stdout).toContain(text);
    }
    const { result } = (await json("orders", orderId)).json<{ timeline: object[] }>();
    expect(result).toMatchObject({
      order: { orderId, status: "paid", price, remainingPrice: price, tid },
      balance: { gateway: price, paid: price, unexplained: 0 },
    });
    expect(result.timeline).toHaveLength(3);
    expect((await json("orders", "nobody")).json()).toMatchObject({
      exitCode: 1,
      error: { code: "no-such-order" },
    });
  });

  it.each([
    [["--status", "payed"], "--status"],
    [["--limit", "0"], "--limit"],
    [["--limit", "501"], "--limit"],
    [["--before", "x"], "--before"],
    [["order-1", "--limit", "1"], "--limit"],
  ])("takes no %j", async (args, named) => {
    const wrong = await shop.tool(["orders", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });
});

describe("notifications", () => {
  eachInAShopOfItsOwn();

  it("lists what needs a person, without what came with it, and releases it", async () => {
    expect((await shop.tool(["notifications"])).stdout).toBe("None.\n");
    const { orderId, tid, id } = await quarantinedDeposit(shop);
    const listed = await shop.tool(["notifications"]);
    expect(listed).toMatchObject({ code: 0, stderr: "" });
    for (const text of [orderId, tid, id, "15,000 won", "source not listed", "198.51.100.9 !"]) {
      expect(listed.stdout).toContain(text);
    }
    expect(listed.stdout).toContain("payapi notifications release <id>");
    const all = await json("notifications", "--effect", "quarantined", "--limit", "1");
    expect(all.json()).toMatchObject({
      result: { notifications: [{ id, tid, orderId, price, reason: "source-not-listed" }] },
    });
    expect(listed.stdout + all.stdout).not.toContain("홍길동");

    const released = await shop.tool(["notifications", "release", id, ...word]);
    expect(released).toMatchObject({ code: 0, stderr: "" });
    expect(released.stdout).toContain(`payapi orders ${orderId}`);
    expect(await shop.ledger.findOrder(orderId)).toMatchObject({ status: "paid", tid });
    expect((await shop.tool(["notifications"])).stdout).toBe("None.\n");
    const twice = await json("notifications", "release", id, ...word);
    expect(twice.json()).toMatchObject({ exitCode: 1, error: { code: "no-such-notification" } });
    const applied = await json("notifications", "--effect", "applied");
    expect(applied.json()).toMatchObject({ result: { notifications: [{ released: { actor: "kim" } }] } });

    const page = ["notifications", "--effect", "quarantined", "--limit", "1"];
    const older = await quarantinedDeposit(shop);
    expect((await shop.tool(page)).stdout).not.toContain("--before");
    await quarantinedDeposit(shop);
    const next = /payapi (notifications .* --before \d+)$/m.exec((await shop.tool(page)).stdout)?.[1] ?? "";
    expect(next).toMatch(/^notifications --effect quarantined --limit 1 --before/);
    const last = await shop.tool(next.split(" "));
    expect(last.stdout).toContain(older.id);
    expect(last.stdout).not.toContain("--before");
  });

  it("releases one whose transaction is kept masked once it is named", async () => {
    const { orderId, tid, id } = await maskedPayment(shop);
    const listed = await shop.tool(["notifications"]);
    expect(listed.stdout).not.toContain(tid);
    expect(listed.stdout).toContain("Release it with --tid TID");
    expect((await json("notifications", "release", id, ...word)).json()).toMatchObject({
      exitCode: 2,
      error: { code: "masked-tid", message: expect.stringContaining("--tid TID") },
    });
    const other = await json("notifications", "release", id, ...word, "--tid", "T-other");
    expect(other.json()).toMatchObject({ exitCode: 2, error: { code: "invalid-argument" } });
    expect(await shop.ledger.findOrder(orderId)).toBeUndefined();
    const released = await json("notifications", "release", id, ...word, "--tid", tid);
    expect(released.json()).toMatchObject({ exitCode: 0, result: { effect: "applied", orderId } });
    expect(await shop.ledger.findOrder(orderId)).toMatchObject({ status: "paid", tid });
  });

  it("ends with 3 for one that does not fit after all", async () => {
    const { orderId, id } = await quarantinedDeposit(shop);
    const reservation = await shop.ledger.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.markSending(reservation.call);
    await shop.ledger.settle(reservation.call, { outcome: "succeeded", tid: "T-card", price });
    const twice = await json("notifications", "release", id, ...word);
    expect(twice.json()).toMatchObject({
      exitCode: 3,
      result: { effect: "conflicting", orderId },
      error: { code: "still-conflicting" },
    });
    const listed = await shop.tool(["notifications"]);
    expect(listed.stdout).toMatch(/^ {2}paid twice: refund in the console/m);
    expect(listed.stdout).toContain("payapi orders <orderId>");
  });
});

describe("events", () => {
  eachInAShopOfItsOwn();

  it("shows consumers and dead letters, and delivers one again", async () => {
    expect((await shop.tool(["events"])).stdout).toContain("no consumer takes events");
    const { orderId, eventId } = await deadLetter(shop);
    const consumers = await shop.tool(["events"]);
    expect(consumers).toMatchObject({ code: 0, stderr: "" });
    expect(consumers.stdout).toMatch(/^mail +0 +- +1$/m);
    expect(consumers.stdout).toContain("payapi events dead");
    expect((await json("events")).json()).toMatchObject({
      result: {
        consumers: [{ consumer: "mail", waiting: 0, dead: 1, filling: false, oldestWaitingAt: null }],
      },
    });

    const dead = await shop.tool(["events", "dead"]);
    expect(dead).toMatchObject({ code: 3, stderr: "" });
    for (const text of ["mail", "approved", orderId, "RangeError", eventId])
      expect(dead.stdout).toContain(text);
    for (const args of [["dead"], ["redeliver", eventId], ["redeliver", "--all"]]) {
      const other = await json("events", ...args, "--consumer", "nosuch");
      expect(other.json()).toMatchObject({ exitCode: 1, error: { code: "no-such-consumer" } });
    }
    expect((await shop.ledger.deadLetters()).length).toBe(1);
    const listed = await json("events", "dead");
    expect(listed.json()).toMatchObject({
      exitCode: 3,
      result: {
        deadLetters: [
          { consumer: "mail", failure: "RangeError", event: { id: eventId, kind: "approved", orderId } },
        ],
      },
    });

    const again = await json("events", "redeliver", eventId);
    expect(again.json()).toMatchObject({ exitCode: 0, result: { redelivered: 1 } });
    const taken: string[] = [];
    await shop.ledger.runOnce({ consumer: "mail", on: { approved: ({ id }) => void taken.push(id) } });
    expect(taken).toEqual([eventId]);
    expect((await json("events", "redeliver", eventId)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "no-such-event" },
    });
  });

  it("delivers all dead letters of a consumer again, also more than one list has", async () => {
    // A new consumer gets all there ever was, so that mail fails with both.
    await deadLetter(shop, undefined, "stock");
    const { eventId } = await deadLetter(shop);
    await sql(
      `INSERT INTO "${shop.schema}".events (id, mid, kind, stream, at, data)
       SELECT gen_random_uuid(), mid, kind, stream, at, data
       FROM "${shop.schema}".events, generate_series(1, 510) WHERE id = $1`,
      undefined,
      [eventId],
    );
    await sql(`DELETE FROM "${shop.schema}".deliveries WHERE consumer <> 'mail' AND dead_at IS NULL`);
    await sql(
      `UPDATE "${shop.schema}".deliveries AS d SET (tries, due_at, failure, dead_at) =
         (SELECT tries, due_at, failure, dead_at FROM "${shop.schema}".deliveries WHERE event_id = $1 AND consumer = 'mail')
       WHERE d.event_id <> $1 AND d.dead_at IS NULL`,
      undefined,
      [eventId],
    );
    const stock = (await shop.ledger.deadLetters({ consumer: "stock" })).length;
    expect(stock).toBeGreaterThan(0);
    const mails = await json("events", "redeliver", "--all", "--consumer", "mail");
    expect(mails.json()).toMatchObject({ result: { redelivered: 512 } });
    expect(await shop.ledger.deadLetters({ limit: 500 })).toHaveLength(stock);
    const rest = await json("events", "redeliver", "--all");
    expect(rest.json()).toMatchObject({ result: { redelivered: stock } });
    expect(await shop.ledger.deadLetters()).toEqual([]);
  });

  it("forgets a consumer whose name is given twice", async () => {
    await deadLetter(shop);
    const hasty = await shop.tool(["events", "remove", "mail"]);
    expect(hasty).toMatchObject({ code: 2, stdout: "" });
    expect(hasty.stderr).toContain("--confirm");
    expect((await shop.tool(["events", "remove", "mail", "--confirm", "shop"])).code).toBe(2);
    expect(await shop.ledger.consumers()).toHaveLength(1);
    const removed = await json("events", "remove", "mail", "--confirm", "mail");
    expect(removed.json()).toMatchObject({ exitCode: 0, result: { removed: "mail" } });
    expect(await shop.ledger.consumers()).toEqual([]);
    const twice = await json("events", "remove", "mail", "--confirm", "mail");
    expect(twice.json()).toMatchObject({ exitCode: 1, error: { code: "no-such-consumer" } });
  });
});

describe("journal", () => {
  eachInAShopOfItsOwn();

  it("tells the database what it takes, and lists the rest", async () => {
    expect(await shop.tool(["journal"])).toMatchObject({ code: 0, stderr: "" });
    const known = await journaled(shop, "known-1", "known");
    const lost = await journaled(shop, "lost-1", "lost");
    await writeFile(join(shop.env.LEDGER_JOURNAL ?? "", "broken.json"), "{");
    const left = await shop.tool(["journal"]);
    expect(left).toMatchObject({ code: 3, stderr: "" });
    for (const text of ["lost-1", lost.oid, lost.tid, lost.file, "15,000 won", "broken.json", "unreadable"]) {
      expect(left.stdout).toContain(text);
    }
    expect(left.stdout).not.toContain("known-1");
    expect(left.stdout).toContain("The gateway approved each of these calls.");
    expect(left.stdout).toContain("The gateway's answer in an unreadable file is not known");
    expect(await shop.ledger.findOrder("known-1")).toMatchObject({ status: "paid", tid: known.tid });
    const { result } = (await json("journal")).json<{ calls: object[] }>();
    expect(result.calls).toContainEqual({ file: "broken.json", call: null, unreadable: "no-entry" });
    expect(result.calls).toContainEqual(
      expect.objectContaining({
        call: expect.objectContaining({ orderId: "lost-1", kind: "approval", price }),
      }),
    );
  });

  it("says of a file that cannot be read not that the gateway said yes", async () => {
    await writeFile(join(shop.env.LEDGER_JOURNAL ?? "", "broken.json"), "{");
    const left = await shop.tool(["journal"]);
    expect(left).toMatchObject({ code: 3, stderr: "" });
    expect(left.stdout).toContain("The gateway's answer in an unreadable file is not known");
    expect(left.stdout).not.toContain("approved each");
    expect((await shop.tool(["journal", "--lang", "ko"])).stdout).not.toContain("결제사가 승인한");
  });

  it("that cannot be told stops neither settling nor the rest of the worker's work", async () => {
    const { orderId } = await shop.unknown();
    await journaled(shop, "lost-2", "lost");
    const worker = await json("worker", "--once");
    expect(worker.json()).toMatchObject({ exitCode: 3, error: { code: "not-replayed" } });
    expect(worker.stdout).toContain("payapi journal");
    const settled = await shop.tool(["resolve", orderId, "--outcome", "moved", "--tid", "T1", ...word]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
  });

  it("is told by whatever opens the ledger", async () => {
    await journaled(shop, "known-2", "known");
    await shop.tool(["orders"]);
    expect(await shop.ledger.findOrder("known-2")).toMatchObject({ status: "paid" });
  });

  it("is none where its folder is not, and no mistyped one is made", async () => {
    const unset = await shop.tool(["journal", "--json"], { LEDGER_JOURNAL: undefined });
    expect(unset.json()).toMatchObject({ exitCode: 4, error: { code: "no-journal" } });
    const folder = join(shop.env.LEDGER_JOURNAL ?? "", "mistyped");
    expect((await shop.tool(["journal"], { LEDGER_JOURNAL: folder })).code).toBe(4);
    expect((await shop.tool(["review"], { LEDGER_JOURNAL: folder })).code).toBe(0);
    expect(await readdir(shop.env.LEDGER_JOURNAL ?? "")).toEqual([]);
    for (const args of [["worker", "--once"], ["worker"]]) {
      const refused = await shop.tool(args, { LEDGER_JOURNAL: folder });
      expect(refused).toMatchObject({ code: 4, stdout: "" });
      expect(refused.stderr).toContain("LEDGER_JOURNAL");
      expect(refused.stderr).toContain("start the shop first");
    }
    expect(await readdir(shop.env.LEDGER_JOURNAL ?? "")).toEqual([]);
    expect((await shop.tool(["worker", "--once"], { LEDGER_JOURNAL: undefined })).code).toBe(0);
    const file = join(shop.env.LEDGER_JOURNAL ?? "", "file");
    await writeFile(file, "");
    const wrong = await shop.tool(["review"], { LEDGER_JOURNAL: file });
    expect(wrong).toMatchObject({ code: 4, stdout: "" });
    expect(wrong.stderr).toContain("LEDGER_JOURNAL");
  });
});

describe("database", () => {
  eachInAShopOfItsOwn();

  it("is told from others as the shop tells it", async () => {
    const tables = { LEDGER_DATABASE_IDENTITY: "tables" };
    expect((await shop.tool(["database"], tables)).code).toBe(3);
    const { stdout } = await shop.tool(["database", "--json"], tables);
    const { seen } = JSON.parse(stdout).result;
    expect((await shop.tool(["database", "accept", "--seen", seen, ...word], tables)).code).toBe(0);
    expect((await shop.tool(["database"], tables)).code).toBe(0);
    const none = await shop.tool(["database"], { LEDGER_DATABASE_IDENTITY: "none" });
    expect(none.code).toBe(4);
    expect(none.stderr).toContain("LEDGER_DATABASE_IDENTITY");
  });

  it("says what to do after a restore, and sends again once somebody accepted it", async () => {
    expect(await shop.tool(["database"])).toMatchObject({ code: 0, stderr: "" });
    const { seen } = await shop.ledger.database();
    const nothing = await json("database", "accept", "--seen", seen, ...word);
    expect(nothing.json()).toMatchObject({ exitCode: 0, result: { accepted: true, actor: "migration" } });

    const { orderId } = await shop.paid();
    await restoreDatabase(shop);
    const restored = await shop.tool(["database"]);
    expect(restored).toMatchObject({ code: 3, stderr: "" });
    for (const text of [
      "NOT ACCEPTED",
      seen,
      "2026-05-01 09:00:00 KST",
      "lee",
      "payapi database accept",
      "payapi orders",
    ]) {
      expect(restored.stdout).toContain(text);
    }
    expect((await json("doctor")).json<{ checks: object[] }>().result.checks).toContainEqual(
      expect.objectContaining({ check: "ledger-accepted", status: "fail" }),
    );

    const worked = await shop.tool(["worker", "--once"]);
    expect(worked).toMatchObject({ code: 3, stderr: "" });
    expect(worked.stdout).toContain("payapi database");
    expect((await json("worker", "--once")).json()).toMatchObject({
      exitCode: 3,
      result: { cancelled: 0 },
      error: { code: "database-changed" },
    });

    const asked = shop.sandbox.book.requests.length;
    const cancel = await json("cancel", orderId);
    expect(cancel.json()).toMatchObject({ exitCode: 1, error: { code: "database-changed" } });
    expect(cancel.stdout).toContain("payapi database");
    expect(shop.sandbox.book.requests).toHaveLength(asked);
    expect(await shop.ledger.findOrder(orderId)).toMatchObject({ status: "paid" });
    expect((await shop.ledger.findOrder(orderId))?.cancel).toBeUndefined();

    const another = await json("database", "accept", "--seen", "0123456789abcdef", ...word);
    expect(another.json()).toMatchObject({ exitCode: 1, error: { code: "database-changed" } });
    expect(await shop.ledger.database()).toMatchObject({ accepted: false });
    const accepted = await json("database", "accept", "--seen", seen, ...word);
    expect(accepted.json()).toMatchObject({ exitCode: 0, result: { accepted: true, actor: "kim" } });
    expect(await shop.ledger.database()).toMatchObject({ accepted: true, evidence: "console, seen 03:10" });
    expect((await shop.tool(["cancel", orderId])).code).toBe(0);
    expect((await shop.tool(["worker", "--once"])).code).toBe(0);
  });

  it("that nobody accepted is said once by a worker that goes on", async () => {
    await restoreDatabase(shop);
    const running = shop.startTool(["worker"]);
    if (running.child.stderr === null) throw new Error("No stderr");
    await once(running.child.stderr, "data");
    running.child.kill("SIGTERM");
    const run = await running.ended;
    expect(run.code).toBe(3);
    expect(run.stderr.match(/payapi database/g)).toHaveLength(1);
  });
});

describe("a wrong command line", () => {
  allInOneShop();

  it.each([
    [["release"], "<id>"],
    [["release", "x"], "--actor"],
    [["release", "x", "--actor", "kim"], "--evidence"],
    [["free", "x", ...word], "release"],
    [["--effect", "strange"], "--effect"],
    [["--actor", "kim"], "--actor"],
  ])("is refused: notifications %j", async (args, named) => {
    const wrong = await shop.tool(["notifications", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });

  it.each([
    [["redeliver"], "<eventId>"],
    [["redeliver", "x", "--all"], "--all"],
    [["dead", "--all"], "--all"],
    [["--limit", "1"], "--limit"],
    [["remove"], "<consumer>"],
    [["delete", "mail"], "redeliver"],
  ])("is refused: events %j", async (args, named) => {
    const wrong = await shop.tool(["events", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });

  it.each([
    [["accept", "--seen", "x", "--actor", "kim"], "--evidence"],
    [["accept", "--seen", "x", "--evidence", "console"], "--actor"],
    [["accept", ...word], "--seen"],
    [["--actor", "kim"], "--actor"],
    [["--seen", "x"], "--seen"],
    [["acept", ...word], "accept"],
  ])("accepts nothing: database %j", async (args, named) => {
    await restoreDatabase(shop);
    const wrong = await shop.tool(["database", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
    expect((await shop.ledger.database()).accepted).toBe(false);
  });
});
