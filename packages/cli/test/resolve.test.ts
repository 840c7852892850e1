import type { Ledger } from "@payapi/ledger";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";
import { atTerminal, card } from "./support/tool.js";

let shop: Shop;
let earlier: Ledger;
beforeAll(async () => {
  shop = await openShop();
  // Its calls were made an hour ago.
  earlier = await shop.ledgerWith({ clock: () => new Date(Date.now() - 3_600_000) });
});
afterAll(() => shop.close());

const who = ["--actor", "kim", "--evidence", "console, payments of today, 09:20"];

describe("review", () => {
  it("ends with 0 without unknown calls", async () => {
    const fresh = await openShop();
    try {
      const run = await fresh.tool(["review"]);
      expect(run).toMatchObject({ code: 0, stdout: "No call needs review.\n", stderr: "" });
      expect((await fresh.tool(["review", "--json"])).json()).toEqual({
        ok: true,
        command: "review",
        exitCode: 0,
        result: {
          calls: [],
          overdueAccounts: [],
          also: {
            databaseAccepted: true,
            journaled: 0,
            notifications: 0,
            deadLetters: 0,
            orphanKeys: 0,
            setupFaults: 0,
          },
        },
      });
    } finally {
      await fresh.close();
    }
  });

  it("lists each with the oid to search for in the console, and ends with 3", async () => {
    const { orderId, oid } = await shop.unknown();
    const run = await shop.tool(["review"]);
    expect(run).toMatchObject({ code: 3, stderr: "" });
    const line = run.stdout.split("\n").find((each) => each.includes(oid)) ?? "";
    expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /);
    for (const word of [orderId, "approval (승인)", "outcome unknown (결과 확인 중)", "15,000 won"]) {
      expect(line).toContain(word);
    }
    expect(run.stdout).toContain("payapi resolve");
    expect((await shop.tool(["review", "--lang", "ko"])).stdout).toContain("결과 확인 중 (unknown)");
    const call = (await shop.tool(["review", "--json"]))
      .json<{ calls: { oid: string }[] }>()
      .result.calls.find((each) => each.oid === oid);
    expect(call).toEqual({
      orderId,
      kind: "approval",
      state: "unknown",
      mismatch: false,
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      oid,
      tid: null,
      price,
      orderStatus: "unknown",
      remainingPrice: 0,
    });
  });

  it("needs no key", async () => {
    const keys = { PAYAPI_SIGN_KEY: undefined, PAYAPI_FIELD_KEY: undefined, PAYAPI_FIELD_IV: undefined };
    expect((await shop.tool(["review"], keys)).code).toBe(3);
  });
});

