import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";
import { atTerminal } from "./support/tool.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const cancelsOf = (tid: string) => shop.sandbox.book.find(tid)?.cancels ?? [];

describe("cancel asks first", () => {
  it.each([
    ["a script", () => shop.tool(["cancel", "ORDER"]), 2],
    ["a person who says no", () => atTerminal(shop, ["cancel", "ORDER"], "n\n"), 1],
    ["a person who says nothing", () => atTerminal(shop, ["cancel", "ORDER"], ""), 1],
  ])("and refunds nothing to %s", async (_, cancel, code) => {
    const before = shop.sandbox.book.requests.length;
    expect((await cancel()).code).toBe(code);
    expect(shop.sandbox.book.requests).toHaveLength(before);
  });

  it("and refunds after a yes, in the terminal's language", async () => {
    const { orderId } = await shop.paid();
    const korean = await atTerminal(shop, ["cancel", orderId], "네\n", { LANG: "ko_KR.UTF-8" });
    expect(korean).toMatchObject({ code: 0, shown: expect.stringContaining("모두 환불할까요?") });
    expect(korean.shown).not.toContain("Refund");
  });
});

describe("cancel", () => {
  it("gives everything back, and says so to people", async () => {
    const { orderId, tid } = await shop.paid();
    const run = await shop.tool(["cancel", orderId, "--yes"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain("Cancelled.");
    expect(run.stdout).toMatch(/state +cancelled \(전체 취소\)/);
    expect(run.stdout).toMatch(/remaining +0 won/);
    expect(cancelsOf(tid)).toMatchObject([{ kind: "full", price }]);
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({
      status: "cancelled",
      remainingPrice: 0,
    });
  });

  it("gives a part back, and says so to programs", async () => {
    const { orderId, tid } = await shop.paid();
    const args = [
      "cancel",
      orderId,
      "--yes",
      "--amount",
      "5000",
      "--remaining",
      "10000",
      "--actor",
      "kim",
      "--json",
    ];
    const run = await shop.tool(args);
    expect(run.code).toBe(0);
    expect(run.json()).toEqual({
      ok: true,
      command: "cancel",
      exitCode: 0,
      result: {
        cancelPrice: 5_000,
        resultCode: "00",
        resultMessage: expect.any(String),
        order: {
          orderId,
          status: "partially-cancelled",
          price,
          remainingPrice: 10_000,
          tid,
          cancel: expect.objectContaining({ status: "done", cancelPrice: 5_000 }),
        },
      },
    });
    expect(cancelsOf(tid)).toMatchObject([{ kind: "partial", price: 5_000, remaining: 10_000 }]);
    const actors = (await shop.ledger.payments.timeline(orderId)).flatMap(({ actor }) => actor ?? []);
    expect(new Set(actors)).toEqual(new Set(["kim"]));
  });

  it("uses the system user's name without --actor", async () => {
    const { orderId } = await shop.paid();
    await shop.tool(["cancel", orderId, "--yes"]);
    const actors = (await shop.ledger.payments.timeline(orderId)).flatMap(({ actor }) => actor ?? []);
    expect(actors[0]).toMatch(/^cli/);
  });

  it("repeated, cannot cancel twice: another amount would remain", async () => {
    const { orderId, tid } = await shop.paid();
    const args = ["cancel", orderId, "--yes", "--amount", "5000", "--remaining", "10000", "--json"];
    await shop.tool(args);
    const run = await shop.tool(args);
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({
      ok: false,
      exitCode: 1,
      error: {
        code: "remaining-differs",
        message: expect.stringContaining("10,000 won"),
        order: { orderId, remainingPrice: 10_000 },
      },
    });
    expect(cancelsOf(tid)).toHaveLength(1);
  });

  it("is refused for an order that is cancelled, or was never paid", async () => {
    const { orderId } = await shop.paid();
    await shop.tool(["cancel", orderId, "--yes"]);
    const requests = shop.sandbox.book.requests.length;
    expect((await shop.tool(["cancel", orderId, "--yes", "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { code: "already-cancelled" },
    });
    const never = await shop.tool(["cancel", "never-paid", "--yes", "--lang", "ko"]);
    expect(never).toMatchObject({ code: 1, stdout: "", stderr: "payapi: 취소할 결제가 없습니다.\n" });
    expect(shop.sandbox.book.requests).toHaveLength(requests);
  });

  it("distinguishes the gateway's refusal from other failures", async () => {
    const { orderId, tid } = await shop.paid();
    // The gateway refuses a full cancel after a partial one.
    const part = { cancelPrice: 5_000, confirmPrice: price - 5_000 };
    await shop.payapi.payments.cancelPartially({ tid, payType: "card", ...part });
    const run = await shop.tool(["cancel", orderId, "--yes", "--json"]);
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({
      ok: false,
      error: { code: "cancel-refused" },
      result: { resultCode: "1003", order: { status: "paid", cancel: { status: "refused" } } },
    });
  });

  it("of a payment that was cancelled in the console ends with 3, and the payment is listed", async () => {
    const { orderId, tid } = await shop.paid();
    await shop.payapi.payments.cancel({ tid, payType: "card", price });
    const run = await shop.tool(["cancel", orderId, "--yes", "--json"]);
    expect(run.json()).toMatchObject({
      exitCode: 3,
      error: { code: "cancel-needs-review" },
      result: { resultCode: "01", order: { status: "needs-review" } },
    });
    expect((await shop.tool(["review"])).stdout).toContain(orderId);
  });

  it("whose reply is lost ends with 3, once sent, and the payment is locked", async () => {
    const { orderId, tid } = await shop.paid();
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "payments.cancel" });
    const run = await shop.tool(["cancel", orderId, "--yes"]);
    expect(run.code).toBe(3);
    expect(run.stdout).toContain("it is unknown whether the money went back");
    expect(run.stdout).toMatch(/state +outcome unknown \(결과 확인 중\)/);
    expect(cancelsOf(tid)).toHaveLength(1);
    const again = await shop.tool(["cancel", orderId, "--yes", "--json"]);
    expect(again.json()).toMatchObject({ exitCode: 3, error: { code: "outcome-unknown" } });
    expect(cancelsOf(tid)).toHaveLength(1);
  });

  it("that answers with another amount ends with 3", async () => {
    const { orderId } = await shop.paid();
    shop.sandbox.faults.next({ fault: "wrong-price", operation: "payments.cancel" });
    const run = await shop.tool(["cancel", orderId, "--yes", "--json"]);
    expect(run.json()).toMatchObject({ exitCode: 3, error: { code: "cancel-needs-review" } });
  });

  it("that cannot reach the gateway ends with 5, and may be tried again", async () => {
    const { orderId, tid } = await shop.paid();
    const run = await shop.tool(["cancel", orderId, "--yes", "--json"], { PAYAPI_URL: "http://127.0.0.1:1" });
    expect(run.json()).toMatchObject({
      exitCode: 5,
      error: { code: "cancel-not-sent" },
      result: { order: { status: "paid", remainingPrice: price } },
    });
    expect((await shop.tool(["cancel", orderId, "--yes"])).code).toBe(0);
    expect(cancelsOf(tid)).toHaveLength(1);
  });

  it("without its database sends nothing", async () => {
    const { orderId, tid } = await shop.paid();
    const url = "postgres://someone:canary-password@127.0.0.1:1/postgres";
    const run = await shop.tool(["cancel", orderId, "--yes", "--json"], { DATABASE_URL: url });
    expect(run.json()).toMatchObject({ exitCode: 5, error: { code: "database-unavailable" } });
    expect((await shop.tool(["cancel", orderId, "--yes"], { DATABASE_URL: undefined })).code).toBe(4);
    expect((await shop.tool(["cancel", orderId, "--yes"], { LEDGER_SCHEMA: "nowhere" })).code).toBe(4);
    expect(cancelsOf(tid)).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("under way is not ended by %s", async (signal) => {
    const { orderId, tid } = await shop.paid();
    shop.sandbox.faults.next({ fault: "stall-after-commit", operation: "payments.cancel" });
    const tool = shop.startTool(["cancel", orderId, "--yes"]);
    await expect.poll(() => cancelsOf(tid).length, { timeout: 30_000 }).toBe(1);
    tool.child.kill(signal);
    await expect.poll(tool.stderr, { timeout: 30_000 }).toContain("waiting for its end");
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({ cancel: { status: "in-progress" } });
    await shop.sandbox.faults.clear();
    expect((await tool.ended).code).toBe(3);
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({ cancel: { status: "unknown" } });
  });

  it.each([
    [["--amount", "5000"], "--remaining"],
    [["--remaining", "0"], "--amount"],
    [["--amount", "0", "--remaining", "15000"], "--amount"],
    [["--amount", "1,000", "--remaining", "14000"], "--amount"],
    [["--amount", "1e3", "--remaining", "14000"], "--amount"],
    [["--amount=-1", "--remaining", "14000"], "--amount"],
    [["--without-ledger"], "--without-ledger"],
  ])("takes no %j", async (args, named) => {
    const run = await shop.tool(["cancel", "order-1", "--yes", ...args]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain(named);
  });
});
