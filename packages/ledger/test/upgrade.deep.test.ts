import { inspect } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { type LedgerGateway, migrateLedger, openLedger } from "../src/index.js";
import { payments } from "../src/postgres/migrations/0001-payments.js";
import { operatorSettlement } from "../src/postgres/migrations/0002-operator-settlement.js";
import { paymentPage } from "../src/postgres/migrations/0003-payment-page.js";
import { attemptsRequestsKeys } from "../src/postgres/migrations/0004-attempts-requests-keys.js";
import { eventsAndRepeats } from "../src/postgres/migrations/0005-events-and-repeats.js";
import { databaseIdentity } from "../src/postgres/migrations/0006-database-identity.js";
import { migrations } from "../src/postgres/migrations/index.js";
import { databaseUrl, payapi, sql, unusedSchema } from "./database.js";

it("keeps what a ledger of version 1 had, and lets it be settled", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  await sql(payments(`"${schema}"`));
  await sql(`INSERT INTO "${schema}".migrations VALUES (1, '0001-payments', now())`);
  await sql(
    `INSERT INTO "${schema}".approvals
       (id, mid, order_id, attempt_no, oid, pay_type, price, state, settled_by, created_at, deadline_at)
     VALUES (gen_random_uuid(), $1, 'a', 1, 'a-1', 'card', 1000, 'unknown', 'call',
       now() - interval '1 hour', now() - interval '1 hour')`,
    [payapi.mid],
  );
  await sql(
    `INSERT INTO "${schema}".transitions (at, mid, order_id, approval_id, what, to_state)
     SELECT now(), mid, order_id, id, 'approval', 'unknown' FROM "${schema}".approvals`,
  );

  expect(await migrateLedger(databaseUrl, { schema })).toMatchObject({ from: 1 });
  const ledger = await openLedger({ payapi, database: databaseUrl, schema });
  onTestFinished(() => ledger.close());
  expect(await ledger.unknowns()).toMatchObject([{ orderId: "a", state: "unknown" }]);
  const settled = await ledger.settleByOperator("a", {
    outcome: "not-moved",
    actor: "kim",
    evidence: "console",
  });
  expect(settled).toMatchObject({ status: "settled", order: { status: "not-sent" } });
  const lines = await ledger.timeline("a");
  expect(lines.map(({ to, evidence }) => [to, evidence])).toEqual([
    ["unknown", undefined],
    ["settled_not_moved", "console"],
  ]);
});

it("keeps what a ledger of version 2 had beside the payment page", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  await sql(payments(`"${schema}"`));
  await sql(operatorSettlement(`"${schema}"`));
  await sql(
    `INSERT INTO "${schema}".migrations VALUES (1, '0001-payments', now()), (2, '0002-operator-settlement', now())`,
  );
  await sql(
    `INSERT INTO "${schema}".approvals
       (id, mid, order_id, attempt_no, oid, pay_type, price, state, tid, remaining, created_at)
     VALUES (gen_random_uuid(), $1, 'a', 1, 'a-1', 'card', 1000, 'declined', NULL, 0, now()),
       (gen_random_uuid(), $1, 'a', 2, 'a-2', 'card', 1000, 'approved', 'old-tid', 1000, now())`,
    [payapi.mid],
  );

  expect(await migrateLedger(databaseUrl, { schema })).toMatchObject({ from: 2 });
  const ledger = await openLedger({ payapi, database: databaseUrl, schema });
  onTestFinished(() => ledger.close());
  expect(await ledger.findOrder("a")).toMatchObject({ status: "paid", payType: "card", tid: "old-tid" });
  const link = await ledger.openLink({ orderId: "b", price: 1_000, payType: "card" });
  if (link.status !== "reserved") throw new Error("Refused");
  const page = { oid: link.link.oid, tid: "old-tid" };
  const used = await ledger.reserveApproval({ orderId: "b", price: 1_000, payType: "card", page });
  expect(used).toMatchObject({ status: "refused", reason: "tid-used" });
  // An order number that was used before links came is used for ever.
  const sameOid = `INSERT INTO "${schema}".approvals
    (id, mid, order_id, attempt_no, oid, pay_type, price, created_at)
    VALUES (gen_random_uuid(), $1, 'c', 1, 'a-1', 'card', 1000, now())`;
  await expect(sql(sameOid, [payapi.mid])).rejects.toMatchObject({ code: "23505" });
});

