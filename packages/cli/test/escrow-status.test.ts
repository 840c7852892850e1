import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./support/shop.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe("escrow-status", () => {
  it("says the state in both languages", async () => {
    const { tid } = shop.sandbox.outside.payWithEscrow({ oid: "escrow-1", price: 15_000 });
    const run = await shop.tool(["escrow-status", tid]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/state +approved \(승인\)/);
    expect(run.stdout).toMatch(/amount +15,000 won/);
    expect((await shop.tool(["escrow-status", tid, "--json"])).json()).toEqual({
      ok: true,
      command: "escrow-status",
      exitCode: 0,
      result: {
        tid,
        oid: "escrow-1",
        status: "approved",
        payMethod: "card",
        price: 15_000,
        approvedDate: expect.stringMatching(/^\d{8}$/),
        denyMsg: "",
      },
    });
  });

  it("is refused for a payment without escrow", async () => {
    const { tid } = await shop.paid();
    expect((await shop.tool(["escrow-status", tid, "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { resultCode: "310026" },
    });
    expect((await shop.tool(["escrow-status"])).code).toBe(2);
  });

  it("distinguishes an unusable answer of the gateway from an unreachable gateway", async () => {
    shop.sandbox.faults.add({ fault: "html", operation: "escrow.getStatus", times: 3 });
    expect((await shop.tool(["escrow-status", "T1", "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { code: "reply-invalid" },
    });
    await shop.sandbox.faults.clear();
    const unreachable = await shop.tool(["escrow-status", "T1"], { PAYAPI_URL: "http://127.0.0.1:1" });
    expect(unreachable.code).toBe(5);
  });
});