describe("resolve", () => {
  let call: { orderId: string; oid: string; tid: string };
  beforeEach(async () => {
    call = await shop.unknown(earlier);
  });
  const resolve = (...args: string[]) => shop.tool(["resolve", call.orderId, ...args]);
  const twice = (tid: string) => ["--tid", tid, "--confirm-tid", tid];

  it("makes the payment of an approval that moved", async () => {
    const run = await resolve("--outcome", "moved", ...twice(call.tid), ...who);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/state +paid \(결제 완료\)/);
    expect(await shop.ledger.payments.find(call.orderId)).toMatchObject({ status: "paid", tid: call.tid });
    expect((await shop.ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
      from: "unknown",
      to: "approved",
      actor: "kim",
      evidence: "console, payments of today, 09:20",
    });
    // The gateway and the ledger agree again: the money can be refunded.
    expect((await shop.tool(["cancel", call.orderId, "--yes"])).code).toBe(0);
  });

  it("asks for the tid again, and changes nothing unless both agree", async () => {
    const args = ["resolve", call.orderId, "--outcome", "moved", "--tid", call.tid, ...who];
    expect((await resolve(...args.slice(2))).stderr).toContain("add --confirm-tid TID");
    const mistyped = await resolve(...args.slice(2), "--confirm-tid", `${call.tid}0`, "--lang", "ko");
    expect(mistyped).toMatchObject({ code: 2, stderr: expect.stringContaining("두 거래번호가 다릅니다") });
    expect((await atTerminal(shop, args, "ABC\n")).code).toBe(2);
    expect(await shop.ledger.payments.find(call.orderId)).toMatchObject({ status: "unknown" });
    expect((await atTerminal(shop, args, `${call.tid}\n`)).code).toBe(0);
    expect(await shop.ledger.payments.find(call.orderId)).toMatchObject({ status: "paid", tid: call.tid });
  });

  it("corrects a tid that was wrong both times, before money goes back", async () => {
    const wrong = `${call.tid}0`;
    await resolve("--outcome", "moved", ...twice(wrong), ...who);
    const unasked = await resolve("--outcome", "moved", ...twice(call.tid), ...who, "--json");
    expect(unasked.json()).toMatchObject({ error: { code: "not-unknown" } });
    const corrected = await resolve("--outcome", "moved", ...twice(call.tid), "--correct", ...who);
    expect(corrected).toMatchObject({ code: 0, stderr: "" });
    const same = await resolve("--outcome", "moved", ...twice(call.tid), "--correct", ...who, "--json");
    expect(same.json()).toMatchObject({ exitCode: 1, error: { code: "nothing-to-correct" } });
    expect((await shop.tool(["orders", call.orderId])).stdout).toMatch(/correction +approved/);
    expect((await shop.tool(["cancel", call.orderId, "--yes"])).code).toBe(0);
  });

  it("gives back no other system's payment unnoticed", async () => {
    // Another system's order with the same mid.
    const theirs = await shop.payapi.cards.approve({
      ...card,
      buyerName: "김",
      oid: `theirs-${call.oid}`.slice(0, 30),
      price,
    });
    await resolve("--outcome", "moved", ...twice(theirs.tid), ...who);
    const run = await shop.tool(["cancel", call.orderId, "--yes", "--json"]);
    expect(run.json()).toMatchObject({ exitCode: 3, error: { code: "cancel-needs-review" } });
    expect(await shop.ledger.payments.find(call.orderId)).toMatchObject({ status: "needs-review" });
  });

  it("frees the order of one that did not", async () => {
    const run = await resolve("--outcome", "not-moved", ...who, "--json");
    expect(run.json()).toEqual({
      ok: true,
      command: "resolve",
      exitCode: 0,
      result: {
        kind: "approval",
        order: {
          orderId: call.orderId,
          status: "not-sent",
          price,
          remainingPrice: 0,
          tid: null,
          cancel: null,
        },
      },
    });
    const again = await shop.ledger.store.reserveApproval({ orderId: call.orderId, price, payType: "card" });
    expect(again.status).toBe("reserved");
  });

  it("refuses not-moved too early after the call, with the earliest time", async () => {
    call = await shop.unknown();
    const run = await resolve("--outcome", "not-moved", ...who, "--json");
    expect(run.code).toBe(1);
    const { error } = run.json<never, { notBefore: string }>();
    expect(error).toMatchObject({ code: "too-early", order: { status: "unknown" } });
    const wait = new Date(error.notBefore).getTime() - Date.now();
    expect(wait).toBeGreaterThan(9 * 60_000);
    expect(wait).toBeLessThan(12 * 60_000);
  });

  it("refuses not-moved for an early check, even if it is entered later", async () => {
    // Korean time, of the minute before the call.
    const seen = new Date(Date.now() + 9 * 3_600_000 - 3_600_000)
      .toISOString()
      .slice(0, 16)
      .replace("T", " ");
    const early = await resolve("--outcome", "not-moved", "--seen-at", seen, ...who, "--json");
    expect(early.json()).toMatchObject({ exitCode: 1, error: { code: "too-early" } });
    for (const wrong of ["09:20", "2026-02-30 09:20", "2026-05-01T09:20Z", "2026-05-01 24:00"]) {
      const run = await resolve("--outcome", "not-moved", "--seen-at", wrong, ...who);
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("--seen-at must be a time") });
    }
    const now = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
    const run = await resolve("--outcome", "not-moved", "--seen-at", now, ...who, "--json");
    expect(run.json()).toMatchObject({ exitCode: 0, result: { order: { status: "not-sent" } } });
  });

  it("ends an open cancel", async () => {
    const { orderId, tid } = await shop.paid();
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "payments.cancel" });
    expect((await shop.tool(["cancel", orderId, "--yes"])).code).toBe(3);
    call = { orderId, oid: "", tid };
    const run = await resolve("--outcome", "moved", ...who, "--json");
    expect(run.json()).toMatchObject({
      exitCode: 0,
      result: { kind: "cancel", order: { status: "cancelled", remainingPrice: 0 } },
    });
  });

  it("also ends a call whose process died", async () => {
    const orderId = `${call.orderId}-died`;
    const reservation = await earlier.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await earlier.store.markSending(reservation.call);
    call = { ...call, orderId };
    expect((await resolve("--outcome", "not-moved", ...who)).code).toBe(0);
  });

  it("is refused where nothing is unknown", async () => {
    expect((await resolve("--outcome", "moved", ...who, "--json")).json().error.code).toBe("tid-missing");
    const { tid } = await shop.paid();
    const known = await resolve("--outcome", "moved", ...twice(tid), ...who, "--json");
    expect(known.json()).toMatchObject({ exitCode: 1, error: { code: "tid-known" } });
    await resolve("--outcome", "not-moved", ...who);
    const again = await resolve("--outcome", "moved", ...twice("another"), ...who, "--json");
    expect(again.json()).toMatchObject({ exitCode: 1, error: { code: "not-unknown" } });
    call = { ...call, orderId: "never-paid" };
    expect((await resolve("--outcome", "not-moved", ...who, "--json")).json().error.code).toBe(
      "no-such-order",
    );
  });

  it("keeps no card number", async () => {
    const evidence = "card 4111-1111-1111-1111 seen";
    await resolve("--outcome", "not-moved", "--actor", "kim", "--evidence", evidence);
    expect(JSON.stringify(await shop.ledger.payments.timeline(call.orderId))).not.toContain("4111");
    const asTid = await resolve("--outcome", "moved", ...twice("4111111111111111"), ...who);
    expect(asTid.code).toBe(2);
  });

  it.each([
    [["--outcome", "maybe", ...who], "--outcome"],
    [who, "--outcome"],
    [["--outcome", "not-moved", "--evidence", "console"], "--actor"],
    [["--outcome", "not-moved", "--actor", "kim"], "--evidence"],
    [["--outcome", "not-moved", "--actor", "kim", "--evidence", ""], "--evidence"],
    [["--outcome", "not-moved", "--tid", "t", "--confirm-tid", "t", ...who], "tid"],
  ])("takes no %j", async (args, named) => {
    const run = await resolve(...args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain(named);
    expect(await shop.ledger.payments.find(call.orderId)).toMatchObject({ status: "unknown" });
  });
});