it("goes on to undo and to delete what was open before recovery looked by when it is due", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  const before = migrations.slice(
    0,
    migrations.findIndex(({ name }) => name === "0008-due-at-the-gateway"),
  );
  for (const [index, { name, sql: migration }] of before.entries()) {
    await sql(migration(`"${schema}"`));
    await sql(`INSERT INTO "${schema}".migrations VALUES ($1, $2, now())`, [index + 1, name]);
  }
  await sql(
    `INSERT INTO "${schema}".approvals
       (id, mid, order_id, attempt_no, oid, auth_tid, pay_type, price, state, settled_by, created_at, settled_at)
     SELECT gen_random_uuid(), $1, order_id, 1, order_id || '-L1', auth_tid, 'card', 1000, 'unknown', 'call',
       now() - interval '1 hour', now() - interval '1 hour'
     FROM (VALUES ('page', 'auth'), ('keyed-in', NULL)) AS given (order_id, auth_tid)`,
    [payapi.mid],
  );
  await sql(
    `INSERT INTO "${schema}".billing_keys (id, mid, key_id, owner, kind, state, sealed, created_at, issued_at)
     VALUES (gen_random_uuid(), $1, 'k', 'alice', 'card', 'deleting',
       repeat('0', 16) || ':' || repeat('A', 16) || ':' || repeat('A', 22), now() - interval '1 hour', now())`,
    [payapi.mid],
  );

  await migrateLedger(databaseUrl, { schema });
  const asked: unknown[] = [];
  const cancel: LedgerGateway["payments"]["cancel"] = async (request) => {
    asked.push(request);
    throw new Error("Away");
  };
  const gateway = { payments: { cancel }, billing: {} } as unknown as LedgerGateway;
  const ledger = await openLedger({ payapi: { ...payapi, ...gateway }, database: databaseUrl, schema });
  onTestFinished(() => ledger.close());
  expect(await ledger.recover()).toMatchObject({ networkCancelled: 0, keysLeft: 1 });
  expect(asked).toMatchObject([{ tid: "auth", cancelType: "network-cancel" }]);
});

it("leaves to operators the cancels that were unknown before recovery repeated any", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  for (const migration of [payments, operatorSettlement, paymentPage, attemptsRequestsKeys]) {
    await sql(migration(`"${schema}"`));
  }
  await sql(
    `INSERT INTO "${schema}".migrations SELECT version, 'before', now() FROM generate_series(1, 4) AS version`,
  );
  await sql(
    `WITH payment AS (
       INSERT INTO "${schema}".approvals
         (id, mid, order_id, attempt_no, oid, pay_type, price, state, tid, remaining, held, open_cancel, created_at)
       VALUES (gen_random_uuid(), $1, 'a', 1, 'a-1', 'card', 1000, 'approved', 't', 1000, 1000, gen_random_uuid(), now())
       RETURNING id, mid, open_cancel)
     INSERT INTO "${schema}".cancels
       (id, mid, approval_id, seq, operation, cancel_price, confirm_price, state, settled_by, created_at, settled_at)
     SELECT open_cancel, mid, id, 1, 'payments.cancel', 1000, 0, 'unknown', 'call', now(), now() FROM payment`,
    [payapi.mid],
  );

  expect(await migrateLedger(databaseUrl, { schema })).toMatchObject({ from: 4 });
  const gateway = {
    payments: new Proxy({}, { get: () => () => Promise.reject(new Error("Asked")) }),
    billing: {},
  } as unknown as LedgerGateway;
  const clock = () => new Date(Date.now() + 86_400_000);
  const ledger = await openLedger({
    payapi: { ...payapi, ...gateway },
    database: databaseUrl,
    schema,
    clock,
  });
  onTestFinished(() => ledger.close());
  expect(await ledger.recover()).toMatchObject({ repeated: 0 });
  expect(await ledger.unknowns()).toMatchObject([{ orderId: "a", kind: "cancel", state: "unknown" }]);
  const word = { actor: "kim", evidence: "console" };
  await ledger.settleByOperator("a", { outcome: "moved", ...word });
  const kinds: string[] = [];
  await ledger.runOnce({ consumer: "shop", on: { cancelled: ({ kind }) => void kinds.push(kind) } });
  expect(kinds).toEqual(["cancelled"]);
});

