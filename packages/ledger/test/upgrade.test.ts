import { expect, it, onTestFinished } from "vitest";
import { migrateLedger, openLedger } from "../src/index.js";
import { payments } from "../src/postgres/migrations/0001-payments.js";
import { operatorSettlement } from "../src/postgres/migrations/0002-operator-settlement.js";
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
