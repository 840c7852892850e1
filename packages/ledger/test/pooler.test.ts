import { expect, it, onTestFinished } from "vitest";
import { migrateLedger, openLedger } from "../src/index.js";
import { databaseUrl, payapi, sql, unusedSchema } from "./database.js";
import { poolingProxy } from "./pooling-proxy.js";

it("the ledger works behind a transaction pooler that changes sessions and drops their settings", async () => {
  const pooler = await poolingProxy(databaseUrl);
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await migrateLedger(pooler.url, { schema });
  const ledger = await openLedger({
    payapi,
    database: pooler.url,
    schema,
    secrets: { current: "0".repeat(64) },
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
  });
  onTestFinished(() => ledger.close());

  const payAndCancel = async (orderId: string) => {
    const reservation = await ledger.store.reserveApproval({ orderId, price: 1_000, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: orderId, price: 1_000 });
    const cancel = await ledger.store.reserveCancel({ orderId });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(cancel.call);
    return (await ledger.store.settle(cancel.call, { outcome: "succeeded" })).status;
  };
  const orders = Array.from({ length: 8 }, (_, each) => `order-${each}`);
  expect(new Set(await Promise.all(orders.map(payAndCancel)))).toEqual(new Set(["cancelled"]));
  const one = { orderId: "contested", price: 1_000, payType: "card" };
  const racers = await Promise.all(Array.from({ length: 8 }, () => ledger.store.reserveApproval(one)));
  expect(racers.filter(({ status }) => status === "reserved")).toHaveLength(1);

  const key = await ledger.keys.import({ customerId: "alice", kind: "mobile", billkey: "BK1" });
  expect((await ledger.store.revealKey(key.id))?.reveal()).toBe("BK1");
  expect(await ledger.keys.rotateSecrets()).toMatchObject({ rotated: 0 });
  await ledger.store.consumeRateLimit({ counters: [{ key: "card", limit: 1 }], windowMs: 60_000 });
  await ledger.operations.recover();
  let taken = 0;
  const take = () => void taken++;
  await ledger.operations.runOnce({ consumer: "shop", on: { approved: take, cancelled: take } });
  expect(taken).toBe(2 * orders.length);
  expect(await ledger.events.removeConsumer("shop")).toBe(true);

  expect(pooler.used.size).toBe(3);
  expect(pooler.complaints).toEqual([]);
});
