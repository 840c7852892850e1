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
    it("is compared with the accepted one, alone and in a load, which say whether it is the first", async () => {
      const { store, mid } = opened();
      const compared = async () => {
        const { now, ...alone } = await store.compareDatabase();
        expect(now).toBeInstanceOf(Date);
        const { database: ofOrder } = await store.load(mid, "a", { comparesDatabase: true });
        const { database: ofKey } = await store.loadKey(mid, { keyId: "a" }, { comparesDatabase: true });
        expect([ofOrder, ofKey]).toEqual([alone, alone]);
        return alone;
      };
      const made = await compared();
      expect(made).toMatchObject({ isFirst: true, accepted: { identity: made.identity } });
      expect((await store.load(mid, "a")).database).toBeUndefined();
      expect((await store.loadKey(mid, { keyId: "a" })).database).toBeUndefined();
      await store.acceptDatabase(other);
      const changed = { identity: made.identity, accepted: other, isFirst: false };
      expect(await compared()).toEqual(changed);
      const again = { ...other, identity: made.identity };
      await store.acceptDatabase(again);
      expect(await compared()).toEqual({ ...changed, accepted: again });
    });

    it("allows a save after another database was accepted only without onlyIfAccepted", async () => {
      const { store, mid } = opened();
      const { identity } = await store.compareDatabase();
      await listen();
      const row = attempt("a", { state: "declined" });
      const changes = { ...traces(row), approvals: [row] };
      const inbox = { insert: notification("k") };
      const asking = () => save("a", 0, changes, { inbox, onlyIfAccepted: true });
      await store.acceptDatabase(other);
      try {
        const before = await kept("a");
        expect(await asking()).toBe("database-changed");
        expect(await store.save({ mid, inbox, onlyIfAccepted: true })).toBe("database-changed");
        expect(await kept("a")).toEqual(before);
        const second = attempt("b");
        expect(await save("b", 0, { approvals: [second] })).toBe("saved");
      } finally {
        await store.acceptDatabase({ ...other, identity });
      }
      expect(await asking()).toBe("saved");
      expect(await kept("a")).toMatchObject({ order: { version: 1 }, audit: [{}], inbox: [{}], events: 1 });
    });
  });
}
