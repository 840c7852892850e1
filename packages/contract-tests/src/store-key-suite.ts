import { randomUUID } from "node:crypto";
import {
  type DuePlace,
  type LedgerStore,
  type LedgerTransaction,
  type NewKey,
  UniqueConflict,
} from "@payapi/ledger/internal";
import { beforeEach, describe, expect, it } from "vitest";

const at = new Date("2026-05-01T00:00:00.123Z");
const encryptedKey = `${"0".repeat(16)}:${"A".repeat(16)}:${"A".repeat(22)}`;

/** Tests of billing keys, for every store. */
export function describeKeyRows(opened: () => { readonly store: LedgerStore; readonly mid: string }): void {
  let store: LedgerStore;
  let mid: string;
  beforeEach(() => {
    ({ store, mid } = opened());
  });

  const write = <T>(work: (tx: LedgerTransaction) => Promise<T>) => store.transaction(work);
  const keyOf = (keyId: string, row: Partial<NewKey> = {}): NewKey => ({
    id: randomUUID(),
    mid,
    keyId,
    customerId: "alice",
    kind: "card",
    replaces: null,
    createdAt: at,
    ...row,
  });
  const active = { state: "active", encryptedKey, issuedAt: at } as const;

  describe("billing keys", () => {
    it.each([
      ["one that is running", {}],
      ["one that is active", active],
    ])("have %s for each id under concurrent inserts", async (_, row) => {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => write((tx) => tx.keys.insertKey(keyOf("k", row)))),
      );
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(UniqueConflict);
      }
      expect(await store.read((tx) => tx.keys.rowsOfKey(mid, "k"))).toHaveLength(1);
      await write((tx) => tx.keys.insertKey(keyOf("another", row)));
    });

    it("are found when their deletion is due, the earliest due first and page by page", async () => {
      const later = (ms: number) => new Date(at.getTime() + ms);
      const ids: string[] = [];
      for (const [i, ms] of [200, 100, 300, null].entries()) {
        const { id } = await write((tx) => tx.keys.insertKey(keyOf(`k${i}`, active)));
        ids.push(id);
        const deleteAt = ms === null ? null : later(ms);
        await write((tx) => tx.keys.moveKey(id, ["active"], { state: "deleting", deleteAt }));
      }
      const gone = await write((tx) => tx.keys.insertKey(keyOf("gone", active)));
      await write((tx) =>
        tx.keys.moveKey(gone.id, ["active"], { state: "deleted", encryptedKey: null, deleteAt: later(1) }),
      );
      const due = (limit: number, after?: DuePlace) =>
        store.read((tx) => tx.keys.dueDeletions(mid, { now: later(299), limit, after }));
      const all = [
        { id: ids[1], at: later(100) },
        { id: ids[0], at: later(200) },
      ];
      expect(await due(10)).toEqual(all);
      expect(await due(1)).toEqual(all.slice(0, 1));
      expect(await due(1, (await due(1))[0])).toEqual(all.slice(1));
      expect(await store.read((tx) => tx.keys.countDueDeletions(mid, later(199)))).toBe(1);
      expect(await store.read((tx) => tx.keys.countDueDeletions(mid, later(300)))).toBe(3);
    });

    it("are counted by encryption secret until they are forgotten", async () => {
      const under = (digit: string) => `${digit.repeat(16)}:${"A".repeat(16)}:${"A".repeat(22)}`;
      const counts = () => store.read((tx) => tx.keys.countEncrypted(mid));
      expect(await counts()).toEqual([]);
      for (const [i, digit] of ["1", "0", "1", "1"].entries()) {
        await write((tx) => tx.keys.insertKey(keyOf(`k${i}`, { ...active, encryptedKey: under(digit) })));
      }
      await write((tx) => tx.keys.insertKey(keyOf("issuing")));
      const gone = await write((tx) =>
        tx.keys.insertKey(keyOf("gone", { ...active, encryptedKey: under("2") })),
      );
      await write((tx) => tx.keys.moveKey(gone.id, ["active"], { state: "deleted", encryptedKey: null }));
      const other = await write((tx) =>
        tx.keys.insertKey(keyOf("other", { ...active, mid: `${mid}-other` })),
      );
      expect(other.mid).not.toBe(mid);
      expect(await counts()).toEqual([
        { fingerprint: "0".repeat(16), keys: 1 },
        { fingerprint: "1".repeat(16), keys: 3 },
      ]);
    });

    it("have rising positions", async () => {
      const positions: number[] = [];
      for (const keyId of ["a", "b", "c"]) {
        positions.push((await write((tx) => tx.keys.insertKey(keyOf(keyId)))).position);
      }
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      expect(new Set(positions).size).toBe(3);
      const [row] = await store.read((tx) => tx.keys.rowsOfKey(mid, "b"));
      expect(row?.position).toBe(positions[1]);
    });

    it("may have a pending replacement beside the active key", async () => {
      const old = await write((tx) => tx.keys.insertKey(keyOf("k", active)));
      const anew = await write((tx) => tx.keys.insertKey(keyOf("k", { replaces: old.id })));
      await expect(write((tx) => tx.keys.moveKey(anew.id, ["reserved"], active))).rejects.toThrow(
        UniqueConflict,
      );
      await write(async (tx) => {
        await tx.keys.moveKey(old.id, ["active"], { state: "deleting" });
        await tx.keys.moveKey(anew.id, ["reserved"], active);
      });
      const rows = await store.read((tx) => tx.keys.rowsOfKey(mid, "k"));
      expect(rows.map(({ state }) => state)).toEqual(["deleting", "active"]);
    });
  });
}
