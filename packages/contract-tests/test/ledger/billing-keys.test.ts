import { type ReservedKey, type ReservedKeyDeletion, Secret } from "@payapi/core";
import type { OrphanListOptions } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import { freshLedgers, rooms } from "./open-ledgers.js";

describe.each(rooms)("billing keys in a ledger, in %s", (_, open) => {
  const { ledger, another, opened, now, pass } = freshLedgers(open);

  const customerId = "alice";
  const yes = (billkey: string) => ({ outcome: "succeeded", billkey: new Secret(billkey) }) as const;

  async function reserved(replaces?: string): Promise<ReservedKey> {
    const reservation = await ledger.store.reserveKey({ customerId, ...(replaces ? { replaces } : {}) });
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    return reservation.call;
  }

  async function sent(replaces?: string): Promise<ReservedKey> {
    const call = await reserved(replaces);
    await ledger.store.markKeySending(call);
    return call;
  }

  async function issued(billkey = "BK1"): Promise<ReservedKey> {
    const call = await sent();
    await ledger.store.settleKey(call, yes(billkey));
    return call;
  }

  async function deletion(id: string): Promise<ReservedKeyDeletion> {
    const reservation = await ledger.store.reserveKeyDeletion(id);
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    return reservation.call;
  }

  const stateOf = async (id: string) => (await another.store.findKey(id))?.state;

  describe("recovery", () => {
    it("ends issues that were not sent after 60 s", async () => {
      const call = await reserved();
      pass(60);
      expect(await another.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
      pass(1);
      expect(await another.operations.recover()).toMatchObject({ notSent: 1, unknown: 0 });
      expect(await stateOf(call.id)).toBe("failed");
      await expect(ledger.store.markKeySending(call)).rejects.toMatchObject({ code: "not-yours" });
      expect(await ledger.keys.orphans()).toEqual([]);
    });

    it("makes issues that were sent orphans 30 s after their deadline", async () => {
      const call = await sent();
      pass(90);
      expect(await another.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
      pass(1);
      const done = await Promise.all([ledger.operations.recover(), another.operations.recover()]);
      expect(done.map(({ unknown }) => unknown).sort()).toEqual([0, 1]);
      expect(await stateOf(call.id)).toBe("unknown");
      const createdAt = new Date("2026-05-01T00:00:00Z");
      expect(await ledger.keys.orphans()).toEqual([
        {
          id: call.id,
          callId: call.callId,
          position: expect.any(Number),
          customerId,
          kind: "card",
          state: "unknown",
          createdAt,
          retrying: false,
        },
      ]);
    });

    it("frees a key for another replacement when the first one is silent", async () => {
      const { id } = await issued();
      await sent(id);
      pass(91);
      await another.operations.recover();
      expect(await stateOf(id)).toBe("active");
      const { key, retired } = await ledger.store.settleKey(await sent(id), yes("BK2"));
      expect(key.state).toBe("active");
      expect(retired?.billkey.reveal()).toBe("BK1");
    });

    it.each([
      ["a yes makes the key active", yes("BK1"), "active"],
      ["a no ends it", { outcome: "refused" }, "failed"],
      ["another unknown changes nothing", { outcome: "unknown" }, "unknown"],
    ] as const)("is corrected by the process that made the call: %s", async (_, outcome, state) => {
      const call = await sent();
      pass(91);
      await another.operations.recover();
      expect((await ledger.store.settleKey(call, outcome)).key.state).toBe(state);
    });
  });

  it("keeps an issue unknown when a refusal follows", async () => {
    const call = await sent();
    await ledger.store.settleKey(call, { outcome: "unknown" });
    for (const outcome of ["refused", "not-sent"] as const) {
      expect((await another.store.settleKey(call, { outcome })).key.state).toBe("unknown");
    }
    expect(await ledger.keys.orphans()).toHaveLength(1);
  });

  it("stops a key whose issue succeeds after it was reported as failed", async () => {
    const call = await sent();
    await ledger.store.settleKey(call, { outcome: "refused" });
    const { key, retired } = await ledger.store.settleKey(call, yes("BK1"));
    expect(key.state).toBe("deleting");
    expect(retired?.billkey.reveal()).toBe("BK1");
    expect(await another.store.revealKey(call.id)).toBeUndefined();
  });

  describe("orphans", () => {
    it("include stopped keys without a pending deletion", async () => {
      const { id } = await issued();
      const call = await deletion(id);
      expect(await ledger.keys.orphans()).toEqual([]);
      await ledger.store.settleKeyDeletion(call, {
        outcome: "refused",
        resultCode: "99",
        resultMessage: "불가",
      });
      expect(await another.keys.orphans()).toMatchObject([
        { id, callId: call.callId, state: "deleting", resultCode: "99", resultMessage: "불가" },
      ]);
    });

    it("include keys whose deletion is silent", async () => {
      const { id } = await issued();
      await deletion(id);
      pass(89);
      expect(await ledger.keys.orphans()).toEqual([]);
      expect(await ledger.store.reserveKeyDeletion(id)).toEqual({ status: "refused", reason: "in-progress" });
      pass(1);
      expect(await ledger.keys.orphans()).toHaveLength(1);
      expect(await another.store.reserveKeyDeletion(id)).toMatchObject({ status: "reserved" });
    });

    it("can be deleted again, also when another key has their id", async () => {
      const { id } = await issued("BK1");
      const { retired } = await ledger.store.settleKey(await sent(id), yes("BK2"));
      if (retired === undefined) throw new Error("Nothing was retired");
      expect(await ledger.keys.orphans()).toEqual([]);
      expect(await another.store.reserveKeyDeletionRetry(retired.callId)).toMatchObject({
        reason: "in-progress",
      });
      await ledger.store.settleKeyDeletion(retired, { outcome: "unknown" });
      const again = await another.store.reserveKeyDeletionRetry(retired.callId);
      if (again.status !== "reserved") throw new Error("Refused");
      expect(again.call.billkey.reveal()).toBe("BK1");
      expect(await ledger.store.reserveKeyDeletionRetry(retired.callId)).toEqual({
        status: "refused",
        reason: "in-progress",
      });
      await ledger.store.settleKeyDeletion(again.call, { outcome: "succeeded" });
      expect(await ledger.store.reserveKeyDeletionRetry(retired.callId)).toEqual({
        status: "refused",
        reason: "already-deleted",
      });
      expect((await ledger.store.revealKey(id))?.reveal()).toBe("BK2");
      expect(await ledger.keys.orphans()).toEqual([]);
    });

    it("exclude keys in use", async () => {
      const { callId } = await issued();
      const resolution = { actor: "kim", evidence: "console" };
      for (const each of [callId, "nothing", crypto.randomUUID()]) {
        expect(await ledger.store.reserveKeyDeletionRetry(each)).toEqual({
          status: "refused",
          reason: "no-such-key",
        });
        expect(await ledger.keys.closeOrphan(each, resolution)).toEqual({
          status: "refused",
          reason: "no-such-orphan",
        });
      }
    });

    it("are listed newest first, page by page and by kind", async () => {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const issue = await sent();
        await ledger.store.settleKey(issue, { outcome: "unknown" });
        const stopped = await deletion((await issued(`BK${i}`)).id);
        await ledger.store.settleKeyDeletion(stopped, { outcome: "unknown" });
        ids.unshift(stopped.callId, issue.callId);
      }
      const callIds = async (options?: OrphanListOptions) =>
        (await another.keys.orphans(options)).map(({ callId }) => callId);
      expect(await callIds()).toEqual(ids);
      const [, , third] = await ledger.keys.orphans({ limit: 3 });
      expect(third?.callId).toBe(ids[2]);
      expect(await callIds({ before: third?.position ?? 0 })).toEqual(ids.slice(3));
      expect(await callIds({ before: third?.position ?? 0, limit: 1 })).toEqual(ids.slice(3, 4));
      expect(await callIds({ state: "unknown", limit: 2 })).toEqual([ids[1], ids[3]]);
      expect(await callIds({ state: "deleting" })).toEqual([ids[0], ids[2], ids[4]]);
      expect(await callIds({ state: "deleting", before: third?.position ?? 0 })).toEqual([ids[4]]);
      for (const wrong of [{ limit: 0 }, { limit: 501 }, { state: "active" as "unknown" }]) {
        await expect(ledger.keys.orphans(wrong)).rejects.toMatchObject({ code: "invalid-argument" });
      }
    });

    it("include issues past their deadline before recovery, and exclude running ones", async () => {
      const { callId } = await sent();
      await reserved();
      pass(60);
      expect(await ledger.keys.orphans()).toEqual([]);
      pass(1);
      expect(await another.keys.orphans()).toMatchObject([{ callId, state: "unknown", retrying: false }]);
    });

    it("end with an operator's resolution, which is stored", async () => {
      const issue = await sent();
      await ledger.store.settleKey(issue, { outcome: "unknown" });
      const stopped = await deletion((await issued()).id);
      await ledger.store.settleKeyDeletion(stopped, { outcome: "unknown" });
      pass(660);
      const resolution = { actor: "kim", evidence: "console, 1 May, seen 09:20" };
      for (const { callId } of await ledger.keys.orphans()) {
        expect(await another.keys.closeOrphan(callId, resolution)).toMatchObject({ status: "closed" });
      }
      expect(await ledger.keys.orphans()).toEqual([]);
      expect(await stateOf(issue.id)).toBe("failed");
      expect(await stateOf(stopped.id)).toBe("deleted");
      for (const id of [issue.id, stopped.id]) {
        expect((await ledger.keys.timeline(id)).at(-1)).toMatchObject(resolution);
      }
    });

    const seen = { actor: "kim", evidence: "console, no key" };

    it("cannot be resolved as not issued while the gateway may still issue one", async () => {
      const call = await sent();
      await ledger.store.settleKey(call, { outcome: "unknown" });
      const notBefore = new Date("2026-05-01T00:11:00Z");
      const early = { status: "refused", reason: "too-early", notBefore };
      const lines = (await ledger.keys.timeline(call.id)).length;
      expect(await ledger.keys.closeOrphan(call.callId, seen)).toEqual(early);
      pass(659.999);
      expect(await another.keys.closeOrphan(call.callId, seen)).toEqual(early);
      expect(await ledger.keys.timeline(call.id)).toHaveLength(lines);
      expect(await ledger.keys.orphans()).toHaveLength(1);
      pass(0.001);
      expect(await another.keys.closeOrphan(call.callId, seen)).toEqual({
        status: "closed",
        key: { id: call.id, customerId, kind: "card", state: "failed" },
      });
    });

    it("can be resolved as not issued 10 minutes after they became unknown if nothing was sent", async () => {
      const call = await reserved();
      pass(30);
      await ledger.store.settleKey(call, { outcome: "unknown" });
      pass(599);
      const notBefore = new Date("2026-05-01T00:10:30Z");
      expect(await ledger.keys.closeOrphan(call.callId, seen)).toMatchObject({
        reason: "too-early",
        notBefore,
      });
      pass(1);
      expect(await ledger.keys.closeOrphan(call.callId, seen)).toMatchObject({ status: "closed" });
    });

    it("can be resolved immediately after an unconfirmed deletion", async () => {
      const call = await deletion((await issued()).id);
      await ledger.store.settleKeyDeletion(call, { outcome: "unknown" });
      expect(await ledger.keys.closeOrphan(call.callId, seen)).toMatchObject({
        status: "closed",
        key: { state: "deleted" },
      });
    });

    it("can be resolved before recovery of an issue whose process died", async () => {
      const call = await sent();
      pass(61);
      expect(await another.keys.closeOrphan(call.callId, seen)).toMatchObject({ reason: "too-early" });
      pass(600);
      expect(await another.keys.closeOrphan(call.callId, seen)).toMatchObject({ status: "closed" });
      expect((await ledger.keys.timeline(call.id)).map(({ to, actor }) => [to, actor])).toEqual([
        ["reserved", undefined],
        ["sending", undefined],
        ["unknown", "recovery"],
        ["failed", "kim"],
      ]);
    });

    it("that were resolved are stopped if the key is issued late", async () => {
      const call = await sent();
      await ledger.store.settleKey(call, { outcome: "unknown" });
      pass(660);
      await ledger.keys.closeOrphan(call.callId, seen);
      const { key, retired } = await another.store.settleKey(call, yes("BK1"));
      expect(key.state).toBe("deleting");
      expect(retired?.billkey.reveal()).toBe("BK1");
    });

    it("are resolved once by concurrent callers", async () => {
      const call = await sent();
      await ledger.store.settleKey(call, { outcome: "unknown" });
      pass(660);
      const done = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? ledger : another).keys.closeOrphan(call.callId, seen)),
      );
      expect(done.filter(({ status }) => status === "closed")).toHaveLength(1);
      expect((await ledger.keys.timeline(call.id)).filter(({ actor }) => actor === "kim")).toHaveLength(1);
    });
  });

  it("the timeline of a key lists everything that happened to it, in order", async () => {
    const first = await issued("BK1");
    const second = await sent(first.id);
    const { retired } = await ledger.store.settleKey(second, { ...yes("BK2"), resultCode: "00" });
    if (retired === undefined) throw new Error("Nothing was retired");
    await ledger.store.settleKeyDeletion(retired, { outcome: "succeeded" });
    const lines = await another.keys.timeline(first.id);
    expect(lines.map(({ callId, from, to }) => [callId === first.callId ? 1 : 2, from, to])).toEqual([
      [1, undefined, "reserved"],
      [1, "reserved", "sending"],
      [1, "sending", "active"],
      [2, undefined, "reserved"],
      [2, "reserved", "sending"],
      [1, "active", "deleting"],
      [2, "sending", "active"],
      [1, "deleting", "deleted"],
    ]);
    expect(lines[5]).toMatchObject({ actor: "replacement", at: now() });
    expect(lines[6]).toMatchObject({ outcome: "succeeded", resultCode: "00" });
    expect(await ledger.keys.timeline("nothing")).toEqual([]);
  });

  describe("importing a key", () => {
    const mobile = { customerId, kind: "mobile", billkey: "MB1" } as const;

    it("stores a key of the payment page, which can be charged, replaced and deleted", async () => {
      const key = await ledger.keys.import(mobile);
      expect(key).toEqual({ id: key.id, customerId, kind: "mobile", state: "active", issuedAt: now() });
      expect(await another.store.findKey(key.id)).toEqual(key);
      expect((await another.store.revealKey(key.id))?.reveal()).toBe("MB1");
      expect((await deletion(key.id)).billkey.reveal()).toBe("MB1");
      expect(await stateOf(key.id)).toBe("deleting");
    });

    it("stores a key once for 8 concurrent imports in two processes", async () => {
      const keys = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? ledger : another).keys.import(mobile)),
      );
      expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
      expect(await ledger.keys.list(customerId)).toEqual([keys[0]]);
      expect((await ledger.keys.import({ ...mobile, customerId: "bob" })).id).not.toBe(keys[0]?.id);
    });

    it.each([
      { ...mobile, customerId: "" },
      { ...mobile, billkey: "" },
      { ...mobile, billkey: "a b" },
      { ...mobile, billkey: "x".repeat(201) },
      { ...mobile, kind: "cash" as "card" },
    ])("refuses %j", async (key) => {
      await expect(ledger.keys.import(key)).rejects.toMatchObject({ code: "invalid-argument" });
      expect(await ledger.keys.list(customerId)).toEqual([]);
    });
  });

  it("lists the keys of one customerId only", async () => {
    const [first, second] = [await issued("BK1"), await issued("BK2")];
    await ledger.store.settleKey(await sent(first.id), yes("BK3"));
    await ledger.keys.import({ customerId: "bob", kind: "card", billkey: "BK4" });
    await deletion(second.id);
    const keys = await another.keys.list(customerId);
    expect(keys.map(({ id, state }) => [id, state])).toEqual([
      [first.id, "active"],
      [second.id, "deleting"],
    ]);
    expect(await ledger.keys.list("carol")).toEqual([]);
    const { ledger: other } = await opened();
    expect(await other.keys.list(customerId)).toEqual([]);
    expect(await other.store.findKey(first.id)).toBeUndefined();
    expect(await other.store.revealKey(first.id)).toBeUndefined();
  });
});
