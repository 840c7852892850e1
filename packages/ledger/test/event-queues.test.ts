import { expect, it } from "vitest";
import type { Ledger } from "../src/index.js";
import { ownSchema, session, sql, waitedFor } from "./database.js";

async function pay(ledger: Ledger, orderId: string): Promise<void> {
  const reservation = await ledger.store.reserveApproval({ orderId, price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await ledger.store.markSending(reservation.call);
  await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: `t-${orderId}`, price: 1_000 });
}

it("event queues miss no event that commits after events with later positions", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const seen: string[] = [];
  const run = () =>
    ledger.operations.runOnce({
      consumer: "shop",
      on: { approved: ({ orderId }) => void seen.push(orderId) },
    });
  await run();
  // A settling transaction that has its event's position, and is slow to commit.
  const slow = await session();
  await slow.query("BEGIN");
  await slow.query(
    `INSERT INTO "${own.schema}".events (id, mid, kind, ordering_key, at, data)
     VALUES (gen_random_uuid(), 'testmid', 'approved', 'order:slow', now(), '{"orderId":"slow"}')`,
  );
  await pay(ledger, "quick");
  await run();
  expect(seen).toEqual(["quick"]);
  await slow.query("COMMIT");
  await run();
  expect(seen).toEqual(["quick", "slow"]);
});

it("event queues contain every event once when consumers begin while many are written", async () => {
  const own = await ownSchema();
  const writers = [await own.ledger(), await own.ledger()] as const;
  const orders = Array.from({ length: 60 }, (_, i) => `order-${i}`);
  const consumers = ["a", "b", "c", "d"];
  const seen = new Map(consumers.map((name) => [name, [] as string[]]));
  const take = (consumer: string) =>
    writers[1].operations.runOnce({
      consumer,
      on: { approved: ({ orderId }) => void seen.get(consumer)?.push(orderId) },
    });
  await Promise.all([
    ...orders.map((orderId, i) => pay(writers[i % 2 ? 0 : 1], orderId)),
    ...consumers.map(async (consumer, i) => {
      // Each begins at another moment of the writing.
      for (let n = 0; n < i * 5; n++) await writers[0].payments.find("order-0");
      await take(consumer);
    }),
  ]);
  for (const consumer of consumers) {
    await take(consumer);
    expect([...(seen.get(consumer) ?? [])].sort()).toEqual([...orders].sort());
  }
  expect(await sql(`SELECT count(*)::int AS left FROM "${own.schema}".deliveries`)).toEqual([{ left: 0 }]);
});

/** A session that has written an event, as writers do, and has not committed yet. */
async function slowWriter(schema: string, orderId: string) {
  const slow = await session();
  await slow.query("BEGIN");
  await slow.query("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", [
    JSON.stringify(["payapi events", `"${schema}"`, "testmid"]),
  ]);
  await slow.query(
    `INSERT INTO "${schema}".events (id, mid, kind, ordering_key, at, data)
     VALUES (gen_random_uuid(), 'testmid', 'approved', $1, now(), $2)`,
    [`order:${orderId}`, JSON.stringify({ orderId })],
  );
  return slow;
}

it("event queues miss no event that is still being written when their consumer begins", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  await pay(ledger, "early");
  const slow = await slowWriter(own.schema, "slow");
  await pay(ledger, "quick");
  const seen: string[] = [];
  const on = { approved: ({ orderId }: { readonly orderId: string }) => void seen.push(orderId) };
  const run = ledger.operations.runOnce({ consumer: "mail", on });
  await waitedFor(slow);
  await slow.query("COMMIT");
  await run;
  expect(seen).toEqual(["early", "slow", "quick"]);
});

it("event queues miss no event that is still being written when the last earlier events are added", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const seen: string[] = [];
  const on = { approved: ({ orderId }: { readonly orderId: string }) => void seen.push(orderId) };
  await ledger.operations.runOnce({ consumer: "mail", on });
  // As it is when everything up to the position of before is in the queue.
  await sql(`UPDATE "${own.schema}".consumers SET filled_to = 0, fill_until = 0`);
  const slow = await slowWriter(own.schema, "slow");
  await pay(ledger, "quick");
  const run = ledger.operations.runOnce({ consumer: "mail", on });
  await waitedFor(slow);
  await slow.query("COMMIT");
  await run;
  expect(seen).toEqual(["slow", "quick"]);
  expect(await ledger.events.consumers()).toMatchObject([{ filling: false }]);
});

