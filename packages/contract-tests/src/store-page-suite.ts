import { randomUUID } from "node:crypto";
import type { LedgerStore, LedgerTransaction, NewApproval, NewInboxRow } from "@payapi/ledger/store";
import { beforeEach, describe, expect, it } from "vitest";

const price = 1_000;
const at = new Date("2026-05-01T00:00:00.123Z");

/** What the ledger's rules about the payment page and notifications rely on, for every store there is. */
export function describePageRows(opened: () => { readonly store: LedgerStore; readonly mid: string }): void {
  let store: LedgerStore;
  let mid: string;
  beforeEach(() => {
    ({ store, mid } = opened());
  });

  const write = <T>(work: (tx: LedgerTransaction) => Promise<T>) => store.transaction(work);
  const rowsOf = (orderId: string) => store.read((tx) => tx.ordersRows(mid, [orderId]));

  function approvalOf(orderId: string, attemptNo = 1): NewApproval {
    const oid = `${orderId}-${attemptNo}`;
    return { id: randomUUID(), mid, orderId, attemptNo, oid, payType: "card", price, createdAt: at };
  }

  describe("attempts of the payment page", () => {
    const pageAttempt = (orderId: string, attemptNo: number, authTid: string): NewApproval => ({
      ...approvalOf(orderId, attemptNo),
      oid: `${orderId}-L1`,
      authTid,
    });

    async function insertDeclined(row: NewApproval): Promise<boolean> {
      if ((await write((tx) => tx.insertApproval(row))) === undefined) return false;
      await write((tx) => tx.moveApproval(row.id, ["reserved"], { state: "declined" }));
      return true;
    }

    it("share an order number, but no transaction of any attempt", async () => {
      expect(await insertDeclined(pageAttempt("a", 1, "t1"))).toBe(true);
      expect(await insertDeclined(pageAttempt("a", 2, "t2"))).toBe(true);
      expect(await insertDeclined(pageAttempt("a", 3, "t2"))).toBe(false);
      expect(await insertDeclined(pageAttempt("b", 1, "t1"))).toBe(false);
      expect(await write((tx) => tx.tidIsKnown(mid, "t1"))).toBe(true);
      expect(await write((tx) => tx.orderOfOid(mid, "a-L1"))).toBe("a");
      expect(await write((tx) => tx.orderOfOid(mid, "b-L1"))).toBeUndefined();
    });

    it("are held by one network cancel while they are unknown", async () => {
      const row = pageAttempt("a", 1, "t1");
      await write((tx) => tx.insertApproval(row));
      const hold = (id = randomUUID()) => write((tx) => tx.holdForNetworkCancel(row.id, id));
      expect(await hold()).toBeUndefined();
      await write((tx) => tx.moveApproval(row.id, ["reserved"], { state: "unknown" }));
      const cancelId = randomUUID();
      expect(await hold(cancelId)).toMatchObject({ openCancel: cancelId, held: 0 });
      expect(await hold()).toBeUndefined();
      await write((tx) => tx.releaseHold(row.id, cancelId));
      await write((tx) => tx.markContradicted(row.id, at));
      expect(await hold()).toBeUndefined();
      const other = approvalOf("b");
      await write((tx) => tx.insertApproval(other));
      await write((tx) => tx.moveApproval(other.id, ["reserved"], { state: "unknown" }));
      expect(await write((tx) => tx.holdForNetworkCancel(other.id, randomUUID()))).toBeUndefined();
    });

    it("wait for a deposit without standing in another's way, and keep the account known first", async () => {
      const account = { accountNumber: "1", accountBank: null, accountHolder: null, accountDueAt: at };
      const row = { ...pageAttempt("a", 1, "t1"), state: "awaiting_deposit", ...account } as const;
      expect(await write((tx) => tx.insertApproval(row))).toMatchObject(account);
      expect(await write((tx) => tx.insertApproval(approvalOf("a", 2)))).toBeDefined();
      const later = {
        accountNumber: "2",
        accountBank: "04",
        accountHolder: null,
        accountDueAt: new Date(),
      };
      await write((tx) => tx.completeAccount(row.id, later));
      expect((await rowsOf("a")).approvals[0]).toMatchObject({ ...account, accountBank: "04" });
    });
  });

  describe("links", () => {
    const linkOf = (orderId: string, linkNo = 1) => ({
      token: randomUUID().replaceAll("-", "").slice(0, 22),
      mid,
      orderId,
      linkNo,
      oid: `${orderId}-L${linkNo}`,
      payType: "card",
      price,
      createdAt: at,
      openUntil: at,
    });

    it("are one that is not closed for each order, with numbers of their own", async () => {
      const first = linkOf("a");
      const made = await write((tx) => tx.links.insert(first));
      expect(made).toEqual({ ...first, state: "making", url: null, closedAt: null });
      expect(await write((tx) => tx.links.insert(linkOf("a", 2)))).toBeUndefined();
      const open = { state: "open", url: "https://pay.example" } as const;
      expect(await write((tx) => tx.links.move(first.token, ["making"], open))).toMatchObject(open);
      expect(await write((tx) => tx.links.move(first.token, ["making"], open))).toBeUndefined();
      expect(await write((tx) => tx.links.insert(linkOf("a", 2)))).toBeUndefined();
      await write((tx) => tx.links.move(first.token, ["open"], { state: "closed", closedAt: at }));
      expect(await write((tx) => tx.links.insert(linkOf("a", 1)))).toBeUndefined();
      expect(await write((tx) => tx.links.insert({ ...linkOf("b", 1), oid: "a-L1" }))).toBeUndefined();
      expect(await write((tx) => tx.links.insert({ ...linkOf("a", 1), oid: "a-L3" }))).toBeUndefined();
      const second = await write((tx) => tx.links.insert(linkOf("a", 2)));
      expect(await write((tx) => tx.links.lock(mid, "a"))).toMatchObject([{ linkNo: 1 }, { linkNo: 2 }]);
      expect(await store.read((tx) => tx.links.byOid(mid, "a-L2"))).toEqual(second);
      expect(await store.read((tx) => tx.links.byToken(mid, first.token))).toMatchObject({
        state: "closed",
        closedAt: at,
      });
      expect(await store.read((tx) => tx.links.byToken("other", first.token))).toBeUndefined();
    });

    it("are open nowhere without an address, and leave nothing behind when the work throws", async () => {
      const row = linkOf("a");
      await write((tx) => tx.links.insert(row));
      await expect(write((tx) => tx.links.move(row.token, ["making"], { state: "open" }))).rejects.toThrow();
      const work = write(async (tx) => {
        await tx.links.move(row.token, ["making"], { state: "closed" });
        throw new Error("on purpose");
      });
      await expect(work).rejects.toThrow("on purpose");
      expect(await write((tx) => tx.links.insert(linkOf("a", 2)))).toBeUndefined();
    });
  });

  describe("notifications", () => {
    const entryOf = (dedupeKey: string, fingerprint = "f", listed = true): NewInboxRow => ({
      id: randomUUID(),
      mid,
      dedupeKey,
      beside: false,
      fingerprint,
      kind: "deposit",
      event: "deposited",
      oid: "a-L1",
      tid: "t1",
      price,
      account: "1",
      occurredAt: at,
      fields: { 'a "quoted" name': "값", constructor: "x" },
      source: "203.0.113.1",
      listed,
      effect: "applied",
      reason: null,
      orderId: "a",
      receivedAt: at,
    });
    const insert = (row: NewInboxRow) => write((tx) => tx.inbox.insert(row));

    it("are kept once for each trust, as they were", async () => {
      const row = entryOf("k");
      const kept = await insert(row);
      expect(kept).toMatchObject({ ...row, position: expect.any(Number), repeats: 0 });
      expect(await insert(entryOf("k", "other"))).toBeUndefined();
      expect(await insert(entryOf("k", "f", false))).toBeDefined();
      expect(await insert({ ...entryOf("k", "other"), beside: true })).toBeDefined();
      expect(await insert({ ...entryOf("k", "other"), beside: true })).toBeUndefined();
      expect(await write((tx) => tx.inbox.first(row))).toEqual(kept);
      await write((tx) => tx.inbox.countRepeat(row, "other"));
      const listed = await store.read((tx) => tx.inbox.newest(mid, { limit: 9 }));
      expect(listed.map(({ beside, repeats }) => [beside, repeats])).toEqual([
        [true, 1],
        [false, 0],
        [false, 0],
      ]);
    });

    it("are inserted once by many at once", async () => {
      const rows = await Promise.all(Array.from({ length: 16 }, () => insert(entryOf("k"))));
      expect(rows.filter((row) => row !== undefined)).toHaveLength(1);
    });

    it("are judged, and found by their effect and by what else they report", async () => {
      const row = entryOf("k");
      await insert(row);
      const verdict = { effect: "conflicting", reason: "reversed", orderId: "b" } as const;
      await write((tx) => tx.inbox.judge(row.id, verdict));
      const page = { limit: 9, effect: "conflicting" } as const;
      expect(await store.read((tx) => tx.inbox.newest(mid, page))).toMatchObject([verdict]);
      expect(await store.read((tx) => tx.inbox.newest(mid, { ...page, effect: "applied" }))).toEqual([]);
      await write((tx) => tx.inbox.recogniseTid(row.id, "t2"));
      expect(await store.read((tx) => tx.inbox.newest(mid, page))).toMatchObject([{ ...verdict, tid: "t2" }]);
      await write((tx) => tx.inbox.recogniseTid(row.id, "t1"));
      await insert(entryOf("k2"));
      const other = (dedupeKey: string, orderId = "a") =>
        write((tx) => tx.inbox.reportedOtherwise(entryOf(dedupeKey), orderId));
      expect([await other("k3"), await other("k2"), await other("k3", "c")]).toEqual([
        "believed",
        undefined,
        undefined,
      ]);
    });

    it("are told apart by whether they were taken for money", async () => {
      const other = (orderId: string) =>
        write((tx) => tx.inbox.reportedOtherwise(entryOf("another"), orderId));
      const listed = entryOf("k");
      await insert(listed);
      const reasons = { reversed: "kept", duplicate: "believed", "amount-differs": "kept" } as const;
      for (const [reason, found] of Object.entries(reasons)) {
        const verdict = {
          effect: "conflicting",
          reason: reason as keyof typeof reasons,
          orderId: "b",
        } as const;
        await write((tx) => tx.inbox.judge(listed.id, verdict));
        expect(await other("b")).toBe(found);
      }
      const held = { effect: "quarantined", reason: "source-not-listed", orderId: "c" } as const;
      const unlisted = { ...entryOf("k2", "f", false), ...held };
      await insert(unlisted);
      expect(await other("c")).toBe("kept");
      await write((tx) => tx.inbox.judge(unlisted.id, { ...held, effect: "known", reason: null }));
      expect(await other("c")).toBe("kept");
      await write((tx) => tx.inbox.judge(unlisted.id, held));
      await write((tx) => tx.inbox.release(mid, unlisted.id, { actor: "kim", evidence: "console", at }));
      expect(await other("c")).toBe("kept");
      await write((tx) => tx.inbox.judge(unlisted.id, { ...held, effect: "applied", reason: null }));
      expect(await other("c")).toBe("believed");
    });
  });
}
