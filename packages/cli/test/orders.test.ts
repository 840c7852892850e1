import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";

let shop: Shop;
const json = (...args: string[]) => shop.tool([...args, "--json"]);

describe("orders", () => {
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

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

  it("names the environment, and reads no payment of another one", async () => {
    await shop.paid();
    expect((await shop.tool(["orders"])).stdout).toMatch(/^begun.*environment/);
    const listed = await json("orders", "--limit", "1");
    expect(listed.json()).toMatchObject({ result: { orders: [{ environment: "sandbox" }] } });
    const env = { PAYAPI_ENVIRONMENT: "test", PAYAPI_URL: "", PAYAPI_SIGN_KEY: "another" };
    for (const args of [["orders"], ["review"], ["notifications"], ["worker", "--once"]]) {
      const refused = await shop.tool(args, env);
      expect(refused, args.join(" ")).toMatchObject({ stdout: "", code: 4 });
      expect(refused.stderr).toContain("Correct PAYAPI_ENVIRONMENT");
    }
  });

  it("says of a call in progress how it ends if its process died", async () => {
    const reserved = await shop.ledger.store.reserveApproval({ orderId: "running", price, payType: "card" });
    if (reserved.status !== "reserved") throw new Error("Refused");
    await shop.ledger.store.markSending(reserved.call);
    expect(await shop.tool(["orders", "running"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/reserved -> sending.*\n\nA call is in progress.*payapi worker/s),
    });
    await shop.ledger.store.settle(reserved.call, { outcome: "not-sent" });
    expect((await shop.tool(["orders", "running"])).stdout).not.toContain("in progress");
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
      balance: { gateway: price, paid: price, suspense: 0 },
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