it("event queues are not filled further while their consumer fails", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const into = `"${own.schema}".events (id, mid, kind, ordering_key, at, data)`;
  await sql(
    `INSERT INTO ${into} SELECT gen_random_uuid(), 'testmid', 'approved', 'order:' || i, now(),
       jsonb_build_object('orderId', i) FROM generate_series(1, 10001) AS i`,
  );
  await sql(
    `INSERT INTO "${own.schema}".consumers (mid, name, created_at, filled_to, fill_until)
     SELECT 'testmid', 'mail', now(), max(position) - 1, max(position) FROM "${own.schema}".events`,
  );
  await sql(
    `INSERT INTO "${own.schema}".deliveries (mid, consumer, event_id, position, ordering_key, tries, due_at)
     SELECT mid, 'mail', id, position, ordering_key, 1, now() + interval '1 hour' FROM "${own.schema}".events
     WHERE position <= 10000`,
  );
  const seen: unknown[] = [];
  const on = { approved: ({ orderId }: { readonly orderId: unknown }) => void seen.push(orderId) };
  await ledger.operations.runOnce({ consumer: "mail", on });
  expect(seen).toEqual([]);
  expect(await ledger.events.consumers()).toMatchObject([{ filling: true, waiting: 10_000 }]);
  await sql(`DELETE FROM "${own.schema}".deliveries WHERE position = 1`);
  await ledger.operations.runOnce({ consumer: "mail", on });
  expect(seen).toEqual([10001]);
});

it("event queues are read only up to the deliverable events, also with many waiting behind failed ones", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const on = {
    approved: () => {
      throw new RangeError("no");
    },
  };
  await ledger.operations.runOnce({ consumer: "mail", on });
  const cancel = async (orderId: string) => {
    const part = { cancelPrice: 100, confirmPrice: 0 };
    const { remainingPrice = 0 } = (await ledger.payments.find(orderId)) ?? {};
    const reservation = await ledger.store.reserveCancel({
      orderId,
      part: { ...part, confirmPrice: remainingPrice - 100 },
    });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await ledger.store.settle(reservation.call, { outcome: "succeeded" });
  };
  const due = async () =>
    (await sql(`SELECT count(*)::int AS due FROM "${own.schema}".deliveries WHERE due_at <= now()`))[0].due;
  await pay(ledger, "a");
  await cancel("a");
  expect(await due()).toBe(2);
  expect(await ledger.operations.runOnce({ consumer: "mail", on })).toMatchObject({ failed: 1 });
  expect(await due()).toBe(0);
  // Later events are delayed as soon as a worker looks for events.
  await cancel("a");
  expect(await due()).toBe(1);
  expect(await ledger.operations.runOnce({ consumer: "mail", on })).toMatchObject({ failed: 0 });
  expect(await due()).toBe(0);
  await sql(`UPDATE "${own.schema}".deliveries SET due_at = now()`);
  expect(await ledger.operations.runOnce({ consumer: "mail", on })).toMatchObject({ failed: 1 });
  expect(await due()).toBe(0);
  // They are looked at as soon as the first.
  expect(
    await sql(
      `SELECT count(DISTINCT due_at)::int AS times, count(*)::int AS all FROM "${own.schema}".deliveries`,
    ),
  ).toEqual([{ times: 1, all: 3 }]);
});

it("event queues deliver at once what a process with a clock 3 hours ahead has written", async () => {
  const own = await ownSchema();
  const ahead = await own.ledger({ clock: () => new Date(Date.now() + 3 * 60 * 60_000) });
  const right = await own.ledger();
  const seen: string[] = [];
  const run = (consumer: string) =>
    right.operations.runOnce({
      consumer,
      on: { approved: ({ orderId }) => void seen.push(`${consumer} ${orderId}`) },
    });
  await run("shop");
  await pay(ahead, "ahead");
  await run("shop");
  // Its queue is filled with earlier events.
  await run("new");
  expect(seen).toEqual(["shop ahead", "new ahead"]);
});
