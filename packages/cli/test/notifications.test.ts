import { beforeEach, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";
import { maskedPayment, quarantinedDeposit } from "./support/states.js";

let shop: Shop;
const note = ["--actor", "kim", "--evidence", "console, seen 03:10"];
const json = (...args: string[]) => shop.tool([...args, "--json"]);

describe("notifications", () => {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });

  it("lists notifications that need review, without their fields, and releases them", async () => {
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

    const released = await shop.tool(["notifications", "release", id, ...note]);
    expect(released).toMatchObject({ code: 0, stderr: "" });
    expect(released.stdout).toContain(`payapi orders ${orderId}`);
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
    expect((await shop.tool(["notifications"])).stdout).toBe("None.\n");
    const twice = await json("notifications", "release", id, ...note);
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
    expect((await json("notifications", "release", id, ...note)).json()).toMatchObject({
      exitCode: 2,
      error: { code: "masked-tid", message: expect.stringContaining("--tid TID") },
    });
    const other = await json("notifications", "release", id, ...note, "--tid", "T-other");
    expect(other.json()).toMatchObject({ exitCode: 2, error: { code: "invalid-argument" } });
    expect(await shop.ledger.payments.find(orderId)).toBeUndefined();
    const released = await json("notifications", "release", id, ...note, "--tid", tid);
    expect(released.json()).toMatchObject({ exitCode: 0, result: { effect: "applied", orderId } });
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({ status: "paid", tid });
  });

  it("ends with 3 for a released one that does not match", async () => {
    const { orderId, id } = await quarantinedDeposit(shop);
    const reservation = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.store.markSending(reservation.call);
    await shop.ledger.store.settle(reservation.call, { outcome: "succeeded", tid: "T-card", price });
    const twice = await json("notifications", "release", id, ...note);
    expect(twice.json()).toMatchObject({
      exitCode: 3,
      result: { effect: "mismatch", orderId },
      error: { code: "still-mismatch" },
    });
    const listed = await shop.tool(["notifications"]);
    expect(listed.stdout).toMatch(/^ {2}paid twice: refund in the console/m);
    expect(listed.stdout).toContain("payapi orders <orderId>");
  });
});
