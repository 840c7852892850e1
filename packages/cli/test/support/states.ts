import { randomUUID } from "node:crypto";
import { isPayApiError } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { openJournal } from "@payapi/ledger/internal";
import { sampleNotifications } from "../../../contract-tests/src/store-contract/sample-notifications.js";
import { price, type Shop, sql } from "./shop.js";
import { merchant } from "./tool.js";

const hourMs = 3_600_000;

/** A ledger whose calls were made an hour ago. */
export function anHourAgo(shop: Shop) {
  return shop.ledgerWith({ clock: () => new Date(Date.now() - hourMs) });
}

/** A payment of which a consumer's handler did not want to hear, ten times. */
export async function deadLetter(shop: Shop, orderId?: string, consumer = "mail") {
  const paid = await shop.paid(orderId);
  let passed = 0;
  const later = await shop.ledgerWith({ clock: () => new Date(Date.now() + passed) });
  const on = {
    approved: () => {
      throw new RangeError(`no such mailbox, card 4111111111111111`);
    },
  };
  for (let tries = 0; tries < 10; tries++) {
    await later.operations.runOnce({ consumer, on });
    passed += hourMs;
  }
  const letter = (await later.events.deadLetters({ consumer, limit: 500 })).find(
    ({ event }) => "orderId" in event && event.orderId === paid.orderId,
  );
  if (letter === undefined) throw new Error("It was taken");
  return { ...paid, eventId: letter.event.id };
}

/** A deposit that came from an address that is not listed, for an order that waits for it. */
export async function quarantinedDeposit(
  shop: Shop,
  orderId = `order-${randomUUID().slice(0, 8)}`,
  ledger = shop.ledger,
) {
  const opened = await ledger.store.openLink({ orderId, price, payType: "vbank" });
  if (opened.status !== "reserved") throw new Error("No new link");
  const { oid } = opened.link;
  const tid = `T${randomUUID().slice(0, 8)}`;
  const account = "1234567890123";
  await ledger.store.awaitDeposit({ orderId, oid, price, tid, account });
  const { deposited } = sampleNotifications(merchant.mid);
  const unlisted = { listed: false, fields: { nm_input: "홍길동", memo: "4111111111111111" } };
  await ledger.store.receiveNotification(deposited({ oid, tid, price, account }, unlisted));
  const [notification] = await shop.ledger.notifications.list({ effect: "quarantined" });
  return { orderId, oid, tid, id: notification?.id ?? "" };
}

/** A payment that only an unlisted source tells of, in a transaction whose digits might be a card's. */
export async function maskedPayment(shop: Shop) {
  const orderId = `order-${randomUUID().slice(0, 8)}`;
  const opened = await shop.ledger.store.openLink({ orderId, price, payType: "card" });
  if (opened.status !== "reserved") throw new Error("No new link");
  const tid = "SBX2026112510350761a2f4d8dcadd017";
  const { approved } = sampleNotifications(merchant.mid);
  await shop.ledger.store.receiveNotification(
    approved({ oid: opened.link.oid, tid, price }, { listed: false }),
  );
  const [notification] = await shop.ledger.notifications.list({ effect: "quarantined" });
  return { orderId, tid, id: notification?.id ?? "" };
}

/** A deposit that came, and that the bank took back. */
export async function reversedDeposit(shop: Shop, orderId: string) {
  const opened = await shop.ledger.store.openLink({ orderId, price, payType: "vbank" });
  if (opened.status !== "reserved") throw new Error("No new link");
  const { oid } = opened.link;
  const tid = `T${randomUUID().slice(0, 8)}`;
  const account = "1234567890123";
  await shop.ledger.store.awaitDeposit({ orderId, oid, price, tid, account });
  const { deposited, reversed } = sampleNotifications(merchant.mid);
  for (const sample of [deposited, reversed]) {
    await shop.ledger.store.receiveNotification(sample({ oid, tid, price, account }, { listed: true }));
  }
}

