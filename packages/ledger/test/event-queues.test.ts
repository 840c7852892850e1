import { Client } from "pg";
import { expect, it, onTestFinished } from "vitest";
import type { Ledger } from "../src/index.js";
import { databaseUrl, ownSchema, sql } from "./database.js";

async function pay(ledger: Ledger, orderId: string): Promise<void> {
  const reservation = await ledger.reserveApproval({ orderId, price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await ledger.markSending(reservation.call);
  await ledger.settle(reservation.call, { outcome: "succeeded", tid: `t-${orderId}`, price: 1_000 });
}

it("miss no event whose transaction commits after those with later positions", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const seen: string[] = [];
  const run = () =>
    ledger.runOnce({ consumer: "shop", on: { approved: ({ orderId }) => void seen.push(orderId) } });
  await run();
  // A settling transaction that has its event's position, and is slow to commit.
  const slow = new Client({ connectionString: databaseUrl });
  await slow.connect();
  onTestFinished(() => slow.end());
  const event = `INSERT INTO "${own.schema}".events (id, mid, kind, stream, at, data)
    VALUES (gen_random_uuid(), 'testmid', 'approved', 'order:slow', now(), '{"orderId":"slow"}')
    RETURNING id, mid, position, stream, at`;
  await slow.query("BEGIN");
  await slow.query(
    `WITH event AS (${event}) INSERT INTO "${own.schema}".deliveries (mid, consumer, event_id, position, stream, due_at)
     SELECT mid, 'shop', id, position, stream, at FROM event`,
  );
  await pay(ledger, "quick");
  await run();
  expect(seen).toEqual(["quick"]);
  await slow.query("COMMIT");
  await run();
  expect(seen).toEqual(["quick", "slow"]);
});

it("have every event once, when consumers begin while many are written", async () => {
  const own = await ownSchema();
  const writers = [await own.ledger(), await own.ledger()] as const;
  const orders = Array.from({ length: 60 }, (_, i) => `order-${i}`);
  const consumers = ["a", "b", "c", "d"];
  const seen = new Map(consumers.map((name) => [name, [] as string[]]));
  const take = (consumer: string) =>
    writers[1].runOnce({
      consumer,
      on: { approved: ({ orderId }) => void seen.get(consumer)?.push(orderId) },
    });
  await Promise.all([
    ...orders.map((orderId, i) => pay(writers[i % 2 ? 0 : 1], orderId)),
    ...consumers.map(async (consumer, i) => {
      // Each begins at another moment of the writing.
      for (let n = 0; n < i * 5; n++) await writers[0].findOrder("order-0");
      await take(consumer);
    }),
  ]);
  for (const consumer of consumers) {
    await take(consumer);
    expect([...(seen.get(consumer) ?? [])].sort()).toEqual([...orders].sort());
  }
  expect(await sql(`SELECT count(*)::int AS left FROM "${own.schema}".deliveries`)).toEqual([{ left: 0 }]);
});