it("goes on with the events and queues that a ledger of version 6 had", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  const before = [payments, operatorSettlement, paymentPage, attemptsRequestsKeys, eventsAndRepeats];
  for (const migration of [...before, databaseIdentity]) await sql(migration(`"${schema}"`));
  await sql(
    `INSERT INTO "${schema}".migrations SELECT version, 'before', now() FROM generate_series(1, 6) AS version`,
  );
  // Five events; the shop took the first, failed the second for good and the third once; of the rest one is under way.
  await sql(
    `INSERT INTO "${schema}".events (id, mid, kind, stream, at, data)
     SELECT gen_random_uuid(), $1, 'approved', 'order:' || i % 4, now(), jsonb_build_object('orderId', i::text)
     FROM generate_series(1, 5) AS i`,
    [payapi.mid],
  );
  await sql(`INSERT INTO "${schema}".consumers VALUES ($1, 'shop', now() - interval '1 day')`, [payapi.mid]);
  await sql(
    `INSERT INTO "${schema}".deliveries (mid, consumer, event_id, position, stream, tries, due_at, lease, leased_until, failure, dead_at)
     SELECT mid, 'shop', id, position, stream,
       CASE position WHEN 2 THEN 10 WHEN 5 THEN 0 ELSE 1 END,
       CASE position WHEN 3 THEN at + interval '1 hour' ELSE at END,
       CASE position WHEN 4 THEN gen_random_uuid() END,
       CASE position WHEN 4 THEN at + interval '1 minute' END,
       CASE WHEN position IN (2, 3) THEN 'RangeError' END,
       CASE position WHEN 2 THEN at END
     FROM "${schema}".events WHERE position > 1`,
  );

  expect(await migrateLedger(databaseUrl, { schema })).toMatchObject({ from: 6 });
  let later = 0;
  const clock = () => new Date(Date.now() + later);
  const ledger = await openLedger({ payapi, database: databaseUrl, schema, clock });
  onTestFinished(() => ledger.close());
  expect(await ledger.consumers()).toMatchObject([
    { consumer: "shop", waiting: 3, dead: 1, filling: false, removing: false },
  ]);
  const seen: [string, number][] = [];
  const on = {
    approved: ({ orderId, tries }: { readonly orderId: string; readonly tries: number }) =>
      void seen.push([orderId, tries]),
  };
  const run = async (consumer = "shop") => {
    seen.length = 0;
    await ledger.runOnce({ consumer, on });
    return seen;
  };
  expect(await run()).toEqual([["5", 1]]);
  later = 61_000;
  expect(await run()).toEqual([["4", 2]]);
  later = 3_660_000;
  expect(await run()).toEqual([["3", 2]]);
  const [letter] = await ledger.deadLetters();
  expect(letter).toMatchObject({ failure: "RangeError", event: { orderId: "2" } });
  await ledger.redeliver(letter?.event.id ?? "");
  expect(await run()).toEqual([["2", 1]]);
  expect(await run("mail")).toHaveLength(5);
  expect(await ledger.removeConsumer("shop")).toBe(true);
});

it.each([
  [
    "cancels_one_full",
    `INSERT INTO cancels (id, mid, approval_id, seq, operation, cancel_price, confirm_price, state, created_at)
     SELECT gen_random_uuid(), mid, id, seq, 'payments.cancel', 1000, 0, 'done', now()
     FROM approvals, generate_series(1, 2) AS seq`,
  ],
  ["approvals_deadline", "UPDATE approvals SET state = 'sending', tid = NULL, remaining = 0"],
  ["remaining_adds_up", "UPDATE approvals SET remaining = 700"],
])("changes nothing where rows break a rule of the new version, and names it: %s", async (rule, change) => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  for (const [index, { name, sql: text }] of migrations.slice(0, 7).entries()) {
    await sql(text(`"${schema}"`, "server"));
    await sql(`INSERT INTO "${schema}".migrations VALUES ($1, $2, now())`, [index + 1, name]);
  }
  await sql(
    `SET search_path = "${schema}";
     INSERT INTO approvals
       (id, mid, order_id, attempt_no, oid, pay_type, price, state, settled_by, created_at, tid, remaining)
     VALUES (gen_random_uuid(), 'm', 'canary-order', 1, 'o-1', 'card', 1000, 'approved', 'call', now(), 't-1', 1000);
     ${change}`,
  );
  const error = await migrateLedger(databaseUrl, { schema }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: "LedgerError",
    code: "broken-rule",
    message: expect.stringContaining(rule),
  });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("canary-order");
  expect(await sql(`SELECT max(version) AS version FROM "${schema}".migrations`)).toEqual([{ version: 7 }]);
});
