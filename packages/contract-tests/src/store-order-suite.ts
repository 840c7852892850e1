import { randomUUID } from "node:crypto";
import type { ApprovalRow, CancelRow, LinkRow } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { at, later, type Opened, price, rowsFor } from "./store-rows.js";

/** What an order is loaded and saved like, for every store there is. */
export function describeOrders(opened: () => Opened): void {
  const { attempt, approved, cancel, link, entry, posting, event, notification, ...rows } = rowsFor(opened);
  const { save, load, put, listen, kept, traces } = rows;

  describe("an order", () => {
    it("is empty with version 0 before the first save", async () => {
      const { store, mid } = opened();
      const { order, now, database } = await store.load(mid, "a");
      expect(order).toEqual({
        mid,
        orderId: "a",
        version: 0,
        entries: 0,
        reviewed: false,
        approvals: [],
        cancels: [],
        links: [],
        taken: { tids: [], cancelTids: [] },
      });
      expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000);
      expect(database).toBeUndefined();
    });

    it("is loaded as it was saved, new and changed, to the millisecond", async () => {
      const first = attempt("a");
      const cancelled = cancel(first.id);
      const making = link("a");
      await put("a", { entries: 3, approvals: [first], cancels: [cancelled], links: [making] });
      expect(await load("a")).toMatchObject({
        version: 1,
        entries: 3,
        reviewed: false,
        approvals: [first],
        cancels: [cancelled],
        links: [making],
      });

      const reply = { resultCode: "0000", resultMessage: "정상", failureCode: "x", reportedPrice: 999 };
      const ends = { sendingAt: later(1), deadlineAt: later(2), settledAt: later(3) };
      const payment: ApprovalRow = {
        ...first,
        ...reply,
        ...ends,
        state: "approved",
        tid: "t1",
        applNum: "30001234",
        approvedAt: later(4),
        remaining: 700,
        held: 200,
        openCancel: randomUUID(),
        settledBy: "notification",
        mismatchAt: later(5),
        mismatches: [
          {
            kind: "cancel",
            cancelId: cancelled.id,
            state: "done",
            outcome: "declined",
            price: 300,
            tid: 'a "quoted" tid',
            resultCode: null,
          },
          {
            kind: "reversal",
            cancelId: null,
            state: "approved",
            outcome: null,
            price: null,
            tid: null,
            resultCode: "값",
          },
        ],
        deposits: [
          { at: null, by: [] },
          { at: at.toISOString(), by: [{ channel: "deposit", event: "deposited" }] },
        ],
        netCancelAt: later(6),
        accountNumber: "110-123",
        accountBank: "04",
        accountHolder: "김",
        accountDueAt: later(7),
      };
      const done: CancelRow = {
        ...cancelled,
        ...reply,
        ...ends,
        state: "done",
        cancelTid: "c1",
        reportedRemaining: 700,
        cancelledAt: later(8),
        repeats: 3,
        unsentRepeats: 2,
        repeatAt: later(9),
        settledBy: "recovery",
      };
      const open: LinkRow = {
        ...making,
        state: "open",
        url: "https://pay.example/?a=1",
        closedAt: later(10),
      };
      await put("a", { entries: 5, reviewed: true, approvals: [payment], cancels: [done], links: [open] });
      expect(await load("a")).toMatchObject({
        version: 2,
        entries: 5,
        reviewed: true,
        approvals: [payment],
        cancels: [done],
        links: [open],
      });
      const { store, mid } = opened();
      expect(await store.link(mid, open.token)).toEqual(open);
      expect(await store.read((tx) => tx.orders(mid, { newest: { limit: 9 } }))).toEqual([
        { orderId: "a", position: expect.any(Number), approvals: [payment], cancels: [done] },
      ]);
    });

    it("keeps rows that a save does not name, and returns attempts, cancels and links in order", async () => {
      const first = attempt("a", { state: "net_cancelled" });
      const second = approved("a", { attemptNo: 2 });
      const cancels = [1, 2, 3].map((seq) =>
        cancel(second.id, { seq, state: "refused", createdAt: later(seq) }),
      );
      const links = [1, 2].map((linkNo) => link("a", { linkNo, state: "closed" }));
      await put("a", { approvals: [first, second] });
      for (const each of cancels) await put("a", { cancels: [each] });
      await put("a", { links });
      await put("a", { approvals: [{ ...first, resultCode: "1" }] });
      expect(await load("a")).toMatchObject({
        version: 6,
        approvals: [{ ...first, resultCode: "1" }, second],
        cancels,
        links,
      });
    });

    it("keeps the immutable fields of an attempt, a cancel and a link", async () => {
      const first = attempt("a", { state: "declined", authTid: "t1" });
      const refused = cancel(first.id, { state: "refused" });
      const making = link("a");
      await put("a", { approvals: [first], cancels: [refused], links: [making] });
      const other = { orderId: "b", oid: "other", price: price + 1, createdAt: later(1) };
      await put("a", {
        approvals: [{ ...first, ...other, attemptNo: 7, authTid: "t2", resultCode: "1" }],
        cancels: [
          {
            ...refused,
            seq: 7,
            operation: "payments.cancel",
            netCancel: true,
            cancelPrice: 1,
            confirmPrice: 2,
            actor: "lee",
            createdAt: later(1),
            resultCode: "1",
          },
        ],
        links: [{ ...making, ...other, payType: "phone", linkNo: 7, openUntil: at, state: "closed" }],
      });
      expect(await load("a")).toMatchObject({
        approvals: [{ ...first, resultCode: "1" }],
        cancels: [{ ...refused, resultCode: "1" }],
        links: [{ ...making, state: "closed" }],
      });
    });

    it("contains no rows of other orders or of another merchant", async () => {
      const { store, mid } = opened();
      const payment = approved("a");
      const done = cancel(payment.id, { state: "refused" });
      const open = link("a");
      await put("a", { ...traces(payment), approvals: [payment], cancels: [done], links: [open] });
      const before = await kept("a");
      const empty = { version: 0, approvals: [], cancels: [], links: [] };
      expect(await load("b")).toMatchObject(empty);
      const other = `${mid}-other`;
      expect((await store.load(other, "a")).order).toMatchObject(empty);
      expect(await store.link(other, open.token)).toBeUndefined();
      await store.read(async (tx) => {
        expect(await tx.transitions(other, "a")).toEqual([]);
        expect((await tx.balance(other, "a")).get("gateway") ?? 0).toBe(0);
        expect(await tx.orders(other, { newest: { limit: 9 } })).toEqual([]);
      });
      await put("b", { approvals: [approved("b")] });
      expect(await kept("a")).toEqual(before);
    });

    it("is copied in and out", async () => {
      const { store, mid } = opened();
      const row = attempt("a", { createdAt: new Date(at), deposits: [{ at: null, by: [] }] });
      const line = entry(row, { at: new Date(at) });
      const open = link("a", { createdAt: new Date(at) });
      await put("a", { approvals: [row], audit: [line], links: [open] });
      const loaded = await load("a");
      const [read] = await store.read((tx) => tx.orders(mid, { newest: { limit: 9 } }));
      const lines = await store.read((tx) => tx.transitions(mid, "a"));
      const found = await store.link(mid, open.token);
      const dates = [row, ...loaded.approvals, ...(read?.approvals ?? []), open, ...loaded.links]
        .map(({ createdAt }) => createdAt)
        .concat([line, ...lines].map((each) => each.at));
      for (const date of dates) date.setTime(0);
      found?.createdAt.setTime(0);
      for (const each of [row, ...loaded.approvals]) Object.assign(each, { state: "declined" });
      Object.assign(row.deposits[0] ?? {}, { at: "changed" });
      Object.assign(loaded.approvals[0]?.deposits[0] ?? {}, { at: "changed" });
      const again = await load("a");
      expect(again.approvals).toMatchObject([
        { state: "reserved", createdAt: at, deposits: [{ at: null, by: [] }] },
      ]);
      expect(again.links).toMatchObject([{ createdAt: at }]);
      expect(await store.read((tx) => tx.transitions(mid, "a"))).toMatchObject([{ at }]);
    });

    it("is unchanged by a save with another version", async () => {
      const payment = approved("a");
      await listen();
      await put("a", { approvals: [payment] });
      await put("a", { approvals: [{ ...payment, resultCode: "1" }] });
      const before = await kept("a");
      const changed = { ...payment, resultCode: "2" };
      const more = { links: [link("a")], cancels: [cancel(payment.id)], reviewed: true };
      for (const version of [0, 1, 3]) {
        const inbox = { insert: notification(`k${version}`) };
        const events = [event("else")];
        const changes = { ...traces(payment), ...more, approvals: [changed] };
        expect(await save("a", version, changes, { inbox, events })).toBe("stale");
      }
      expect(await kept("a")).toEqual(before);
    });

    it("is not created by a save with a version above 0", async () => {
      const row = attempt("a");
      const before = await kept("a");
      expect(await save("a", 1, { ...traces(row), approvals: [row] })).toBe("stale");
      expect(await kept("a")).toEqual(before);
    });

    it("is created by one of several concurrent saves, and changed by one of several", async () => {
      const made = await Promise.all(
        Array.from({ length: 12 }, () => {
          const row = attempt("a");
          return save("a", 0, { entries: 1, audit: [entry(row)], approvals: [row] });
        }),
      );
      expect(made.filter((result) => result === "saved")).toHaveLength(1);
      expect(made.filter((result) => result === "stale")).toHaveLength(11);
      const { approvals, version } = await load("a");
      expect([approvals.length, version]).toEqual([1, 1]);
      const changed = await Promise.all(
        approvals.flatMap((row) =>
          Array.from({ length: 12 }, () => save("a", 1, { approvals: [row], audit: [entry(row)] })),
        ),
      );
      expect(changed.filter((result) => result === "saved")).toHaveLength(1);
      const { order, audit } = await kept("a");
      expect([order.version, audit.length]).toEqual([2, 2]);
    });

    it("loses no change when concurrent callers load and save until they are not stale", async () => {
      const row = attempt("a", { reportedPrice: 0 });
      await put("a", { approvals: [row] });
      async function countUp(): Promise<void> {
        const { version, approvals } = await load("a");
        const counted = approvals.map((each) => ({ ...each, reportedPrice: (each.reportedPrice ?? 0) + 1 }));
        if ((await save("a", version, { approvals: counted })) === "stale") await countUp();
      }
      await Promise.all(Array.from({ length: 6 }, countUp));
      expect(await load("a")).toMatchObject({ version: 7, approvals: [{ reportedPrice: 6 }] });
    });

    it("is loaded with the ids that other orders have taken, excluding its own", async () => {
      const { store, mid } = opened();
      const payment = approved("a", { tid: "t1", authTid: "t2" });
      const done = cancel(payment.id, { state: "refused", cancelTid: "c1" });
      await put("a", { approvals: [payment], cancels: [done] });
      const tids = ["t1", "t2", "t3", "c1"];
      const cancelTids = ["c1", "c2", "t1"];
      const taken = async (of: string, orderId: string) =>
        (await store.load(of, orderId, { tids, cancelTids })).order.taken;
      const both = { tids: ["t1", "t2"], cancelTids: ["c1"] };
      const sorted = async (orderId: string) => {
        const found = await taken(mid, orderId);
        return { tids: [...found.tids].sort(), cancelTids: [...found.cancelTids].sort() };
      };
      expect(await sorted("b")).toEqual(both);
      expect(await sorted("a")).toEqual({ tids: [], cancelTids: [] });
      expect(await taken(`${mid}-other`, "b")).toEqual({ tids: [], cancelTids: [] });
      // One order's authentication may be what another has as its payment.
      await put("b", { approvals: [approved("b", { tid: "t2", authTid: "t3" })] });
      expect(await sorted("a")).toEqual({ tids: ["t2", "t3"], cancelTids: [] });
      expect(await sorted("b")).toEqual(both);
    });
  });
}
