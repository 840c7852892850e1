import { describe, expect, it } from "vitest";
import { sampleAccount } from "../../src/store-contract/index.js";
import { pagesOf } from "./hosted-payment-states.js";
import { newOrder, newTid, payment, price, reservedApproval, sentApproval } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, deposits of 1 May" } as const;
const day = 86_400_000;

describe.each(rooms)("in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  describe("a worker", () => {
    it("recovers and delivers on two instances until it is stopped", async () => {
      let now = Date.now();
      const { ledger, another } = await room.ledgers({ clock: () => new Date(now) });
      const seen: string[] = [];
      let heard = () => {};
      const on = {
        approved: ({ orderId }: { readonly orderId: string }) => {
          seen.push(orderId);
          if (seen.length === 5) heard();
        },
      };
      const all = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const abandoned = await reservedApproval(ledger);
      now += 2 * 60_000;
      const workers = [ledger, another].map((each) =>
        each.operations.startWorker({ consumer: "shop", on, intervalMs: 5, recoverEveryMs: 5 }),
      );
      for (let i = 0; i < 5; i++) await payment(ledger);
      await all;
      await Promise.all(workers.map((worker) => worker.stop()));
      await payment(ledger);
      expect((await ledger.payments.find(abandoned.orderId))?.status).toBe("not-sent");
      expect(seen).toHaveLength(5);
      expect(new Set(seen).size).toBe(5);
    });

    it("reports failures and continues", async () => {
      const { ledger } = await room.ledgers();
      await payment(ledger);
      const failed = await new Promise<unknown>((resolve) => {
        ledger.operations.startWorker({
          consumer: "shop",
          intervalMs: 5,
          onError: (error, event) => resolve([error, event?.kind]),
          on: {
            approved: () => {
              throw new RangeError("no");
            },
          },
        });
      });
      expect(failed).toEqual([new RangeError("no"), "approved"]);
      await ledger.close();
    });
  });

  it("continues when onError throws", async () => {
    const { ledger } = await room.ledgers();
    await payment(ledger);
    await payment(ledger);
    let alarms = 0;
    await new Promise<void>((resolve) => {
      ledger.operations.startWorker({
        consumer: "shop",
        intervalMs: 5,
        onError: () => {
          if (++alarms === 2) resolve();
          throw new Error("no alarm today");
        },
        on: {
          approved: () => {
            throw new RangeError("no");
          },
        },
      });
    });
    await ledger.close();
    expect(alarms).toBe(2);
  });

  describe("closing", () => {
    it("waits for a handler that never ends up to its time limit, and can be called twice", async () => {
      const { ledger } = await room.ledgers({ closeTimeoutMs: 100 });
      await payment(ledger);
      await new Promise<void>((resolve) => {
        ledger.operations.startWorker({
          consumer: "shop",
          on: {
            approved: () => {
              resolve();
              return new Promise<void>(() => {});
            },
          },
        });
      });
      await Promise.all([ledger.close(), ledger.close()]);
    });

    it("refuses new workers while it closes and afterwards", async () => {
      const { ledger } = await room.ledgers();
      const call = await sentApproval(ledger);
      const alarms: unknown[] = [];
      const start = () =>
        ledger.operations.startWorker({
          consumer: "shop",
          on: {},
          intervalMs: 1,
          recoverEveryMs: 1,
          onError: (error) => alarms.push(error),
        });
      const closed = ledger.close();
      expect(start).toThrow(expect.objectContaining({ code: "closing" }));
      await ledger.store.settle(call, { outcome: "refused" });
      await closed;
      expect(start).toThrow(expect.objectContaining({ code: "closing" }));
      expect(alarms).toEqual([]);
    });

    it("waits for the calls of this process, and refuses new reservations", async () => {
      const { ledger } = await room.ledgers();
      const call = await sentApproval(ledger);
      const given = await reservedApproval(ledger);
      const steps: string[] = [];
      const closed = ledger.close().then(() => steps.push("closed"));
      await expect(
        ledger.store.reserveApproval({ orderId: newOrder(), price, payType: "card" }),
      ).rejects.toMatchObject({ code: "closing" });
      await expect(ledger.store.reserveCancel({ orderId: call.orderId })).rejects.toMatchObject({
        code: "closing",
      });
      await ledger.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
      steps.push("settled");
      await ledger.store.settle(given, { outcome: "not-sent" });
      steps.push("given up");
      await closed;
      expect(steps).toEqual(["settled", "given up", "closed"]);
    });

    it("waits for calls up to its time limit, and not for another process's calls", async () => {
      const { ledger, another } = await room.ledgers({ closeTimeoutMs: 20 });
      await sentApproval(ledger);
      await ledger.close();
      const patient = await room.ledgers();
      const call = await reservedApproval(patient.ledger);
      await patient.another.store.markSending(call);
      await expect(patient.ledger.store.markSending(call)).rejects.toMatchObject({ code: "not-yours" });
      await patient.ledger.close();
      await another.close();
    });
  });

  describe("a virtual account past its due date", () => {
    async function overdue() {
      let now = Date.parse("2026-05-01T00:00:00Z");
      const ledgers = await room.ledgers({ clock: () => new Date(now) });
      const pages = pagesOf(ledgers);
      const { orderId, oid } = await pages.link("vbank");
      const tid = newTid();
      const dueAt = new Date(now + 3 * day);
      await ledgers.ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount, dueAt });
      return {
        ...ledgers,
        pages,
        orderId,
        oid,
        tid,
        dueAt,
        pass(ms: number) {
          now += ms;
        },
      };
    }

    it("is listed until it is paid", async () => {
      const { ledger, another, orderId, oid, tid, dueAt, pass } = await overdue();
      expect(await ledger.payments.overdueAccounts()).toEqual([]);
      pass(3 * day + 1);
      const order = await ledger.payments.find(orderId);
      expect(await another.payments.overdueAccounts()).toEqual([{ orderId, oid, tid, price, dueAt, order }]);
      const settled = await ledger.payments.resolve(orderId, { outcome: "moved", tid, ...resolution });
      expect(settled).toMatchObject({ status: "settled", order: { status: "paid", tid } });
      expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
      expect((await ledger.payments.timeline(orderId)).at(-1)).toMatchObject({
        from: "awaiting_deposit",
        ...resolution,
      });
      expect(await another.payments.overdueAccounts()).toEqual([]);
    });

    it("is listed by its due date, so that old unpaid accounts do not fill the list", async () => {
      const { ledger, pages, orderId, dueAt, pass } = await overdue();
      const unheard = await pages.link("vbank");
      await ledger.store.receiveNotification(
        pages.samples.accountIssued({ oid: unheard.oid, tid: newTid() }),
      );
      pass(400 * day);
      const since = async (dueSince?: Date) =>
        (await ledger.payments.overdueAccounts(dueSince && { dueSince })).map((account) => account.orderId);
      const tenthDay = new Date("2026-05-11T15:00:00Z");
      expect(await since()).toEqual([orderId, unheard.orderId]);
      expect(await since(dueAt)).toEqual([orderId, unheard.orderId]);
      expect(await since(new Date(dueAt.getTime() + 1))).toEqual([unheard.orderId]);
      expect(await since(tenthDay)).toEqual([unheard.orderId]);
      expect(await since(new Date(tenthDay.getTime() + 1))).toEqual([]);
      await expect(ledger.payments.overdueAccounts({ dueSince: new Date(Number.NaN) })).rejects.toMatchObject(
        {
          code: "invalid-argument",
        },
      );
    });

    it("can be closed, and a later deposit is a mismatch", async () => {
      const { ledger, pages, orderId, oid, tid, pass } = await overdue();
      const close = () => ledger.payments.resolve(orderId, { outcome: "not-moved", ...resolution });
      expect(await close()).toMatchObject({ status: "refused", reason: "too-early" });
      pass(4 * day);
      expect(await close()).toMatchObject({ status: "settled", order: { status: "not-sent" } });
      expect(await ledger.payments.overdueAccounts()).toEqual([]);
      const receipt = await ledger.store.receiveNotification(pages.samples.deposited({ oid, tid, price }));
      expect(receipt.effect).toBe("mismatch");
      expect((await ledger.payments.find(orderId))?.status).toBe("needs-review");
      expect(await ledger.payments.balance(orderId)).toMatchObject({ gateway: price, suspense: price });
    });

    it("is listed after ten days if its due date is unknown, and cannot be closed before", async () => {
      // Ten o'clock in the evening of 1 May in Korea; the tenth day after it ends at midnight.
      let now = Date.parse("2026-05-01T13:00:00Z");
      const ledgers = await room.ledgers({ clock: () => new Date(now) });
      const { ledger, another } = ledgers;
      const pages = pagesOf(ledgers);
      const { orderId, oid } = await pages.link("vbank");
      const tid = newTid();
      const { effect } = await ledger.store.receiveNotification(
        pages.samples.accountIssued({ oid, tid, price }),
      );
      expect(effect).toBe("applied");
      const close = () => ledger.payments.resolve(orderId, { outcome: "not-moved", ...resolution });
      const dueAt = new Date("2026-05-11T15:00:00Z");
      now = dueAt.getTime();
      expect(await ledger.payments.overdueAccounts()).toEqual([]);
      const notBefore = new Date(dueAt.getTime() + 10 * 60_000);
      expect(await close()).toMatchObject({ status: "refused", reason: "too-early", notBefore });
      now += 1;
      const order = await ledger.payments.find(orderId);
      expect(await another.payments.overdueAccounts()).toEqual([{ orderId, oid, tid, price, dueAt, order }]);
      expect(order?.account?.dueAt).toBeUndefined();
      now = notBefore.getTime();
      expect(await close()).toMatchObject({ status: "settled", order: { status: "not-sent" } });
      expect(await another.payments.overdueAccounts()).toEqual([]);
    });

    it("cannot be resolved while another payment of the order is active", async () => {
      const { ledger, orderId, tid } = await overdue();
      await ledger.store.settle(await sentApproval(ledger, orderId), {
        outcome: "succeeded",
        tid: newTid(),
        price,
      });
      expect(await ledger.payments.resolve(orderId, { outcome: "moved", tid, ...resolution })).toMatchObject({
        status: "refused",
        reason: "paid-otherwise",
      });
      expect(await ledger.payments.overdueAccounts()).toEqual([]);
    });
  });

  describe("a notification from a source that is not listed", () => {
    it("has its effect once when an operator releases it", async () => {
      const ledgers = await room.ledgers();
      const { ledger, another } = ledgers;
      const pages = pagesOf(ledgers);
      const { orderId, ...paid } = await pages.awaiting();
      const received = pages.samples.deposited({ ...paid, price });
      const unlisted = { ...received, source: { ...received.source, listed: false } };
      expect(await ledger.store.receiveNotification(unlisted)).toMatchObject({ effect: "quarantined" });
      const [held] = await ledger.notifications.list({ effect: "quarantined" });
      if (held === undefined) throw new Error("Nothing quarantined");
      const releases = await Promise.allSettled(
        [ledger, another, ledger, another].map((each) => each.notifications.release(held.id, resolution)),
      );
      expect(releases.filter(({ status }) => status === "fulfilled")).toMatchObject([
        { value: { effect: "applied", orderId } },
      ]);
      for (const release of releases) {
        if (release.status === "rejected") expect(release.reason).toMatchObject({ code: "no-such-call" });
      }
      expect((await ledger.payments.find(orderId))?.status).toBe("paid");
      expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
      expect(await ledger.notifications.list()).toMatchObject([
        { id: held.id, effect: "applied", released: resolution },
      ]);
      expect(await ledger.store.receiveNotification(received)).toMatchObject({ effect: "known" });
    });

    it("is still compared with the request", async () => {
      const ledgers = await room.ledgers();
      const { ledger } = ledgers;
      const pages = pagesOf(ledgers);
      const { orderId, ...paid } = await pages.awaiting();
      const received = pages.samples.deposited({ ...paid, price: price + 1 });
      await ledger.store.receiveNotification({ ...received, source: { ...received.source, listed: false } });
      const [held] = await ledger.notifications.list({ effect: "quarantined" });
      expect(await ledger.notifications.release(held?.id ?? "", resolution)).toMatchObject({
        effect: "mismatch",
      });
      expect((await ledger.payments.find(orderId))?.status).toBe("awaiting-deposit");
      for (const id of [held?.id ?? "", "nothing"]) {
        await expect(ledger.notifications.release(id, resolution)).rejects.toMatchObject({
          code: "no-such-call",
        });
      }
    });
  });
});
