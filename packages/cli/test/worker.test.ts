import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** A payment whose full cancel was sent an hour ago, and never reached the gateway. */
async function unknownCancel(): Promise<string> {
  const { orderId } = await shop.paid();
  const earlier = await shop.ledgerWith({ clock: () => new Date(Date.now() - 3_600_000) });
  const reservation = await earlier.reserveCancel({ orderId, actor: "kim" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await earlier.markSending(reservation.call);
  await earlier.settle(reservation.call, { outcome: "unknown" });
  return orderId;
}

describe("worker", () => {
  it("recovers once, at the gateway too", async () => {
    const orderId = await unknownCancel();
    const run = await shop.tool(["worker", "--once", "--json"]);
    expect(run.code).toBe(0);
    expect(run.json().result).toEqual({
      notSent: 0,
      unknown: 0,
      networkCancelled: 0,
      repeated: 1,
      cancelled: 1,
      keysDeleted: 0,
    });
    expect((await shop.ledger.findOrder(orderId))?.status).toBe("cancelled");
  });

  it("goes on until it is told to end, and says what it did", async () => {
    const orderId = await unknownCancel();
    const running = shop.startTool(["worker"]);
    if (running.child.stderr === null) throw new Error("No stderr");
    await once(running.child.stderr, "data");
    running.child.kill("SIGTERM");
    const run = await running.ended;
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("1 repeated (1 ended)");
    expect((await shop.ledger.findOrder(orderId))?.status).toBe("cancelled");
  });

  it("lists a virtual account past its due date beside the unknown calls, and lets it be settled", async () => {
    const orderId = `order-${randomUUID().slice(0, 8)}`;
    const opened = await shop.ledger.openLink({ orderId, price, payType: "vbank" });
    if (opened.status !== "reserved") throw new Error("No new link");
    const { oid } = opened.link;
    const dueAt = new Date(Date.now() - 3_600_000);
    await shop.ledger.awaitDeposit({ orderId, oid, price, tid: "T-account", account: "123-45", dueAt });
    const listed = await shop.tool(["unknowns", "--json"]);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.json().result).toMatchObject({
      calls: [],
      overdueAccounts: [{ orderId, oid, tid: "T-account", price, dueAt: dueAt.toISOString() }],
    });
    expect((await shop.tool(["unknowns"])).stdout).toContain(orderId);
    const word = ["--actor", "kim", "--evidence", "console, deposits of today"];
    const settled = await shop.tool(["settle", orderId, "--outcome", "moved", "--tid", "T-account", ...word]);
    expect(settled).toMatchObject({ code: 0 });
    expect((await shop.ledger.findOrder(orderId))?.status).toBe("paid");
  });
});
