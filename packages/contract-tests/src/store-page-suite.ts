import type { NotifiedQuestion } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { at, conflict, type Opened, rowsFor } from "./store-rows.js";

/** Tests of links and the payment page, for every store. */
export function describePageRows(opened: () => Opened): void {
  const { attempt, approved, cancel, link, notification, put, load, refused } = rowsFor(opened);

  describe("links", () => {
    const open = { state: "open", url: "https://pay.example" } as const;

    it.each([{ state: "making" } as const, open])(
      "are unique per order while one is $state",
      async (state) => {
        const first = link("a", state);
        await put("a", { links: [first] });
        await refused("a", { links: [link("a", { linkNo: 2 })] }, conflict("links_one_live"));
        await refused("a", { links: [link("a", { linkNo: 2, ...open })] }, conflict("links_one_live"));
        await put("b", { links: [link("b")] });
        const closed = { ...first, state: "closed", closedAt: at } as const;
        const second = link("a", { linkNo: 2 });
        await put("a", { links: [closed, second] });
        expect((await load("a")).links).toEqual([closed, second]);
        await refused("a", { links: [first] }, conflict("links_one_live"));
      },
    );

    it("never share an oid, or a number within an order", async () => {
      const closed = { state: "closed" } as const;
      await put("a", { links: [link("a", closed)] });
      await refused("a", { links: [link("a", { oid: "new" })] }, conflict("links_number"));
      for (const orderId of ["a", "b"]) {
        const same = link(orderId, { ...closed, oid: "a-L1", linkNo: 2 });
        await refused(orderId, { links: [same] }, conflict("links_oid"));
      }
    });

    it("cannot be open without an address", async () => {
      const row = link("a");
      const wrong = { links: [{ ...row, state: "open" as const }] };
      await refused("a", wrong, { code: "broken-rule" });
      await put("a", { links: [row] });
      await refused("a", wrong, { code: "broken-rule" });
    });

    it("are found by their token and merchant", async () => {
      const { store, mid } = opened();
      const row = link("a");
      await put("a", { links: [row] });
      expect(await store.link(mid, row.token)).toEqual(row);
      expect(await store.link(`${mid}-other`, row.token)).toBeUndefined();
      expect(await store.link(mid, "no token")).toBeUndefined();
    });
  });

  describe("the lookup of a notification's ids", () => {
    function ask(question: Partial<NotifiedQuestion> = {}, of = opened().mid) {
      const row = notification("k");
      return opened().store.notified(of, { oid: undefined, tid: "t", maskedTid: "m", row, ...question });
    }

    it("finds the order by the link's oid, otherwise by the newest attempt with it", async () => {
      expect(await ask({ oid: "x" })).toMatchObject({ orderId: undefined, tid: undefined, first: undefined });
      const older = attempt("a", { oid: "x", authTid: "t1", state: "declined" });
      const newer = attempt("b", { oid: "x", authTid: "t2", state: "declined" });
      await put("a", { approvals: [older] });
      await put("b", { approvals: [newer] });
      expect((await ask({ oid: "x" })).orderId).toBe("b");
      await put("a", { approvals: [{ ...older, resultCode: "1" }] });
      expect((await ask({ oid: "x" })).orderId).toBe("b");
      await put("c", { links: [link("c", { oid: "x", state: "closed" })] });
      await put("b", { approvals: [{ ...newer, resultCode: "1" }] });
      expect((await ask({ oid: "x" })).orderId).toBe("c");
      expect((await ask({ oid: "y" })).orderId).toBeUndefined();
      expect((await ask()).orderId).toBeUndefined();
      expect((await ask({ oid: "x" }, `${opened().mid}-other`)).orderId).toBeUndefined();
    });

    it("reports whether an attempt or a cancel has the transaction", async () => {
      const payment = approved("a", { tid: "t1", authTid: "t2" });
      const refusedOnes = ["c1", "t1"].map((cancelTid, i) =>
        cancel(payment.id, { seq: i + 1, state: "refused", cancelTid }),
      );
      await put("a", { approvals: [payment], cancels: refusedOnes });
      const found = async (tid: string, of?: string) => (await ask({ tid }, of)).tid;
      expect([await found("t1"), await found("t2"), await found("c1"), await found("t3")]).toEqual([
        "attempt",
        "attempt",
        "cancel",
        undefined,
      ]);
      expect(await found("t1", `${opened().mid}-other`)).toBeUndefined();
    });

    it("returns the store's time", async () => {
      const { now } = await ask();
      expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000);
    });
  });
}
