import { randomUUID } from "node:crypto";
import type { NewNotificationRow, NotificationWrite, NotifiedQuestion } from "@payapi/ledger/internal";
import { describe, expect, it } from "vitest";
import { at, conflict, type Opened, rowsFor } from "./store-rows.js";

/** Tests of notifications, for every store. */
export function describeNotifications(opened: () => Opened): void {
  const { attempt, link, event, notification, traces, ...rows } = rowsFor(opened);
  const { save, load, put, listen, kept } = rows;

  const write = (inbox: NotificationWrite) => opened().store.save({ mid: opened().mid, inbox });
  const insert = (row: NewNotificationRow) => write({ insert: row });
  const byId = async (id: string, mid = opened().mid) =>
    (await opened().store.read((tx) => tx.notifications(mid, { id })))[0];
  const newest = (page: { before?: number; effect?: NewNotificationRow["effect"]; limit?: number } = {}) =>
    opened().store.read((tx) => tx.notifications(opened().mid, { newest: { limit: 9, ...page } }));
  function ask(row: NotifiedQuestion["row"], question: Partial<NotifiedQuestion> = {}) {
    return opened().store.notified(opened().mid, {
      oid: "a-L1",
      tid: "t1",
      maskedTid: "masked",
      row,
      ...question,
    });
  }

  describe("notifications", () => {
    it("are kept once per trust level, unchanged, with differing content beside them", async () => {
      const { store, mid } = opened();
      const row = notification("k");
      expect(await insert(row)).toBe("saved");
      const asKept = {
        ...row,
        position: expect.any(Number),
        repeats: 0,
        releasedAt: null,
        releasedBy: null,
        releaseEvidence: null,
      };
      expect(await byId(row.id)).toEqual(asKept);
      expect(await newest()).toEqual([asKept]);
      await expect(insert(notification("k", { fingerprint: "other" }))).rejects.toMatchObject(
        conflict("notifications_first"),
      );
      await expect(insert(notification("k", { beside: true }))).rejects.toMatchObject(
        conflict("notifications_body"),
      );
      expect(await insert(notification("k", { listed: false }))).toBe("saved");
      const beside = { fingerprint: "other", beside: true };
      expect(await insert(notification("k", beside))).toBe("saved");
      await expect(insert(notification("k", beside))).rejects.toMatchObject(conflict("notifications_body"));
      expect((await ask(row)).first).toEqual(asKept);
      expect((await ask({ ...row, listed: false })).first).toMatchObject({ listed: false, beside: false });
      expect((await ask({ ...row, dedupeKey: "k2" })).first).toBeUndefined();
      expect(await newest()).toHaveLength(3);
      expect(await byId(row.id, `${mid}-other`)).toBeUndefined();
      expect(await byId("no id")).toBeUndefined();
      expect(await byId(randomUUID())).toBeUndefined();
      const other = { ...notification("k"), mid: `${mid}-other` };
      expect(await store.save({ mid: other.mid, inbox: { insert: other } })).toBe("saved");
    });

    it("are copied in and out", async () => {
      const row = notification("k", { fields: { a: "1" }, receivedAt: new Date(at) });
      await insert(row);
      const found = [await byId(row.id), ...(await newest()), (await ask(row)).first];
      for (const each of [row, ...found]) {
        Object.assign(each?.fields ?? {}, { a: "2" });
        each?.receivedAt.setTime(0);
      }
      expect(await byId(row.id)).toMatchObject({ fields: { a: "1" }, receivedAt: at });
    });

    it("are inserted once by concurrent callers", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 16 }, () => insert(notification("k", { fingerprint: randomUUID() }))),
      );
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected")
          expect(result.reason).toMatchObject(conflict("notifications_first"));
      }
      expect(await newest()).toHaveLength(1);
    });

    it("with the same body are counted on the row with that body", async () => {
      const first = notification("k");
      const others = [
        notification("k", { fingerprint: "other", beside: true }),
        notification("k", { listed: false }),
        notification("k2"),
      ];
      for (const row of [first, ...others]) await insert(row);
      expect(await write({ repeat: first })).toBe("saved");
      await put("a", { links: [link("a")] }, { inbox: { repeat: first } });
      await write({ repeat: { ...first, fingerprint: "strange" } });
      expect((await newest()).map(({ repeats }) => repeats)).toEqual([0, 0, 0, 2]);
      expect(await save("a", 0, {}, { inbox: { repeat: first } })).toBe("stale");
      expect((await ask(first)).first).toMatchObject({ repeats: 2 });
    });

    it("are saved together with the changes of their order and its events, or not at all", async () => {
      const { store, mid } = opened();
      await listen();
      const row = attempt("a");
      const changes = { ...traces(row), approvals: [row] };
      await put("a", changes, { inbox: { insert: notification("k") }, events: [event("else")] });
      const before = await kept("a");
      expect(before).toMatchObject({ audit: [{}], inbox: [{ dedupeKey: "k" }], events: 2 });
      const again = { insert: notification("k", { fingerprint: "other" }) };
      const more = { inbox: again, events: [event("else")] };
      await expect(save("a", 1, { ...changes, links: [link("a")] }, more)).rejects.toMatchObject(
        conflict("notifications_first"),
      );
      await expect(store.save({ mid, ...more })).rejects.toMatchObject(conflict("notifications_first"));
      expect(await save("a", 0, changes, { inbox: { insert: notification("k2") } })).toBe("stale");
      expect(await kept("a")).toEqual(before);
    });

    it("are listed newest first, page by page, and by their effect", async () => {
      const { store, mid } = opened();
      const effects = ["applied", "quarantined", "mismatch", "quarantined", "known"] as const;
      for (const [i, effect] of effects.entries()) await insert(notification(`k${i}`, { effect }));
      const keys = (found: Awaited<ReturnType<typeof newest>>) => found.map(({ dedupeKey }) => dedupeKey);
      const all = await newest();
      expect(keys(all)).toEqual(["k4", "k3", "k2", "k1", "k0"]);
      const first = await newest({ limit: 2 });
      expect(first).toEqual(all.slice(0, 2));
      const before = first.at(-1)?.position ?? 0;
      expect(await newest({ limit: 2, before })).toEqual(all.slice(2, 4));
      expect(keys(await newest({ effect: "quarantined" }))).toEqual(["k3", "k1"]);
      expect(keys(await newest({ effect: "quarantined", before }))).toEqual(["k1"]);
      expect(keys(await newest({ effect: "quarantined", limit: 1 }))).toEqual(["k3"]);
      expect(await newest({ effect: "ignored" })).toEqual([]);
      expect(await store.read((tx) => tx.notifications(`${mid}-other`, { newest: { limit: 9 } }))).toEqual(
        [],
      );
    });
  });

  describe("an earlier event that reported the same", () => {
    it("has the same kind, transaction and order", async () => {
      await put("a", { links: [link("a")] });
      await put("c", { links: [link("c")] });
      await insert(notification("k"));
      const asked = notification("k2");
      const isFound = async (
        row: Partial<NewNotificationRow> = {},
        question: Partial<NotifiedQuestion> = {},
      ) => (await ask({ ...asked, ...row }, question)).reportedOtherwise;
      expect(await isFound()).toBe(true);
      expect(await isFound({ listed: false })).toBe(true);
      expect(await isFound({ dedupeKey: "k" })).toBe(false);
      expect(await isFound({ kind: "mobile" })).toBe(false);
      expect(await isFound({ event: "cancelled" })).toBe(false);
      expect(await isFound({}, { oid: "c-L1" })).toBe(false);
      expect(await isFound({}, { oid: undefined })).toBe(false);
      expect(await isFound({}, { oid: "strange" })).toBe(false);
      expect(await isFound({}, { tid: "t2" })).toBe(false);
      // A notification from an unlisted source is stored with a masked transaction.
      expect(await isFound({}, { tid: "t2", maskedTid: "t1" })).toBe(true);
    });
  });

  describe("a release from quarantine", () => {
    const quarantined = { effect: "quarantined", reason: "source-not-listed", orderId: null } as const;
    const release = (id: string, orderId: string | null = "a") => ({
      release: {
        id,
        tid: "t2",
        verdict: { effect: "applied", reason: null, orderId } as const,
        actor: "kim",
        evidence: "console",
        at,
      },
    });
    const released = {
      tid: "t2",
      effect: "applied",
      reason: null,
      orderId: "a",
      releasedAt: at,
      releasedBy: "kim",
      releaseEvidence: "console",
    };

    it("applies the notification together with the change of its order", async () => {
      const row = notification("k", quarantined);
      await insert(row);
      const payment = attempt("a");
      await put("a", { ...traces(payment), approvals: [payment] }, { inbox: release(row.id) });
      expect(await byId(row.id)).toMatchObject({ ...row, ...released });
      expect((await kept("a")).audit).toHaveLength(1);
    });

    it("applies the notification without an order", async () => {
      const row = notification("k", quarantined);
      const other = notification("k2", quarantined);
      await insert(row);
      await insert(other);
      expect(await write(release(row.id))).toBe("saved");
      expect(await byId(row.id)).toMatchObject({ ...row, ...released });
      expect(await byId(other.id)).toMatchObject(quarantined);
    });

    it("writes nothing when the notification is not in quarantine or belongs to another merchant", async () => {
      const { store, mid } = opened();
      await listen();
      const applied = notification("k");
      const out = notification("k2", quarantined);
      const others = notification("k3", { ...quarantined, mid: `${mid}-other` });
      await insert(applied);
      await insert(out);
      await store.save({ mid: others.mid, inbox: { insert: others } });
      await write(release(out.id));
      const before = await kept("a");
      const payment = attempt("a");
      const changes = { ...traces(payment), approvals: [payment] };
      for (const id of [applied.id, out.id, others.id, randomUUID()]) {
        expect(await save("a", 0, changes, { inbox: release(id), events: [event("else")] })).toBe("gone");
        expect(await store.save({ mid, inbox: release(id), events: [event("else")] })).toBe("gone");
      }
      expect(await kept("a")).toEqual(before);
      expect(await byId(others.id, others.mid)).toMatchObject(quarantined);
    });

    it("writes nothing when the order has changed", async () => {
      const row = notification("k", quarantined);
      await insert(row);
      await put("a", { links: [link("a")] });
      expect(await save("a", 0, {}, { inbox: release(row.id) })).toBe("stale");
      expect(await byId(row.id)).toMatchObject(quarantined);
    });

    it("succeeds for one of several concurrent callers, even if each changes another order", async () => {
      await listen();
      const row = notification("k", quarantined);
      await insert(row);
      const orderIds = Array.from({ length: 8 }, (_, i) => `order-${i}`);
      // A caller that had to connect first would be too late for the race.
      await Promise.all([...orderIds, ...orderIds].map(load));
      const results = await Promise.all([
        ...orderIds.map((orderId) => {
          const payment = attempt(orderId);
          const changes = { ...traces(payment), approvals: [payment] };
          return save(orderId, 0, changes, { inbox: release(row.id, orderId) });
        }),
        ...orderIds.map(() =>
          opened().store.save({ mid: opened().mid, inbox: release(row.id), events: [event("else")] }),
        ),
      ]);
      expect(results.filter((result) => result === "saved")).toHaveLength(1);
      const versions = await Promise.all(orderIds.map(async (orderId) => (await load(orderId)).version));
      const won = results.indexOf("saved");
      expect(versions).toEqual(orderIds.map((_, i) => (i === won ? 1 : 0)));
      expect((await kept("a")).events).toBe(1);
    });
  });
}
