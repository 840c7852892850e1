import type { CancelRequest } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pagesOf } from "./hosted-payment-states.js";
import { newOrder, newTid, payment, price, sentApproval, settled } from "./ledger-states.js";
import { type LedgerRoom, type OpenLedgers, rooms } from "./open-ledgers.js";

/** Gives a text to a ledger and reads it back; `undefined` if this store does not keep it. */
type Giver = (opened: OpenLedgers, text: string) => Promise<unknown>;

const resolution = { actor: "kim", evidence: "console" };

type Group = Exclude<keyof Ledger, "close" | "environment">;
/** A method of a ledger with its group, such as `payments.find`. */
type Method = { [Name in Group]: `${Name}.${Extract<keyof Ledger[Name], string>}` }[Group];

/** Methods that keep no texts of persons. */
type WithoutText =
  | "events.consumers"
  | "events.deadLetters"
  | "events.redeliver"
  | "events.removeConsumer"
  | "keys.import"
  | "keys.list"
  | "keys.orphans"
  | "keys.rotateSecrets"
  | "keys.secrets"
  | "keys.timeline"
  | "notifications.list"
  | "operations.compareTransactions"
  | "operations.database"
  | "operations.health"
  | "operations.journal"
  | "operations.recover"
  | "operations.runOnce"
  | "operations.startWorker"
  | "payments.balance"
  | "payments.find"
  | "payments.list"
  | "payments.needsReview"
  | "payments.overdueAccounts"
  | "payments.timeline"
  | "store.beginRequest"
  | "store.closeLink"
  | "store.consumeRateLimit"
  | "store.endRequest"
  | "store.findKey"
  | "store.findLink"
  | "store.findNotified"
  | "store.findOrder"
  | "store.releaseRateLimit"
  | "store.markKeySending"
  | "store.markSending"
  | "store.openLink"
  | "store.reserveApproval"
  | "store.reserveKey"
  | "store.reserveKeyDeletion"
  | "store.reserveKeyDeletionRetry"
  | "store.revealKey"
  | "store.settleLink"
  | "store.whyNoKeys";

/**
 * Every text of a person or a browser that each method of a ledger stores; a new method has to be listed here. Names
 * by which the shop finds its orders, keys and consumers again are its own, and kept as they are.
 */
const texts: { readonly [Name in Exclude<Method, WithoutText>]: Readonly<Record<string, Giver>> } = {
  "store.reserveCancel": {
    "actor of a cancel": (opened, actor) => cancelledBy(opened, { actor }),
    "actor of a part": (opened, actor) =>
      cancelledBy(opened, { actor, part: { cancelPrice: 1, confirmPrice: price - 1 } }),
    "actor of a net cancel": async (opened, actor) => {
      const { orderId } = await pagesOf(opened).unknown();
      await opened.ledger.store.reserveCancel({ orderId, netCancel: true, actor });
      return opened.ledger.payments.timeline(orderId);
    },
  },
  "store.settle": {
    resultMessage: async ({ ledger }, resultMessage) => {
      const call = await settled(ledger, await sentApproval(ledger), { outcome: "refused", resultMessage });
      return [await ledger.payments.timeline(call.orderId), await ledger.payments.find(call.orderId)];
    },
  },
  "payments.resolve": eachOf(["actor", "evidence"], async ({ ledger }, given) => {
    const { orderId } = await settled(ledger, await sentApproval(ledger), { outcome: "unknown" });
    await ledger.payments.resolve(orderId, { outcome: "moved", tid: newTid(), ...given });
    return ledger.payments.timeline(orderId);
  }),
  "payments.closeReview": eachOf(["actor", "evidence"], async ({ ledger }, given) => {
    const wrong = { outcome: "moved", tid: newTid(), price: price + 1 } as const;
    const { orderId } = await settled(ledger, await sentApproval(ledger), wrong);
    const seenEntries = (await ledger.payments.timeline(orderId)).length;
    await ledger.payments.closeReview(orderId, { ...given, seenEntries });
    return ledger.payments.timeline(orderId);
  }),
  "keys.closeOrphan": eachOf(["actor", "evidence"], async ({ ledger, oneMore }, given) => {
    const reservation = await ledger.store.reserveKey({ customerId: "alice" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await ledger.store.markKeySending(reservation.call);
    const { id, callId } = reservation.call;
    await ledger.store.settleKey(reservation.call, { outcome: "unknown" });
    const later = await oneMore({ clock: () => new Date(Date.now() + 3_600_000) });
    await later.keys.closeOrphan(callId, given);
    return ledger.keys.timeline(id);
  }),
  "store.settleKey": {
    resultMessage: async ({ ledger }, resultMessage) => {
      const reservation = await ledger.store.reserveKey({ customerId: "alice" });
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await ledger.store.markKeySending(reservation.call);
      await ledger.store.settleKey(reservation.call, { outcome: "refused", resultMessage });
      return ledger.keys.timeline(reservation.call.id);
    },
  },
  "store.settleKeyDeletion": {
    resultMessage: async ({ ledger }, resultMessage) => {
      const key = await ledger.keys.import({ customerId: "alice", kind: "card", billkey: "BK" });
      const reservation = await ledger.store.reserveKeyDeletion(key.id);
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await ledger.store.settleKeyDeletion(reservation.call, { outcome: "refused", resultMessage });
      return [await ledger.keys.timeline(key.id), await ledger.keys.orphans()];
    },
  },
  "notifications.release": eachOf(["actor", "evidence"], async (opened, given) => {
    const { ledger } = opened;
    const { deposited } = pagesOf(opened).samples;
    await ledger.store.receiveNotification(deposited({ oid: newOrder(), tid: newTid() }));
    const [held] = await ledger.notifications.list();
    await ledger.notifications.release(held?.id ?? "", given);
    return ledger.notifications.list();
  }),
  "store.receiveNotification": {
    "a field": async (opened, nm_input) => {
      const { deposited } = pagesOf(opened).samples;
      const payment = { oid: newOrder(), tid: newTid() };
      await opened.ledger.store.receiveNotification(deposited(payment, { fields: { nm_input } }));
      return opened.ledger.notifications.list();
    },
  },
  "operations.acceptDatabase": eachOf(["actor", "evidence"], async ({ ledger, store }, given) => {
    // As if another server had taken over.
    await store.acceptDatabase({ identity: "another", at: new Date(), ...resolution });
    const { accepted, seen } = await ledger.operations.database();
    return accepted ? undefined : ledger.operations.acceptDatabase({ ...given, seen, transactions: [] });
  }),
  "store.awaitDeposit": {
    accountHolder: async (opened, accountHolder) => {
      const { orderId, oid } = await pagesOf(opened).link("vbank");
      const account = { orderId, oid, price, tid: newTid(), account: "1234567890123", accountHolder };
      return opened.ledger.store.awaitDeposit(account);
    },
  },
};

function eachOf<Name extends string>(
  names: readonly Name[],
  give: (opened: OpenLedgers, given: typeof resolution) => Promise<unknown>,
): Record<string, Giver> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      (opened: OpenLedgers, text: string) => give(opened, { ...resolution, [name]: text }),
    ]),
  );
}

