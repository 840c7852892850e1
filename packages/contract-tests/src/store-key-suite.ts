import { randomUUID } from "node:crypto";
import { type DuePlace, type KeyRow, type KeyTransition, UniqueConflict } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { at, later, type Opened } from "./store-rows.js";

const encryptedUnder = (digit: string) => `${digit.repeat(16)}:${"A".repeat(16)}:${"A".repeat(22)}`;
const active = { state: "active", encryptedKey: encryptedUnder("0"), issuedAt: at } as const;
const nothingYet = {
  replaces: null,
  importNo: null,
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  settledBy: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
  issuedAt: null,
  deletionEndsAt: null,
  deleteAt: null,
  deletions: 0,
  unsentDeletions: 0,
};

/** Tests of billing keys, for every store. */
export function describeKeyRows(opened: () => Opened): void {
  const keyOf = (keyId: string, row: Partial<KeyRow> = {}): KeyRow => ({
    id: randomUUID(),
    mid: opened().mid,
    keyId,
    customerId: "alice",
    kind: "card",
    state: "reserved",
    encryptedKey: null,
    createdAt: at,
    ...nothingYet,
    ...row,
  });
  const entryOf = ({ id, mid, keyId, state }: KeyRow, from: KeyRow["state"] | null): KeyTransition => ({
    at,
    mid,
    keyId,
    rowId: id,
    from,
    to: state,
    outcome: null,
    failureCode: null,
    resultCode: null,
    resultMessage: null,
    actor: null,
    evidence: null,
  });
  const load = (keyId: string) => opened().store.loadKey(opened().mid, { keyId });
  const save = (version: number, rows: readonly KeyRow[], history: readonly KeyTransition[] = []) =>
    opened().store.save({
      mid: rows[0]?.mid ?? "",
      key: { keyId: rows[0]?.keyId ?? "", version, rows, history },
    });
  /** Saves rows of a key as it is now. */
  async function put(...rows: KeyRow[]): Promise<KeyRow> {
    const { version } = await load(rows[0]?.keyId ?? "");
    expect(await save(version, rows)).toBe("saved");
    return rows[0] as KeyRow;
  }

  describe("billing keys", () => {
    it("are loaded with all their rows and their version, by their id, by a row's and by the customer's", async () => {
      const { store, mid } = opened();
      const full = {
        ...active,
        replaces: null,
        importNo: 3,
        resultCode: "00",
        resultMessage: "정상",
        failureCode: "f",
        settledBy: "operator",
        sendingAt: later(1),
        deadlineAt: later(2),
        settledAt: later(3),
        deletionEndsAt: later(4),
        deleteAt: later(5),
        deletions: 2,
        unsentDeletions: 1,
      } as const;
      const old = await put(keyOf("k", full));
      const anew = keyOf("k", { replaces: old.id });
      await put(anew);
      const other = await put(keyOf("other"));
      await put(keyOf("another", { customerId: "bob" }));
      expect(await load("k")).toMatchObject({ rows: [old, anew], version: 2, database: undefined });
      expect((await load("k")).rows).toEqual([old, anew]);
      expect(await store.loadKey(mid, { rowId: anew.id })).toMatchObject({ rows: [old, anew], version: 2 });
      const all = await store.loadKey(mid, { customerId: "alice" });
      expect(all).toMatchObject({ rows: [old, anew, other], version: 0 });
      for (const question of [{ keyId: "none" }, { rowId: "none" }, { rowId: randomUUID() }]) {
        expect(await store.loadKey(mid, question)).toMatchObject({ rows: [], version: 0 });
      }
      expect(await store.loadKey(`${mid}-other`, { rowId: old.id })).toMatchObject({ rows: [], version: 0 });
      const compared = await store.loadKey(mid, { keyId: "k" }, { comparesDatabase: true });
      expect(compared.database?.identity).toBe(compared.database?.accepted.identity);
    });

    it("are saved only at the loaded version, with their history", async () => {
      const { store, mid } = opened();
      const row = keyOf("k");
      expect(await save(0, [row], [entryOf(row, null)])).toBe("saved");
      const failed = { ...row, state: "failed" } as const;
      for (const version of [0, 2]) {
        expect(await save(version, [failed], [entryOf(failed, "reserved")])).toBe("stale");
      }
      expect(await load("k")).toMatchObject({ rows: [row], version: 1 });
      // A change must not create a key that is missing from this database.
      expect(await save(1, [keyOf("missing")])).toBe("stale");
      expect(await load("missing")).toMatchObject({ rows: [], version: 0 });
      const changed = { ...failed, customerId: "bob", createdAt: later(1) };
      expect(await save(1, [changed], [entryOf(failed, "reserved")])).toBe("saved");
      expect(await load("k")).toMatchObject({ rows: [failed], version: 2 });
      const history = [entryOf(row, null), entryOf(failed, "reserved")];
      expect(await store.read((tx) => tx.keyTransitions(mid, "k"))).toEqual(history);
    });

    it("are saved once of many concurrent saves of a version", async () => {
      const old = await put(keyOf("k", active));
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          save(1, i % 2 === 0 ? [keyOf("k", { replaces: old.id })] : [{ ...old, state: "deleting" }]),
        ),
      );
      expect(results.filter((result) => result === "saved")).toHaveLength(1);
      expect(results.filter((result) => result === "stale")).toHaveLength(7);
      expect((await load("k")).version).toBe(2);
    });

    it.each([
      ["running issue", "billing_keys_one_running", {}],
      ["active key", "billing_keys_one_active", active],
    ])("have one %s for each id", async (_, constraint, row) => {
      await put(keyOf("k", row));
      const second = save(1, [keyOf("k", row)]);
      await expect(second).rejects.toBeInstanceOf(UniqueConflict);
      await expect(second).rejects.toMatchObject({ constraint });
      expect(await load("k")).toMatchObject({ rows: [{}], version: 1 });
      await put(keyOf("another", row));
    });

    it("have one imported key with a number for each customer, under concurrent imports", async () => {
      const imports = Array.from({ length: 8 }, (_, i) =>
        save(0, [keyOf(`k${i}`, { ...active, importNo: 1 })]),
      );
      const results = await Promise.allSettled(imports);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected")
          expect(result.reason).toMatchObject({ constraint: "billing_keys_import_no" });
      }
      await put(keyOf("later", { ...active, importNo: 2 }));
      await put(keyOf("bob", { ...active, customerId: "bob", importNo: 1 }));
    });

    it("are found when their deletion is due, the earliest due first and page by page", async () => {
      const { store, mid } = opened();
      const ids: string[] = [];
      for (const [i, ms] of [200, 100, 300, null].entries()) {
        const deleteAt = ms === null ? null : later(ms);
        ids.push((await put(keyOf(`k${i}`, { ...active, state: "deleting", deleteAt }))).id);
      }
      await put(keyOf("gone", { state: "deleted", deleteAt: later(1) }));
      const due = (limit: number, after?: DuePlace) =>
        store.read((tx) => tx.dueCalls(mid, "deletion", { now: later(299), limit, after }));
      const all = [
        { id: ids[1], at: later(100), of: "k1" },
        { id: ids[0], at: later(200), of: "k0" },
      ];
      expect(await due(10)).toEqual(all);
      expect(await due(1)).toEqual(all.slice(0, 1));
      expect(await due(1, (await due(1))[0])).toEqual(all.slice(1));
    });

    it("are found while their issue is silent, among the silent calls", async () => {
      const { store, mid } = opened();
      const sent = { state: "sending", sendingAt: at, deadlineAt: later(100) } as const;
      const reserved = await put(keyOf("reserved"));
      const sending = await put(keyOf("sending", sent));
      await put(keyOf("done", active));
      const stale = (reservedBefore: Date, deadlineBefore: Date, after?: string) =>
        store.read((tx) => tx.staleCalls(mid, { reservedBefore, deadlineBefore, limit: 9, after }));
      const call = { kind: "key", createdAt: at };
      const first = { ...call, id: reserved.id, of: "reserved", state: "reserved" };
      const second = { ...call, id: sending.id, of: "sending", state: "sending" };
      expect(await stale(at, later(100))).toEqual([]);
      expect(await stale(later(1), at)).toEqual([first]);
      expect(await stale(at, later(101))).toEqual([second]);
      const both = [first, second].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(await stale(later(1), later(101))).toEqual(both);
      expect(await stale(later(1), later(101), both[0]?.id)).toEqual(both.slice(1));
    });

    it("are counted by encryption secret until they are forgotten", async () => {
      const { store, mid } = opened();
      const counts = () => store.read((tx) => tx.countEncrypted(mid));
      expect(await counts()).toEqual([]);
      for (const [i, digit] of ["1", "0", "1", "1"].entries()) {
        await put(keyOf(`k${i}`, { ...active, encryptedKey: encryptedUnder(digit) }));
      }
      await put(keyOf("issuing"));
      const gone = await put(keyOf("gone", { ...active, encryptedKey: encryptedUnder("2") }));
      await put({ ...gone, state: "deleted", encryptedKey: null });
      expect(await save(0, [keyOf("other", { ...active, mid: `${mid}-other` })])).toBe("saved");
      expect(await counts()).toEqual([
        { fingerprint: "0".repeat(16), keys: 1 },
        { fingerprint: "1".repeat(16), keys: 3 },
      ]);
    });

    it("are listed as orphans newest first, with rising positions", async () => {
      const { store, mid } = opened();
      for (const keyId of ["a", "b", "c"]) await put(keyOf(keyId, { state: "unknown" }));
      const orphans = (page: { limit?: number; before?: number } = {}) =>
        store.read((tx) => tx.keys(mid, { orphans: { now: at, ...page } }));
      const all = await orphans();
      expect(all.map(({ keyId }) => keyId)).toEqual(["c", "b", "a"]);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => b - a));
      expect(await orphans({ limit: 1, before: positions[0] as number })).toEqual(all.slice(1, 2));
    });

    it("may have a pending replacement beside the active key, which the replacement ends in one save", async () => {
      const old = await put(keyOf("k", active));
      const anew = await put(keyOf("k", { replaces: old.id }));
      const issued = { ...anew, ...active };
      await expect(save(2, [issued])).rejects.toThrow(UniqueConflict);
      // In any order of the rows.
      await put(issued, { ...old, state: "deleting" });
      const { rows } = await load("k");
      expect(rows.map(({ state }) => state)).toEqual(["deleting", "active"]);
    });
  });
}
