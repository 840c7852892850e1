import { randomUUID } from "node:crypto";
import {
  type ApprovalRow,
  type ApprovalState,
  approvalStates,
  type CancelRow,
  type Changes,
  cancelStates,
  liveApprovalStates,
  openCancelStates,
} from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { conflict, type Opened, price, rowsFor, times } from "./store-rows.js";

const brokenRule = { name: "LedgerError", code: "broken-rule" };
const isLive = (state: string) => liveApprovalStates.some((each) => each === state);
const isOpen = (state: string) => openCancelStates.some((each) => each === state);

/** The other fields that a state requires. */
function inState(state: ApprovalState): Partial<ApprovalRow> {
  return { state, ...times, ...(state === "approved" ? { tid: "paid", remaining: price } : {}) };
}

/** What no save may break, for every store there is. */
export function describeRules(opened: () => Opened): void {
  const { attempt, approved, cancel, link, entry, put, load, save, refused } = rowsFor(opened);

  describe("attempts", () => {
    it.each(liveApprovalStates)("are rejected beside one that is %s", async (state) => {
      await put("a", { approvals: [attempt("a", inState(state))] });
      await refused("a", { approvals: [attempt("a", { attemptNo: 2 })] }, conflict("approvals_one_live"));
    });

    it.each(approvalStates.filter((state) => !isLive(state)))(
      "are added after one that is %s, which then cannot become active again",
      async (state) => {
        const first = attempt("a", inState(state));
        await put("a", { approvals: [first] });
        await put("a", { approvals: [attempt("a", { attemptNo: 2 })] });
        const revived = { approvals: [{ ...first, state: "mismatch" as const }] };
        await refused("a", revived, conflict("approvals_one_live"));
        expect((await load("a")).approvals.map((row) => row.attemptNo)).toEqual([1, 2]);
      },
    );

    it("can replace each other in one save", async () => {
      const first = attempt("a");
      await put("a", { approvals: [first] });
      const second = attempt("a", { attemptNo: 2 });
      await put("a", { approvals: [{ ...first, state: "declined" }, second] });
      expect((await load("a")).approvals).toMatchObject([{ state: "declined" }, { state: "reserved" }]);
    });

    const first = { oid: "x", authTid: "auth", tid: "paid", state: "net_cancelled" } as const;
    const fresh = { oid: "y", authTid: null, tid: null, attemptNo: 2, state: "declined" } as const;
    it.each([
      ["an order number without an authentication", "approvals_oid", { oid: "z" }],
      ["a transaction of a payment", "approvals_tid", { tid: "paid" }],
      ["a transaction of an authentication", "approvals_auth_tid", { authTid: "auth" }],
    ] as const)("of one merchant cannot share %s", async (_, constraint, shared) => {
      const others = [attempt("a", first), attempt("a", { oid: "z", attemptNo: 3, state: "declined" })];
      await put("a", { approvals: others });
      for (const orderId of ["a", "b"]) {
        await refused(
          orderId,
          { approvals: [attempt(orderId, { ...fresh, ...shared })] },
          conflict(constraint),
        );
      }
    });

    it("cannot share an oid and an authentication, in one save or in two", async () => {
      const twice = [1, 2].map((attemptNo) => attempt("a", { ...first, tid: null, attemptNo }));
      await expect(save("a", 0, { approvals: twice })).rejects.toMatchObject({ name: "UniqueConflict" });
      expect((await load("a")).version).toBe(0);
      await put("a", { approvals: twice.slice(0, 1) });
      await expect(save("a", 1, { approvals: twice.slice(1) })).rejects.toMatchObject({
        name: "UniqueConflict",
      });
      expect((await load("a")).approvals).toEqual(twice.slice(0, 1));
    });

    it("of the payment page can share an oid if their authentications differ", async () => {
      const rows = ["t1", "t2"].map((authTid, i) =>
        attempt("a", { oid: "a-L1", authTid, attemptNo: i + 1, state: "declined" }),
      );
      for (const row of rows) await put("a", { approvals: [row] });
      expect((await load("a")).approvals).toEqual(rows);
    });

    it("of one order cannot share a number", async () => {
      await put("a", { approvals: [attempt("a", { state: "declined" })] });
      await refused("a", { approvals: [attempt("a", { oid: "new" })] }, conflict("approvals_attempt"));
    });

    it("of different merchants can share every id, with their cancels and links", async () => {
      const { store, mid } = opened();
      const other = `${mid}-other`;
      for (const of of [mid, other]) {
        const payment = approved("a", { mid: of, tid: "t", authTid: "auth", remaining: 700 });
        const done = cancel(payment.id, { mid: of, state: "done", cancelTid: "c" });
        const changes: Changes = {
          entries: 0,
          reviewed: false,
          approvals: [payment],
          cancels: [done],
          links: [link("a", { mid: of })],
          audit: [],
          postings: [],
          events: [],
        };
        const order = { orderId: "a", version: 0, changes };
        expect(await store.save({ mid: of, order })).toBe("saved");
        expect((await store.load(of, "a")).order).toMatchObject({ approvals: [payment], cancels: [done] });
      }
    });

    it.each<[string, Partial<ApprovalRow>]>([
      ["a price of nothing", { price: 0, remaining: 0, state: "declined" }],
      ["a negative price", { price: -1, remaining: 0, state: "declined" }],
      ["an order number that the gateway does not take", { oid: "a b" }],
      ["more remaining than the price", { remaining: price + 1 }],
      ["less than nothing remaining", { remaining: -1 }],
      ["something remaining that is not the price without what was cancelled", { remaining: price - 1 }],
      ["something remaining without being approved", { state: "approved_mismatch" }],
      ["more held than remains", { held: price + 1, openCancel: randomUUID() }],
      ["less than nothing held", { held: -1, openCancel: randomUUID() }],
      ["something held without an open cancel", { held: 1 }],
      ["no transaction when approved", { tid: null }],
      ["no deadline while being sent", { state: "sending", remaining: 0, sendingAt: times.sendingAt }],
      [
        "no time of sending while being sent",
        { state: "sending", remaining: 0, deadlineAt: times.deadlineAt },
      ],
    ])("cannot have %s", async (_, wrong) => {
      const payment = approved("a");
      await refused("a", { approvals: [{ ...payment, ...wrong }] }, brokenRule);
      // What an attempt was made with is not written again.
      if ("price" in wrong || "oid" in wrong) return;
      await put("a", { approvals: [payment] });
      await refused("a", { approvals: [{ ...payment, ...wrong }] }, brokenRule);
    });

    it("reserve the amount of their open cancel, which may be zero", async () => {
      const holding = approved("a", { held: 300, openCancel: randomUUID() });
      const unknown = attempt("b", { state: "unknown", openCancel: randomUUID() });
      await put("a", { approvals: [holding] });
      await put("b", { approvals: [unknown] });
      expect((await load("a")).approvals).toEqual([holding]);
      expect((await load("b")).approvals).toEqual([unknown]);
    });
  });

  describe("cancels", () => {
    it.each(openCancelStates)("are rejected beside one that is %s", async (state) => {
      const payment = approved("a");
      await put("a", { approvals: [payment], cancels: [cancel(payment.id, { state, ...times })] });
      await refused("a", { cancels: [cancel(payment.id, { seq: 2 })] }, conflict("cancels_one_open"));
    });

    it.each(cancelStates.filter((state) => !isOpen(state)))(
      "are added after one that is %s, which then cannot be reopened",
      async (state) => {
        const payment = approved("a", { remaining: state === "done" ? 700 : price });
        const first = cancel(payment.id, { state });
        const second = cancel(payment.id, { seq: 2 });
        await put("a", { approvals: [payment], cancels: [first] });
        await put("a", { cancels: [second] });
        // A cancel that leaves `done` would return its amount, which another rule refuses.
        const whole = { approvals: [{ ...payment, remaining: price }] };
        const revived = { ...whole, cancels: [{ ...first, state: "unknown" as const }] };
        await refused("a", revived, conflict("cancels_one_open"));
        expect((await load("a")).cancels).toEqual([first, second]);
      },
    );

    it("of one payment cannot share a number", async () => {
      const payment = approved("a");
      await put("a", { approvals: [payment], cancels: [cancel(payment.id, { state: "refused" })] });
      await refused("a", { cancels: [cancel(payment.id)] }, conflict("cancels_seq"));
    });

    it("of one merchant cannot share a transaction", async () => {
      for (const orderId of ["a", "b"]) {
        const payment = approved(orderId);
        const first = cancel(payment.id, { state: "refused", cancelTid: `c-${orderId}` });
        await put(orderId, { approvals: [payment], cancels: [first] });
        const second = cancel(payment.id, { seq: 2, state: "refused", cancelTid: "c-a" });
        await refused(orderId, { cancels: [second] }, conflict("cancels_tid"));
      }
    });

    it("succeed as a full cancel once", async () => {
      const payment = approved("a");
      const full = { operation: "payments.cancel", state: "done" } as const;
      const halves = { cancelPrice: 500, confirmPrice: 500 };
      const first = cancel(payment.id, { ...full, ...halves });
      await put("a", { approvals: [{ ...payment, remaining: 500 }], cancels: [first] });
      const second = cancel(payment.id, { ...full, ...halves, seq: 2 });
      const changes = { approvals: [{ ...payment, remaining: 0 }], cancels: [second] };
      await refused("a", changes, conflict("cancels_one_full"));
      await put("a", { cancels: [{ ...second, state: "refused" }] });
      const part = cancel(payment.id, { ...halves, state: "done", seq: 3 });
      await put("a", { approvals: [{ ...payment, remaining: 0 }], cancels: [part] });
    });

    it.each<[string, Partial<CancelRow>]>([
      ["a price of nothing", { cancelPrice: 0 }],
      ["less than nothing that remains", { confirmPrice: -1 }],
      ["more than three repeats", { repeats: 4 }],
      ["less than no repeats", { repeats: -1 }],
      ["no deadline while being sent", { state: "sending", sendingAt: times.sendingAt }],
      ["no time of sending while being sent", { state: "sending", deadlineAt: times.deadlineAt }],
      ["their amount carried out and still remaining of the payment", { state: "done" }],
    ])("cannot have %s", async (_, wrong) => {
      const payment = approved("a");
      await put("a", { approvals: [payment] });
      await refused("a", { cancels: [cancel(payment.id, wrong)] }, brokenRule);
    });

    it("must belong to an attempt", async () => {
      await put("a", { approvals: [approved("a")] });
      await refused("a", { cancels: [cancel(randomUUID())], audit: [], postings: [] }, brokenRule);
    });
  });

  describe("books", () => {
    it.each([
      ["do not sum to zero", price, -price + 1],
      ["have one sign", price, price],
      ["move nothing", 0, 0],
    ])("reject a posting whose entries %s", async (_, gateway, paid) => {
      const { posting } = rowsFor(opened);
      const payment = approved("a");
      const wrong = [posting(payment.id, price, -price), posting(payment.id, gateway, paid)];
      await refused("a", { approvals: [payment], postings: wrong }, brokenRule);
      await put("a", { approvals: [payment], postings: wrong.slice(0, 1) });
      await refused("a", { approvals: [payment], postings: wrong }, brokenRule);
    });

    it("reject an entry without an attempt", async () => {
      const row = attempt("a");
      await put("a", { approvals: [row] });
      const stray = { id: randomUUID(), orderId: "a" };
      await refused("a", { audit: [entry(stray)] }, brokenRule);
      const strayCancel = entry(row, { cancelId: randomUUID() });
      await refused("a", { audit: [strayCancel] }, brokenRule);
    });
  });
}
