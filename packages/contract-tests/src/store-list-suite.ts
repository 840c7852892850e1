import { randomUUID } from "node:crypto";
import type { AttemptGroup, DuePlace, SilenceLimits } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { at, later, type Opened, price, rowsFor, times } from "./store-rows.js";

/** What lists of orders and recovery rely on, for every store there is. */
export function describeLists(opened: () => Opened): void {
  const { attempt, approved, cancel, put } = rowsFor(opened);

  describe("recovery", () => {
    it("finds calls past their deadline, by id and page by page", async () => {
      const { store, mid } = opened();
      const reserved = attempt("a");
      const sending = attempt("b", { state: "sending", ...times, deadlineAt: later(1_000) });
      const payment = approved("c");
      const waiting = cancel(payment.id);
      await put("a", { approvals: [reserved] });
      await put("b", { approvals: [sending] });
      await put("c", { approvals: [payment], cancels: [waiting] });
      await put("d", { approvals: [attempt("d", { state: "unknown", ...times })] });
      const limits = (reservedMs: number, deadlineMs: number, limit = 10): SilenceLimits => ({
        reservedBefore: later(reservedMs),
        deadlineBefore: later(deadlineMs),
        limit,
      });
      const stale = (silence: SilenceLimits, of = mid) => store.read((tx) => tx.staleCalls(of, silence));
      expect(await stale(limits(0, 1_000))).toEqual([]);
      const ofSending = { kind: "approval", id: sending.id, of: "b", state: "sending", createdAt: at };
      expect(await stale(limits(0, 1_001))).toEqual([ofSending]);
      const all = await stale(limits(1, 1_001));
      expect(all.map(({ id }) => id)).toEqual([reserved.id, sending.id, waiting.id].sort());
      expect(all).toContainEqual({
        kind: "cancel",
        id: waiting.id,
        of: "c",
        state: "reserved",
        createdAt: at,
      });
      expect(all).toContainEqual({
        kind: "approval",
        id: reserved.id,
        of: "a",
        state: "reserved",
        createdAt: at,
      });
      const first = await stale(limits(1, 1_001, 2));
      expect(first).toEqual(all.slice(0, 2));
      expect(await stale({ ...limits(1, 1_001), after: first.at(-1)?.id })).toEqual(all.slice(2));
      expect(await stale(limits(1, 1_001), `${mid}-other`)).toEqual([]);
    });

    it("finds approvals due for a net cancel, the earliest due first and page by page", async () => {
      const { store, mid } = opened();
      const rows = [300, 100, 200, 200, 400].map((ms, i) =>
        attempt(`a${i}`, { authTid: `auth-${i}`, state: "unknown", netCancelAt: later(ms) }),
      );
      for (const row of rows) await put(row.orderId, { approvals: [row] });
      const due = (ms: number, limit = 10, after?: DuePlace) =>
        store.read((tx) => tx.dueCalls(mid, "net-cancel", { now: later(ms), limit, after }));
      expect(await due(99)).toEqual([]);
      const all = await due(300);
      expect(all.map(({ at: dueAt }) => dueAt)).toEqual([100, 200, 200, 300].map(later));
      expect(all.map(({ of }) => of)).toEqual([
        "a1",
        ...(String(rows[2]?.id) < String(rows[3]?.id) ? ["a2", "a3"] : ["a3", "a2"]),
        "a0",
      ]);
      expect(await due(300, 2)).toEqual(all.slice(0, 2));
      expect(await due(300, 2, all[1])).toEqual(all.slice(2));
      expect(await due(300, 2, all[3])).toEqual([]);

      const changes = [
        { mismatchAt: at },
        { openCancel: randomUUID() },
        { state: "net_cancelled" },
        { netCancelAt: null },
        {},
      ] as const;
      for (const [i, row] of rows.entries()) {
        await put(row.orderId, { approvals: [{ ...row, ...changes[i] }] });
      }
      expect((await due(400)).map(({ of }) => of)).toEqual(["a4"]);
    });

    it("finds cancels due for a repeat, the earliest due first and page by page", async () => {
      const { store, mid } = opened();
      const ids: string[] = [];
      const repeats = [
        { repeatAt: later(200) },
        { repeatAt: later(100) },
        { repeatAt: later(300) },
        { repeatAt: null },
        { repeatAt: later(1), state: "refused" },
      ] as const;
      for (const [i, repeat] of repeats.entries()) {
        const payment = approved(`a${i}`);
        const row = cancel(payment.id, { state: "unknown", ...repeat });
        ids.push(row.id);
        await put(`a${i}`, { approvals: [payment], cancels: [row] });
      }
      const due = (limit: number, after?: DuePlace) =>
        store.read((tx) => tx.dueCalls(mid, "repeat", { now: later(299), limit, after }));
      const all = [
        { id: ids[1], of: "a1", at: later(100) },
        { id: ids[0], of: "a0", at: later(200) },
      ];
      expect(await due(10)).toEqual(all);
      expect(await due(1)).toEqual(all.slice(0, 1));
      expect(await due(1, (await due(1))[0])).toEqual(all.slice(1));
    });

    it("finds orders whose deposit is overdue, by the account's creation if the due date is unknown", async () => {
      const { store, mid } = opened();
      const state = "awaiting_deposit";
      for (const [orderId, row] of Object.entries({
        early: { accountDueAt: later(99) },
        first: { accountDueAt: later(100) },
        last: { accountDueAt: later(199) },
        late: { accountDueAt: later(200) },
        "made-early": { createdAt: later(299) },
        "made-first": { createdAt: later(300) },
        "made-last": { createdAt: later(399) },
        "made-late": { createdAt: later(400) },
        paid: { accountDueAt: later(100), state: "declined" as const },
      })) {
        await put(orderId, { approvals: [attempt(orderId, { state, ...row })] });
      }
      const twice = [1, 2].map((attemptNo) =>
        attempt("twice", { attemptNo, state, accountDueAt: later(150) }),
      );
      await put("twice", { approvals: twice });
      const limits = {
        dueSince: later(100),
        dueBefore: later(200),
        madeSince: later(300),
        madeBefore: later(400),
      };
      const found = await store.read((tx) => tx.orders(mid, { overdue: limits }));
      expect(found.map(({ orderId }) => orderId).sort()).toEqual([
        "first",
        "last",
        "made-first",
        "made-last",
        "twice",
      ]);
      expect(await store.read((tx) => tx.orders(`${mid}-other`, { overdue: limits }))).toEqual([]);
    });

    it("finds orders with an unknown outcome, and orders with a mismatch that was not reviewed", async () => {
      const { store, mid } = opened();
      const listed = (of: string) =>
        store.read((tx) => tx.orders(of, { unsettled: { deadlineBefore: later(1_000) } }));
      const unsettled = async () => (await listed(mid)).map(({ orderId }) => orderId).sort();
      const states = ["unknown", "approved_mismatch", "approved_no_tid", "mismatch", "declined"] as const;
      for (const state of states) await put(state, { approvals: [attempt(state, { state })] });
      for (const [orderId, ms] of [
        ["late", 999],
        ["running", 1_000],
      ] as const) {
        const row = attempt(orderId, { state: "sending", ...times, deadlineAt: later(ms) });
        await put(orderId, { approvals: [row] });
      }
      for (const state of ["unknown", "mismatch", "refused"] as const) {
        const orderId = `cancel_${state}`;
        const payment = approved(orderId);
        await put(orderId, { approvals: [payment], cancels: [cancel(payment.id, { state })] });
      }
      const sent = approved("cancel_late");
      const sending = cancel(sent.id, { state: "sending", ...times, deadlineAt: later(999) });
      await put("cancel_late", { approvals: [sent], cancels: [sending] });
      await put("flagged", { approvals: [approved("flagged", { mismatchAt: at })] });
      const unknown = ["cancel_late", "cancel_unknown", "late", "unknown"];
      const contradictory = [
        "approved_mismatch",
        "approved_no_tid",
        "cancel_mismatch",
        "mismatch",
        "flagged",
      ];
      expect(await unsettled()).toEqual([...unknown, ...contradictory].sort());
      for (const orderId of [...unknown, ...contradictory]) await put(orderId, { reviewed: true });
      expect(await unsettled()).toEqual(unknown);
      await put("flagged", { reviewed: false });
      expect(await unsettled()).toEqual([...unknown, "flagged"].sort());
      expect(await listed(`${mid}-other`)).toEqual([]);
    });
  });

  describe("lists of orders", () => {
    it("sort by the newest attempt, page by page", async () => {
      const { store, mid } = opened();
      const rows = ["a", "b", "c"].map((orderId) => attempt(orderId, { state: "declined" }));
      for (const row of rows) await put(row.orderId, { approvals: [row] });
      await put("a", { approvals: [attempt("a", { attemptNo: 2 })] });
      // A change of an attempt does not make it newer.
      for (const row of rows) await put(row.orderId, { approvals: [{ ...row, resultCode: "1" }] });
      const newest = (page: { limit: number; before?: number }) =>
        store.read((tx) => tx.orders(mid, { newest: page }));
      const first = await newest({ limit: 2 });
      expect(first.map(({ orderId }) => orderId)).toEqual(["a", "c"]);
      const before = first.at(-1)?.position ?? 0;
      expect((await newest({ limit: 2, before })).map(({ orderId }) => orderId)).toEqual(["b"]);
    });

    it("filter by the group of an attempt, page by page", async () => {
      const { store, mid } = opened();
      const alike = ["unknown", "declined", "not_sent", "settled_not_moved", "reserved"] as const;
      const others = ["net_cancelled", "awaiting_deposit"] as const;
      for (const state of [...alike, ...others]) await put(state, { approvals: [attempt(state, { state })] });
      await put("full", { approvals: [approved("full")] });
      await put("held", { approvals: [approved("held", { held: 300, openCancel: randomUUID() })] });
      const reduced = approved("reduced", { remaining: 700 });
      await put("reduced", { approvals: [reduced], cancels: [cancel(reduced.id, { state: "done" })] });
      const returned = approved("returned", { remaining: 0 });
      const whole = cancel(returned.id, { state: "done", cancelPrice: price, confirmPrice: 0 });
      await put("returned", { approvals: [returned], cancels: [whole] });
      await put("flagged", { approvals: [attempt("flagged", { state: "declined", mismatchAt: at })] });
      await put("full", { approvals: [] });

      const among = async (group: AttemptGroup, page: { limit?: number; before?: number } = {}) =>
        store.read((tx) => tx.orders(mid, { newest: { limit: 9, among: group, ...page } }));
      const names = async (group: AttemptGroup) => (await among(group)).map(({ orderId }) => orderId);
      expect(await names("open")).toEqual(["flagged", "held", "reserved", "unknown"]);
      const [first] = await among("open", { limit: 1 });
      const rest = await among("open", { before: first?.position ?? 0 });
      expect(rest.map(({ orderId }) => orderId)).toEqual(["held", "reserved", "unknown"]);
      expect(await names("full")).toContain("full");
      expect(await names("full")).not.toContain("reduced");
      expect(await names("reduced")).toEqual(["reduced"]);
      expect(await names("returned")).toEqual(["returned"]);
      expect(await names("declined")).toContain("declined");
      expect(await names("not_sent")).toEqual(["settled_not_moved", "not_sent"]);
      expect(await names("net_cancelled")).toEqual(["net_cancelled"]);
      expect(await names("awaiting_deposit")).toEqual(["awaiting_deposit"]);
    });
  });
}
