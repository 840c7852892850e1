import { expect, it } from "vitest";
import { ownSchema, payapi, sql } from "./database.js";

it("recovery ends silent calls behind a page of failing ones, and reports the failures", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  await sql(
    `INSERT INTO "${own.schema}".approvals (id, mid, order_id, attempt_no, oid, pay_type, price, created_at)
     SELECT gen_random_uuid(), $1, 'stuck-' || i, 1, 'stuck-' || i, 'card', 1000, now() - interval '1 hour'
     FROM generate_series(1, 205) AS i
     UNION ALL SELECT 'ffffffff-ffff-4fff-bfff-ffffffffffff', $1, 'last', 1, 'last', 'card', 1000, now() - interval '1 hour'`,
    [payapi.mid],
  );
  await sql(
    `ALTER TABLE "${own.schema}".approvals
     ADD CONSTRAINT strange CHECK (order_id NOT LIKE 'stuck%' OR state = 'reserved')`,
  );
  await expect(ledger.operations.recover()).rejects.toMatchObject({ code: "broken-rule" });
  expect((await ledger.payments.find("last"))?.status).toBe("not-sent");
  await sql(`ALTER TABLE "${own.schema}".approvals DROP CONSTRAINT strange`);
  expect(await ledger.operations.recover()).toMatchObject({ notSent: 205 });
});
