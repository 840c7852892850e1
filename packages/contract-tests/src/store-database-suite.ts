import { describe, expect, it } from "vitest";
import { at, type Opened, rowsFor } from "./store-rows.js";

/** Tests of detecting another database, for every store. */
export function describeDatabase(opened: () => Opened): void {
  const { attempt, traces, notification, save, kept, listen } = rowsFor(opened);
  const other = { identity: "another", at, actor: "lee", evidence: "a primary" };

  describe("the environment of a merchant", () => {
    it("is unknown until one is claimed, and then stays the first one", async () => {
      const { store, mid } = opened();
      expect(await store.environmentOf(mid)).toBeUndefined();
      const claims = await Promise.all([
        store.environmentOf(mid, "sandbox"),
        store.environmentOf(mid, "production"),
      ]);
      expect(new Set(claims).size).toBe(1);
      expect(await store.environmentOf(mid, "test")).toBe(claims[0]);
      expect(await store.environmentOf(mid)).toBe(claims[0]);
      expect(await store.environmentOf(`${mid}-other`)).toBeUndefined();
    });
  });

  describe("the identity of the database", () => {
    it("is compared in a load and in any transaction, which say whether it is the first accepted one", async () => {
      const { store, mid } = opened();
      const compared = () =>
        Promise.all([
          store.read((tx) => tx.database.compare()),
          store.transaction((tx) => tx.database.compare()),
          store.transaction((tx) => tx.database.compare(), { comparesDatabase: true }),
          store.load(mid, "a", { comparesDatabase: true }).then(({ database }) => database),
        ]);
      const [made, ...same] = await compared();
      expect(same).toEqual([made, made, made]);
      expect(made).toMatchObject({ isFirst: true, accepted: { identity: made.identity } });
      expect((await store.load(mid, "a")).database).toBeUndefined();
      const rolledBack = store.transaction(async (tx) => {
        await tx.database.accept(other);
        throw new Error("rolled back");
      });
      await expect(rolledBack).rejects.toThrow("rolled back");
      expect(await compared()).toEqual([made, made, made, made]);
      await store.transaction((tx) => tx.database.accept(other));
      const changed = { identity: made.identity, accepted: other, isFirst: false };
      expect(await compared()).toEqual([changed, changed, changed, changed]);
      const again = { ...other, identity: made.identity };
      await store.transaction((tx) => tx.database.accept(again));
      const back = { ...changed, accepted: again };
      expect(await compared()).toEqual([back, back, back, back]);
    });

    it("allows a save after another database was accepted only without onlyIfAccepted", async () => {
      const { store, mid } = opened();
      const { identity } = await store.read((tx) => tx.database.compare());
      await listen();
      const row = attempt("a", { state: "declined" });
      const changes = { ...traces(row), approvals: [row] };
      const inbox = { insert: notification("k") };
      const asking = () => save("a", 0, changes, { inbox, onlyIfAccepted: true });
      await store.transaction((tx) => tx.database.accept(other));
      try {
        const before = await kept("a");
        expect(await asking()).toBe("database-changed");
        expect(await store.save({ mid, inbox, onlyIfAccepted: true })).toBe("database-changed");
        expect(await kept("a")).toEqual(before);
        const second = attempt("b");
        expect(await save("b", 0, { approvals: [second] })).toBe("saved");
      } finally {
        await store.transaction((tx) => tx.database.accept({ ...other, identity }));
      }
      expect(await asking()).toBe("saved");
      expect(await kept("a")).toMatchObject({ order: { version: 1 }, audit: [{}], inbox: [{}], events: 1 });
    });
  });
}