async function cancelledBy(
  { ledger }: OpenLedgers,
  request: Omit<CancelRequest, "orderId">,
): Promise<unknown> {
  const { orderId } = await payment(ledger);
  const reservation = await ledger.store.reserveCancel({ orderId, ...request });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await ledger.store.markSending(reservation.call);
  await ledger.store.settle(reservation.call, { outcome: "unknown" });
  return [await ledger.payments.timeline(orderId), await ledger.payments.needsReview()];
}

describe.each(rooms)("texts given to a ledger, in %s", (_, open) => {
  let room: LedgerRoom;
  let ledger: Ledger;
  beforeAll(async () => {
    room = await open();
    ({ ledger } = await room.ledgers());
  });
  afterAll(() => room.close());

  it("are stored without card numbers and control characters", async () => {
    const order = await ledger.store.settle(await sentApproval(ledger), {
      outcome: "refused",
      resultCode: "12\u000034",
      resultMessage: "한도초과\u0000 4111 1111 1111 1111 \ud800",
    });
    expect(JSON.stringify(order)).not.toMatch(/1111|\\u0000|\\ud800/);
    expect(order.resultMessage).toContain("한도초과");
  });

  it.each([
    ["with dots", "4111.1111.1111.1111"],
    ["inside a longer run of digits", "0000000041111111111111110000"],
    ["at the end of what is kept", `${"x".repeat(490)}4111111111111111`],
  ])("are stored without a card number %s", async (_, resultMessage) => {
    const order = await ledger.store.settle(await sentApproval(ledger), {
      outcome: "refused",
      resultMessage,
    });
    expect(JSON.stringify(order.resultMessage)).not.toContain("1111");
  });

  const given = Object.entries(texts).flatMap(([method, texts]) =>
    Object.entries(texts).map(([name, give]) => ({ method, name, give })),
  );
  it.each(given)("are stored without a card number: $method, $name", async ({ give }) => {
    const opened = await room.ledgers();
    const kept = await give(opened, "seen 4111-1111-1111-1111 by kim");
    // Memory is never restored, so it needs no acceptance.
    if (kept === undefined)
      expect(await opened.ledger.operations.database()).toMatchObject({ actor: "memory" });
    else expect(JSON.stringify(kept)).toMatch(/\[(redacted|card number)\]/);
    // The ids of rows have digits of their own.
    expect(JSON.stringify(kept) ?? "").not.toMatch(/1111-1111|4111-1111/);
  });

  it.each(["", "a\u0000b", "a\nb", "x".repeat(201)])("are rejected as an order id: %j", async (orderId) => {
    const approval = async () => ledger.store.reserveApproval({ orderId, price, payType: "card" });
    await expect(approval()).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("are accepted as an order id up to 200 characters", async () => {
    const orderId = newOrder().padEnd(200, "x");
    const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
    expect(reservation).toMatchObject({ status: "reserved", call: { orderId } });
  });
});
