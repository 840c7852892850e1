import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import { expect, it } from "vitest";
import type { Ledger } from "../src/index.js";
import { ownSchema, session, sql, waitedFor } from "./database.js";

const mid = "testmid";

/** Holds what everybody who writes an event holds until the end of its transaction. */
function writeForEver(client: Client, schema: string) {
  const lock =
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(concat_ws(' ', 'payapi events', $1::text, $2::text), 0))";
  return client.query(lock, [schema, mid]);
}

/** A consumer, and a function that adds an event to its queue directly. */
async function ownQueue() {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const seen: string[] = [];
  const run = () =>
    ledger.operations.runOnce({
      consumer: "mail",
      on: { approved: () => void seen.push("first"), cancelled: () => void seen.push("second") },
    });
  await ledger.operations.runOnce({ consumer: "mail", on: {} });
  const add = async (kind: string, stream: string) => {
    const id = randomUUID();
    await sql(
      `INSERT INTO "${own.schema}".events (id, mid, kind, ordering_key, at, data)
       VALUES ($1, $2, $3, $4, now(), '{"orderId":"a"}')`,
      [id, mid, kind, stream],
    );
    return id;
  };
  return { ...own, ledger, seen, run, add };
}

async function pay(ledger: Ledger, orderId: string): Promise<void> {
  const reservation = await ledger.store.reserveApproval({ orderId, price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await ledger.store.markSending(reservation.call);
  await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: `t-${orderId}`, price: 1_000 });
}

it("event locks keep a revived event from being delivered beside a later one of its order that is claimed at the same time", async () => {
  const { schema, ledger, seen, run, add } = await ownQueue();
  const first = await add("approved", "order:a");
  const second = await add("cancelled", "order:a");
  await sql(`UPDATE "${schema}".deliveries SET dead_at = now() WHERE event_id = $1`, [first]);
  // Another process is claiming the second; its claim is invisible until it commits.
  const claiming = await session();
  await claiming.query("BEGIN");
  await claiming.query(`SELECT FROM "${schema}".consumers WHERE name = 'mail' FOR NO KEY UPDATE`);
  await claiming.query(
    `UPDATE "${schema}".deliveries SET lease = gen_random_uuid(), leased_until = now() + interval '1 minute'
     WHERE event_id = $1`,
    [second],
  );
  const revived = ledger.events.redeliver(first);
  await waitedFor(claiming);
  await claiming.query("COMMIT");
  expect(await revived).toBe(1);
  await run();
  expect(seen).toEqual([]);
  await sql(`DELETE FROM "${schema}".deliveries WHERE event_id = $1`, [second]);
  await run();
  expect(seen).toEqual(["first"]);
});

it("event locks serialize claims, so that each sees the ones before it", async () => {
  const { schema, seen, run, add } = await ownQueue();
  const first = await add("approved", "order:a");
  const second = await add("cancelled", "order:a");
  await sql(`UPDATE "${schema}".deliveries SET dead_at = now() WHERE event_id = $1`, [first]);
  const other = await session();
  await other.query("BEGIN");
  await other.query(`SELECT FROM "${schema}".consumers WHERE name = 'mail' FOR NO KEY UPDATE`);
  const running = run();
  await waitedFor(other);
  // The first is revived and claimed while the run waits for its turn.
  await other.query(
    `UPDATE "${schema}".deliveries
     SET dead_at = NULL, lease = gen_random_uuid(), leased_until = now() + interval '1 minute' WHERE event_id = $1`,
    [first],
  );
  await other.query("COMMIT");
  await running;
  expect(seen).toEqual([]);
  await sql(`UPDATE "${schema}".deliveries SET lease = NULL, leased_until = NULL WHERE event_id = $1`, [
    first,
  ]);
  await run();
  expect(seen).toEqual(["first", "second"]);
  expect(second).toBeDefined();
});

it("event locks lose no event to a removal, and no removal to an event that is being written", async () => {
  const { schema, ledger } = await ownQueue();
  const id = randomUUID();
  const writing = await session();
  await writing.query("BEGIN");
  await writing.query(
    `INSERT INTO "${schema}".events (id, mid, kind, ordering_key, at, data)
     VALUES ($1, $2, 'approved', 'order:a', now(), '{"orderId":"a"}')`,
    [id, mid],
  );
  const removed = ledger.events.removeConsumer("mail");
  await waitedFor(writing);
  await writing.query("COMMIT");
  expect(await removed).toBe(true);
  expect(await sql(`SELECT event_id FROM "${schema}".deliveries`)).toEqual([]);
  expect(await sql(`SELECT id FROM "${schema}".events`)).toEqual([{ id }]);
  expect(await ledger.events.consumers()).toEqual([]);
});

it("event locks let events be written while consumers are added and removed", async () => {
  const own = await ownSchema();
  const [shop, another] = [await own.ledger(), await own.ledger()];
  const orders = Array.from({ length: 60 }, (_, i) => `order-${i}`);
  let left = orders.length;
  const comingAndGoing = async (consumer: string) => {
    while (left > 0) {
      await another.operations.runOnce({ consumer, on: {} });
      await another.events.removeConsumer(consumer);
    }
  };
  await Promise.all([
    ...[0, 1].map(async (half) => {
      for (const orderId of orders.slice(half * 30, half * 30 + 30)) {
        await pay(shop, orderId);
        left--;
      }
    }),
    ...["a", "b"].map(comingAndGoing),
  ]);
  expect(await sql(`SELECT count(*)::int AS events FROM "${own.schema}".events`)).toEqual([{ events: 60 }]);
  expect(await sql(`SELECT count(*)::int AS left FROM "${own.schema}".deliveries`)).toEqual([{ left: 0 }]);
});

it("event locks do not wait forever behind a stalled writer when a consumer begins", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const frozen = await session();
  await frozen.query("BEGIN");
  await writeForEver(frozen, own.schema);
  const begun = ledger.operations.runOnce({ consumer: "mail", on: {} });
  const refused = expect(begun).rejects.toMatchObject({ code: "unavailable", sqlState: "55P03" });
  await waitedFor(frozen);
  await pay(ledger, "a");
  await refused;
  await frozen.query("COMMIT");
  expect(await ledger.operations.runOnce({ consumer: "mail", on: {} })).toMatchObject({ delivered: 1 });
});

it("event locks let claimed events be delivered when the queue cannot be filled", async () => {
  const { schema, ledger, run, seen } = await ownQueue();
  await pay(ledger, "a");
  await sql(
    `UPDATE "${schema}".consumers SET (filled_to, fill_until) =
       (SELECT max(position), max(position) FROM "${schema}".events)`,
  );
  const frozen = await session();
  await frozen.query("BEGIN");
  await writeForEver(frozen, schema);
  await expect(run()).rejects.toMatchObject({ sqlState: "55P03" });
  expect(seen).toEqual(["first"]);
  expect(await sql(`SELECT event_id FROM "${schema}".deliveries`)).toEqual([]);
  await frozen.query("COMMIT");
});