/** The database is another one from now on, as after a restore. */
export function restoreDatabase(shop: Shop): Promise<void> {
  return sql(
    `INSERT INTO "${shop.schema}".databases (identity, at, actor, evidence)
     VALUES ('elsewhere', '2026-05-01T00:00:00Z', 'lee', 'moved to the new server')`,
  );
}

/** Calls that the gateway approved while the database was unreachable: for a call that it knows, or one that it lost. */
export async function journaled(shop: Shop, orderId: string, call: "known" | "lost") {
  const reservation = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await shop.ledger.store.markSending(reservation.call);
  const kept = call === "known" ? reservation.call : { ...reservation.call, id: randomUUID() };
  const journal = await openJournal(shop.env.LEDGER_JOURNAL ?? "", {
    mid: merchant.mid,
    schema: shop.schema,
  });
  const tid = `T${randomUUID().slice(0, 8)}`;
  const nothing = {
    resultCode: null,
    resultMessage: null,
    failureCode: null,
    cancelTid: null,
    applNum: null,
    payType: null,
    partlyCancellable: null,
  };
  const facts = {
    ...nothing,
    outcome: "succeeded",
    tid,
    reportedPrice: price,
    reportedRemaining: null,
    at: null,
  } as const;
  const file = await journal.keep(kept, facts);
  return { orderId, oid: kept.oid, tid, file };
}

const issue = {
  cardNumber: "4111111111111111",
  cardExpireYY: 99,
  cardExpireMM: 12,
  buyerName: "홍길동",
  goodsName: "사과",
  price,
  payPeriodCode: "M01",
} as const;

/** A billing key in use. */
export async function issuedKey(shop: Shop, ledger = shop.ledger, customerId = "alice") {
  const { billkey } = await shop.payapi.billing.issueKeyWithoutAuthentication(issue);
  const { id } = await ledger.keys.import({ customerId, kind: "card", billkey });
  return { id, billkey: billkey.reveal() };
}

/** A stopped billing key whose deletion the gateway never answered, an hour ago; it is alive there. */
export async function stoppedKey(shop: Shop, customerId = "alice") {
  const earlier = await anHourAgo(shop);
  const key = await issuedKey(shop, earlier, customerId);
  const reservation = await earlier.store.reserveKeyDeletion(key.id);
  if (reservation.status !== "reserved") throw new Error("It cannot be deleted");
  await earlier.store.settleKeyDeletion(reservation.call, { outcome: "unknown" });
  return { ...key, callId: reservation.call.callId };
}

/** The same, after a worker that never got an answer either gave up. */
export async function givenUpKey(shop: Shop, customerId = "alice") {
  const key = await stoppedKey(shop, customerId);
  const fault = { fault: "reset-before-commit", operation: "billing.deleteKey", times: "always" } as const;
  shop.sandbox.faults.add(fault);
  for (let hours = 1; hours <= 4; hours++) {
    const later = await shop.ledgerWith({ clock: () => new Date(Date.now() + hours * hourMs) });
    await later.operations.recover();
  }
  await shop.sandbox.faults.clear();
  return key;
}

/** An issue of which nobody knows whether the gateway made a key, which it did; an hour ago unless said. */
export async function unknownIssue(shop: Shop, ledger?: Ledger, customerId = "bob") {
  const by = ledger ?? (await anHourAgo(shop));
  const reservation = await by.store.reserveKey({ customerId });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  shop.sandbox.faults.next({
    fault: "reset-after-commit",
    operation: "billing.issueKeyWithoutAuthentication",
  });
  const { call } = reservation;
  const answer = await shop.payapi.billing
    .issueKeyWithoutAuthentication(issue, { beforeSend: () => by.store.markKeySending(call) })
    .catch((error: unknown) => error);
  if (!isPayApiError(answer)) throw new Error("It was answered");
  await by.store.settleKey(call, { outcome: answer.outcome, code: answer.code });
  return call;
}

/** An order for which the gateway took another amount than asked. */
export async function needsReview(shop: Shop, orderId: string) {
  const reservation = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await shop.ledger.store.markSending(reservation.call);
  await shop.ledger.store.settle(reservation.call, { outcome: "moved", tid: "T1", price: 24_999 });
}
