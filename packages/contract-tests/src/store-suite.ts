import { randomUUID } from "node:crypto";
import {
  type ApprovalRow,
  type ApprovalState,
  type AttemptGroup,
  type DuePlace,
  type LedgerStore,
  type LedgerTransaction,
  liveApprovalStates,
  type NewApproval,
  type NewCancel,
  type Posting,
  type TransitionRow,
  UniqueConflict,
} from "@payapi/ledger/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeKeyRows } from "./store-key-suite.js";
import { describePageRows } from "./store-page-suite.js";

const price = 1_000;
const at = new Date("2026-05-01T00:00:00.123Z");
/** What is being sent has a deadline. */
const times = { sendingAt: at, deadlineAt: at };

/** What the ledger's rules rely on, for every store there is. */
export function describeLedgerStore(name: string, open: () => Promise<LedgerStore>): void {
  describe(`LedgerStore: ${name}`, () => {
    let store: LedgerStore;
    let mid: string;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());
    beforeEach(() => {
      mid = `mid-${randomUUID()}`;
    });

    const write = <T>(work: (tx: LedgerTransaction) => Promise<T>) => store.transaction(work);
    const rowsOf = (orderId: string) => store.read((tx) => tx.ordersRows(mid, [orderId]));

    function approvalOf(orderId: string, attemptNo = 1): NewApproval {
      const oid = `${orderId}-${attemptNo}`;
      return { id: randomUUID(), mid, orderId, attemptNo, oid, payType: "card", price, createdAt: at };
    }

    function cancelOf(approvalId: string, seq = 1): NewCancel {
      const operation = "payments.cancelPartially";
      const amounts = { cancelPrice: 300, confirmPrice: 700 };
      return { id: randomUUID(), mid, approvalId, seq, operation, ...amounts, actor: "kim", createdAt: at };
    }

    async function approved(orderId: string, tid = `tid-${orderId}`): Promise<ApprovalRow> {
      const row = approvalOf(orderId);
      await write((tx) => tx.insertApproval(row));
      const moved = await write((tx) =>
        tx.moveApproval(row.id, ["reserved"], { state: "approved", tid, remaining: price }),
      );
      if (moved === undefined) throw new Error("Not approved");
      return moved;
    }

    /** A cancel that gave its amount back. */
    async function carriedOut(row: NewCancel, cancelTid: string | null = null) {
      return write(async (tx) => {
        await tx.holdForCancel(row.approvalId, row.id, row.cancelPrice);
        await tx.insertCancel(row);
        await tx.moveCancel(row.id, ["reserved"], { state: "done", cancelTid });
        return tx.takeHold(row.approvalId, row.id);
      });
    }

    function transitionOf(approval: { id: string; orderId: string }): TransitionRow {
      return {
        at,
        mid,
        orderId: approval.orderId,
        approvalId: approval.id,
        cancelId: null,
        what: "approval",
        from: null,
        to: "reserved",
        actor: null,
        outcome: null,
        price,
        tid: null,
        failureCode: null,
        resultCode: null,
        resultMessage: "정상",
        evidence: null,
      };
    }

    function postingOf(approval: ApprovalRow, amounts: readonly [number, number]): Posting {
      return {
        id: randomUUID(),
        at,
        mid,
        orderId: approval.orderId,
        approvalId: approval.id,
        cancelId: null,
        entries: [
          { account: "gateway", amount: amounts[0] },
          { account: "paid", amount: amounts[1] },
        ],
      };
    }

    describe("transactions", () => {
      it("keep what was written, down to the millisecond", async () => {
        const row = approvalOf("a");
        const inserted = await write((tx) => tx.insertApproval(row));
        expect(inserted).toEqual({
          ...row,
          networkCancelAt: null,
          state: "reserved",
          tid: null,
          authTid: null,
          accountNumber: null,
          accountBank: null,
          accountHolder: null,
          accountDueAt: null,
          applNum: null,
          approvedAt: null,
          resultCode: null,
          resultMessage: null,
          failureCode: null,
          reportedPrice: null,
          remaining: 0,
          held: 0,
          openCancel: null,
          settledBy: null,
          contradictedAt: null,
          sendingAt: null,
          deadlineAt: null,
          settledAt: null,
        });
        expect(await rowsOf("a")).toEqual({ approvals: [inserted], cancels: [] });
      });

      it("leave nothing behind when the work throws", async () => {
        const payment = await approved("a");
        const work = write(async (tx) => {
          await tx.insertApproval(approvalOf("b"));
          await tx.holdForCancel(payment.id, randomUUID(), 300);
          await tx.insertCancel(cancelOf(payment.id));
          await tx.addTransition(transitionOf(payment));
          await tx.post(postingOf(payment, [price, -price]));
          throw new Error("on purpose");
        });
        await expect(work).rejects.toThrow("on purpose");
        expect(await rowsOf("a")).toEqual({ approvals: [payment], cancels: [] });
        expect((await rowsOf("b")).approvals).toEqual([]);
        expect(await store.read((tx) => tx.transitions(mid, "a"))).toEqual([]);
        const balance = await store.read((tx) => tx.balance(mid, "a"));
        expect(balance.get("gateway") ?? 0).toBe(0);
        // The names that were taken for a moment are free again.
        expect(await write((tx) => tx.insertApproval(approvalOf("b")))).toBeDefined();
      });

      it("give out copies", async () => {
        const row = { ...approvalOf("a"), createdAt: new Date(at) };
        const inserted = await write((tx) => tx.insertApproval(row));
        row.createdAt.setTime(0);
        inserted?.createdAt.setTime(0);
        Object.assign(inserted ?? {}, { state: "approved" });
        const [kept] = (await rowsOf("a")).approvals;
        expect(kept).toMatchObject({ state: "reserved", createdAt: at });
      });

      it("let one of several at once pass a guard", async () => {
        const row = approvalOf("a");
        await write((tx) => tx.insertApproval(row));
        const moves = await Promise.all(
          Array.from({ length: 12 }, () =>
            write((tx) => tx.moveApproval(row.id, ["reserved"], { state: "sending", ...times })),
          ),
        );
        expect(moves.filter((moved) => moved !== undefined)).toHaveLength(1);
      });

      it("wait for each other on a locked order", async () => {
        const payment = await approved("a");
        await Promise.all(
          Array.from({ length: 10 }, () =>
            write(async (tx) => {
              const [seen] = (await tx.lockOrder(mid, "a")).approvals;
              const reportedPrice = (seen?.reportedPrice ?? price) - 100;
              await tx.moveApproval(payment.id, ["approved"], { state: "approved", reportedPrice });
            }),
          ),
        );
        expect((await rowsOf("a")).approvals[0]?.reportedPrice).toBe(0);
      });
    });

    describe("approvals", () => {
      it.each(liveApprovalStates)("have no second one beside one that is %s", async (state) => {
        const first = approvalOf("a");
        await write((tx) => tx.insertApproval(first));
        await write((tx) =>
          tx.moveApproval(first.id, ["reserved"], {
            state,
            ...times,
            ...(state === "approved" ? { tid: mid, remaining: price } : {}),
          }),
        );
        expect(await write((tx) => tx.insertApproval(approvalOf("a", 2)))).toBeUndefined();
        expect((await rowsOf("a")).approvals).toHaveLength(1);
      });

      it.each(["declined", "not_sent"] satisfies ApprovalState[])(
        "have another after one that is %s",
        async (state) => {
          const first = approvalOf("a");
          await write((tx) => tx.insertApproval(first));
          await write((tx) => tx.moveApproval(first.id, ["reserved"], { state }));
          expect(await write((tx) => tx.insertApproval(approvalOf("a", 2)))).toBeDefined();
          expect((await rowsOf("a")).approvals.map(({ attemptNo }) => attemptNo)).toEqual([1, 2]);
          const revived = write((tx) => tx.moveApproval(first.id, [state], { state: "conflict" }));
          await expect(revived).rejects.toThrow(UniqueConflict);
          expect((await rowsOf("a")).approvals[0]?.state).toBe(state);
        },
      );

      it("are inserted once by many at once", async () => {
        const inserted = await Promise.all(
          Array.from({ length: 16 }, () => write((tx) => tx.insertApproval(approvalOf("a")))),
        );
        expect(inserted.filter((row) => row !== undefined)).toHaveLength(1);
      });

      it("never share an oid, an attempt number or a tid, except between merchants", async () => {
        const first = await approved("a", "tid");
        await write((tx) => tx.moveApproval(first.id, ["approved"], { state: "declined", remaining: 0 }));
        const other = { ...approvalOf("b"), oid: first.oid };
        expect(await write((tx) => tx.insertApproval(other))).toBeUndefined();
        expect(await write((tx) => tx.insertApproval({ ...approvalOf("a"), oid: "new" }))).toBeUndefined();
        expect(await write((tx) => tx.tidIsKnown(mid, "tid"))).toBe(true);
        expect(await write((tx) => tx.tidIsKnown("other", "tid"))).toBe(false);
        await expect(approved("b", "tid")).rejects.toThrow(UniqueConflict);
        expect((await rowsOf("b")).approvals[0]).toMatchObject({ state: "reserved", tid: null });
        mid = `mid-${randomUUID()}`;
        await expect(approved("a", "tid")).resolves.toBeDefined();
      });

      it.each([
        ["a price of nothing", { price: 0 }],
        ["a negative price", { price: -1 }],
        ["an oid the gateway does not take", { oid: "a b" }],
      ])("do not have %s", async (_, wrong) => {
        await expect(write((tx) => tx.insertApproval({ ...approvalOf("a"), ...wrong }))).rejects.toThrow();
        expect((await rowsOf("a")).approvals).toEqual([]);
      });

      it.each([
        ["more remaining than the price", { remaining: price + 1 }],
        ["less than nothing remaining", { remaining: -1 }],
        ["no tid when approved", { tid: null }],
      ])("do not have %s", async (_, wrong) => {
        const row = await approved("a");
        const move = write((tx) => tx.moveApproval(row.id, ["approved"], { state: "approved", ...wrong }));
        await expect(move).rejects.toThrow();
        expect((await rowsOf("a")).approvals).toEqual([row]);
      });

      it("are contradicted once and for ever", async () => {
        const { id } = await approved("a");
        await write((tx) => tx.markContradicted(id, at));
        await write((tx) => tx.markContradicted(id, new Date()));
        expect((await rowsOf("a")).approvals[0]?.contradictedAt).toEqual(at);
        expect(await write((tx) => tx.holdForCancel(id, randomUUID(), 1))).toBeUndefined();
      });
    });

    describePageRows(() => ({ store, mid }));
    describeKeyRows(() => ({ store, mid }));

    describe("holds", () => {
      it("take no more than remains, and one at a time", async () => {
        const { id } = await approved("a");
        const cancelId = randomUUID();
        expect(await write((tx) => tx.holdForCancel(id, cancelId, price + 1))).toBeUndefined();
        expect(await write((tx) => tx.holdForCancel(id, cancelId, 300))).toMatchObject({
          held: 300,
          remaining: price,
          openCancel: cancelId,
        });
        expect(await write((tx) => tx.holdForCancel(id, randomUUID(), 1))).toBeUndefined();
      });

      it("are ended only by the cancel that has them", async () => {
        const { id } = await approved("a");
        const cancel = cancelOf(id);
        const cancelId = cancel.id;
        await write((tx) => tx.holdForCancel(id, cancelId, 300));
        expect(await write((tx) => tx.releaseHold(id, randomUUID()))).toBeUndefined();
        expect(await write((tx) => tx.takeHold(id, randomUUID()))).toBeUndefined();
        expect(await carriedOut(cancel)).toMatchObject({
          held: 0,
          remaining: 700,
          openCancel: null,
        });
        expect(await write((tx) => tx.takeHold(id, cancelId))).toBeUndefined();
        await write((tx) => tx.holdForCancel(id, cancelId, 700));
        expect(await write((tx) => tx.releaseHold(id, cancelId))).toMatchObject({ held: 0, remaining: 700 });
      });

      it("need an approved payment", async () => {
        const row = approvalOf("a");
        await write((tx) => tx.insertApproval(row));
        expect(await write((tx) => tx.holdForCancel(row.id, randomUUID(), 1))).toBeUndefined();
      });
    });

    describe("cancels", () => {
      it.each(["reserved", "sending", "unknown"] as const)(
        "have no second one beside one that is %s",
        async (state) => {
          const payment = await approved("a");
          const first = cancelOf(payment.id);
          await write((tx) => tx.insertCancel(first));
          await write((tx) => tx.moveCancel(first.id, ["reserved"], { state, ...times }));
          expect(await write((tx) => tx.insertCancel(cancelOf(payment.id, 2)))).toBeUndefined();
          expect((await rowsOf("a")).cancels).toHaveLength(1);
        },
      );

      it("are kept in sequence, without sharing a number or a tid", async () => {
        const payment = await approved("a");
        const first = cancelOf(payment.id);
        await carriedOut(first, "c1");
        expect(
          await write((tx) => tx.moveCancel(first.id, ["reserved"], { state: "refused" })),
        ).toBeUndefined();
        expect(await write((tx) => tx.insertCancel(cancelOf(payment.id)))).toBeUndefined();
        const second = cancelOf(payment.id, 2);
        await write((tx) => tx.insertCancel(second));
        expect(await write((tx) => tx.cancelTidIsKnown(mid, "c1"))).toBe(true);
        const sameTid = write((tx) =>
          tx.moveCancel(second.id, ["reserved"], { state: "done", cancelTid: "c1" }),
        );
        await expect(sameTid).rejects.toThrow(UniqueConflict);
        expect((await rowsOf("a")).cancels).toMatchObject([
          { seq: 1, state: "done", actor: "kim", cancelPrice: 300, confirmPrice: 700 },
          { seq: 2, state: "reserved", cancelTid: null },
        ]);
      });

      it("give something back", async () => {
        const payment = await approved("a");
        const nothing = { ...cancelOf(payment.id), cancelPrice: 0 };
        await expect(write((tx) => tx.insertCancel(nothing))).rejects.toThrow();
        const negative = { ...cancelOf(payment.id), confirmPrice: -1 };
        await expect(write((tx) => tx.insertCancel(negative))).rejects.toThrow();
      });

      it("belong to an approval", async () => {
        await expect(write((tx) => tx.insertCancel(cancelOf(randomUUID())))).rejects.toThrow();
      });
    });

    describe("books", () => {
      it("keep transitions in order", async () => {
        const payment = await approved("a");
        const lines = ["reserved", "sending", "approved"] as const;
        for (const to of lines) await write((tx) => tx.addTransition({ ...transitionOf(payment), to }));
        const kept = await store.read((tx) => tx.transitions(mid, "a"));
        expect(kept).toEqual(lines.map((to) => ({ ...transitionOf(payment), to })));
        expect(await store.read((tx) => tx.transitions(mid, "b"))).toEqual([]);
      });

      it("take postings that sum to zero, and no others", async () => {
        const payment = await approved("a");
        await write((tx) => tx.post(postingOf(payment, [price, -price])));
        await write((tx) => tx.post(postingOf(payment, [-300, 300])));
        for (const wrong of [
          [price, -price + 1],
          [price, price],
          [0, 0],
        ] as const) {
          await expect(write((tx) => tx.post(postingOf(payment, wrong)))).rejects.toThrow();
        }
        const balance = await store.read((tx) => tx.balance(mid, "a"));
        expect([balance.get("gateway"), balance.get("paid"), balance.get("unexplained") ?? 0]).toEqual([
          700, -700, 0,
        ]);
      });
    });

    describe("lists", () => {
      const later = (ms: number) => new Date(at.getTime() + ms);

      it("find calls that have been silent for too long", async () => {
        const reserved = approvalOf("a");
        const sending = approvalOf("b");
        await write((tx) => tx.insertApproval(reserved));
        await write((tx) => tx.insertApproval(sending));
        await write((tx) =>
          tx.moveApproval(sending.id, ["reserved"], { state: "sending", ...times, deadlineAt: later(1_000) }),
        );
        const payment = await approved("c");
        const cancel = cancelOf(payment.id);
        await write((tx) => tx.insertCancel(cancel));
        const limits = (reservedMs: number, deadlineMs: number, limit = 10) => ({
          reservedBefore: later(reservedMs),
          deadlineBefore: later(deadlineMs),
          limit,
        });
        const stale = (...silence: Parameters<typeof limits>) =>
          store.read((tx) => tx.staleCalls(mid, limits(...silence)));
        expect(await stale(0, 1_000)).toEqual([]);
        expect(await stale(0, 1_001)).toEqual([
          { kind: "approval", id: sending.id, orderId: "b", state: "sending" },
        ]);
        const all = await stale(1, 1_001);
        expect(new Set(all.map(({ id }) => id))).toEqual(new Set([reserved.id, sending.id, cancel.id]));
        expect(all.find(({ kind }) => kind === "cancel")).toMatchObject({ orderId: "c", state: "reserved" });
        expect(await stale(1, 1_001, 2)).toHaveLength(2);
        expect(all.map(({ id }) => id)).toEqual([reserved.id, sending.id, cancel.id].sort());
        const first = await stale(1, 1_001, 2);
        const rest = { ...limits(1, 1_001), after: first.at(-1)?.id };
        expect(await store.read((tx) => tx.staleCalls(mid, rest))).toEqual(all.slice(2));
      });

      it("find what is due for a network cancel, the longest due first and page by page", async () => {
        const rows: NewApproval[] = [];
        for (const [i, ms] of [300, 100, 200, 200, 400].entries()) {
          const row = { ...approvalOf(`a${i}`), authTid: `auth-${i}` };
          rows.push(row);
          await write((tx) => tx.insertApproval(row));
          await write((tx) =>
            tx.moveApproval(row.id, ["reserved"], { state: "unknown", networkCancelAt: later(ms) }),
          );
        }
        const due = (ms: number, limit = 10, after?: DuePlace) =>
          store.read((tx) => tx.dueNetworkCancels(mid, { now: later(ms), limit, after }));
        expect(await due(99)).toEqual([]);
        const all = await due(300);
        expect(all.map(({ at: dueAt }) => dueAt)).toEqual([100, 200, 200, 300].map(later));
        expect(all.map(({ orderId }) => orderId)).toEqual([
          "a1",
          ...(String(rows[2]?.id) < String(rows[3]?.id) ? ["a2", "a3"] : ["a3", "a2"]),
          "a0",
        ]);
        expect(await due(300, 2)).toEqual(all.slice(0, 2));
        expect(await due(300, 2, all[1])).toEqual(all.slice(2));
        expect(await due(300, 2, all[3])).toEqual([]);

        const [contradicted, held, ended, never] = rows.map(({ id }) => id);
        await write(async (tx) => {
          await tx.markContradicted(contradicted ?? "", at);
          await tx.holdForNetworkCancel(held ?? "", randomUUID());
          await tx.moveApproval(ended ?? "", ["unknown"], { state: "net_cancelled" });
          await tx.moveApproval(never ?? "", ["unknown"], { state: "unknown", networkCancelAt: null });
        });
        expect((await due(400)).map(({ orderId }) => orderId)).toEqual(["a4"]);
      });

      it("find due repeats in the same way", async () => {
        const cancels: string[] = [];
        for (const [i, ms] of [200, 100, 300].entries()) {
          const payment = await approved(`a${i}`);
          const row = cancelOf(payment.id);
          cancels.push(row.id);
          await write((tx) => tx.insertCancel(row));
          await write((tx) => tx.moveCancel(row.id, ["reserved"], { state: "unknown", repeatAt: later(ms) }));
        }
        const due = (limit: number, after?: DuePlace) =>
          store.read((tx) => tx.dueRepeats(mid, { now: later(299), limit, after }));
        const all = [
          { id: cancels[1], orderId: "a1", at: later(100) },
          { id: cancels[0], orderId: "a0", at: later(200) },
        ];
        expect(await due(10)).toEqual(all);
        expect(await due(1)).toEqual(all.slice(0, 1));
        expect(await due(1, (await due(1))[0])).toEqual(all.slice(1));
      });

      it("have one full cancel of a payment that was carried out", async () => {
        const payment = await approved("a");
        for (const seq of [1, 2]) {
          const row = { ...cancelOf(payment.id, seq), operation: "payments.cancel" as const };
          const done = carriedOut(row);
          if (seq === 1) await done;
          else await expect(done).rejects.toThrow(UniqueConflict);
        }
      });

      it("find orders whose money nobody knows", async () => {
        const unsettled = () => store.read((tx) => tx.unsettledOrders(mid, later(1_000)));
        for (const state of [
          "unknown",
          "approved_mismatch",
          "approved_no_tid",
          "conflict",
          "declined",
        ] as const) {
          const row = approvalOf(state);
          await write((tx) => tx.insertApproval(row));
          await write((tx) => tx.moveApproval(row.id, ["reserved"], { state }));
        }
        for (const [orderId, ms] of [
          ["late", 999],
          ["running", 1_000],
        ] as const) {
          const row = approvalOf(orderId);
          await write((tx) => tx.insertApproval(row));
          await write((tx) =>
            tx.moveApproval(row.id, ["reserved"], { state: "sending", ...times, deadlineAt: later(ms) }),
          );
        }
        for (const state of ["unknown", "drift", "refused"] as const) {
          const payment = await approved(`cancel_${state}`);
          const row = cancelOf(payment.id);
          await write((tx) => tx.insertCancel(row));
          await write((tx) => tx.moveCancel(row.id, ["reserved"], { state }));
        }
        const flagged = await approved("flagged");
        await write((tx) => tx.markContradicted(flagged.id, at));
        expect([...(await unsettled())].sort()).toEqual([
          "approved_mismatch",
          "approved_no_tid",
          "cancel_drift",
          "cancel_unknown",
          "conflict",
          "flagged",
          "late",
          "unknown",
        ]);
      });

      it("compare the database in any transaction, and tell which entry is the first", async () => {
        const comparedIn = () =>
          Promise.all([
            store.read((tx) => tx.database.compare()),
            write((tx) => tx.database.compare()),
            store.transaction((tx) => tx.database.compare(), { comparesDatabase: true }),
          ]);
        const [made, ...same] = await comparedIn();
        expect(same).toEqual([made, made]);
        expect(made).toMatchObject({ isFirst: true, accepted: { identity: made.identity } });
        const other = { identity: "another", at, actor: "lee", evidence: "a primary" };
        const rolledBack = write(async (tx) => {
          await tx.database.accept(other);
          throw new Error("rolled back");
        });
        await expect(rolledBack).rejects.toThrow("rolled back");
        expect(await comparedIn()).toEqual([made, made, made]);
        await write((tx) => tx.database.accept(other));
        const changed = { identity: made.identity, accepted: other, isFirst: false };
        expect(await comparedIn()).toEqual([changed, changed, changed]);
        await write((tx) => tx.database.accept({ ...other, identity: made.identity }));
        expect((await comparedIn()).map(({ accepted }) => accepted.identity)).toEqual(
          Array.from({ length: 3 }, () => made.identity),
        );
      });

      it("give orders by their newest attempt, page by page", async () => {
        for (const orderId of ["a", "b", "c"]) {
          const row = approvalOf(orderId);
          await write((tx) => tx.insertApproval(row));
          await write((tx) => tx.moveApproval(row.id, ["reserved"], { state: "declined" }));
        }
        await write((tx) => tx.insertApproval(approvalOf("a", 2)));
        const first = await store.read((tx) => tx.newestOrders(mid, { limit: 2 }));
        expect(first.map(({ orderId }) => orderId)).toEqual(["a", "c"]);
        const before = first.at(-1)?.position ?? 0;
        const second = await store.read((tx) => tx.newestOrders(mid, { limit: 2, before }));
        expect(second.map(({ orderId }) => orderId)).toEqual(["b"]);
      });

      it("find orders by the group of an attempt", async () => {
        for (const state of ["unknown", "declined", "not_sent"] as const) {
          const row = approvalOf(state);
          await write((tx) => tx.insertApproval(row));
          await write((tx) => tx.moveApproval(row.id, ["reserved"], { state }));
        }
        await write((tx) => tx.insertApproval(approvalOf("reserved")));
        await approved("full");
        for (const end of ["held", "reduced", "returned"]) {
          const { id } = await approved(end);
          const whole = { cancelPrice: price, confirmPrice: 0 };
          const cancel = { ...cancelOf(id), ...(end === "returned" ? whole : {}) };
          if (end === "held") await write((tx) => tx.holdForCancel(id, cancel.id, 300));
          else await carriedOut(cancel);
        }
        const flagged = approvalOf("flagged");
        await write((tx) => tx.insertApproval(flagged));
        await write((tx) => tx.moveApproval(flagged.id, ["reserved"], { state: "declined" }));
        await write((tx) => tx.markContradicted(flagged.id, at));

        const among = async (group: AttemptGroup) => {
          const orders = await store.read((tx) => tx.newestOrders(mid, { limit: 9, among: group }));
          return orders.map(({ orderId }) => orderId);
        };
        expect(await among("open")).toEqual(["flagged", "held", "reserved", "unknown"]);
        expect(await among("full")).toContain("full");
        expect(await among("full")).not.toContain("reduced");
        expect(await among("reduced")).toEqual(["reduced"]);
        expect(await among("returned")).toEqual(["returned"]);
        expect(await among("declined")).toContain("declined");
        expect(await among("not_sent")).toEqual(["not_sent"]);
      });
    });
  });
}
