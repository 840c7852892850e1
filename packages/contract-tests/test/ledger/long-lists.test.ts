import { createLedger, type LedgerStore, openPostgresStore } from "@payapi/ledger/internal";
import { Pool } from "pg";
import { expect, it } from "vitest";
import { databaseUrl, newSchema } from "./new-schema.js";

/** The store, counting how often it is asked for a page of orders. */
function counted(store: LedgerStore) {
  const count = { pages: 0 };
  const counting: LedgerStore = {
    ...store,
    read: (work) =>
      store.read((tx) =>
        work({
          ...tx,
          orders: (...page) => {
            count.pages++;
            return tx.orders(...page);
          },
        }),
      ),
  };
  return { counting, count };
}

it("finds the few orders of a status among very many with one query per page", async () => {
  const { schema, drop } = await newSchema();
  const pool = new Pool({ connectionString: databaseUrl });
  // What a shop has after years: paid orders, every tenth of them cancelled, and three cancelled in part.
  await pool.query(`
    INSERT INTO "${schema}".approvals
      (id, mid, order_id, attempt_no, oid, pay_type, price, tid, remaining, created_at, state)
    SELECT gen_random_uuid(), 'm', 'o' || i, 1, 'o' || i || '-1', 'card', 1000, 't' || i, 1000, now(), 'approved'
    FROM generate_series(1, 20000) AS i;
    WITH cancelled AS (
      UPDATE "${schema}".approvals SET remaining = CASE WHEN oid IN ('o10-1', 'o20-1', 'o30-1') THEN 400 ELSE 0 END
      WHERE oid LIKE '%0-1' RETURNING id, order_id, remaining)
    INSERT INTO "${schema}".cancels
      (id, mid, order_id, approval_id, seq, operation, cancel_price, confirm_price, state, created_at)
    SELECT gen_random_uuid(), 'm', order_id, id, 1, 'payments.cancelPartially', 1000 - remaining, remaining, 'done', now()
    FROM cancelled`);
  const { counting, count } = counted(await openPostgresStore(pool, schema));
  const ledger = createLedger({ mid: "m", environment: "sandbox" }, counting);
  const listed = async (
    status: "partially-cancelled" | "cancelled" | "unknown" | "paid",
    before?: number,
  ) => {
    count.pages = 0;
    const found = await ledger.payments.list({
      status,
      limit: 2,
      ...(before === undefined ? {} : { before }),
    });
    return { orders: found.map(({ orderId }) => orderId), last: found.at(-1)?.position, pages: count.pages };
  };
  const first = await listed("partially-cancelled");
  expect(first).toMatchObject({ orders: ["o30", "o20"], pages: 1 });
  expect(await listed("partially-cancelled", first.last)).toMatchObject({ orders: ["o10"], pages: 1 });
  expect(await listed("cancelled")).toMatchObject({ orders: ["o20000", "o19990"], pages: 1 });
  expect(await listed("paid")).toMatchObject({ orders: ["o19999", "o19998"], pages: 1 });
  expect(await listed("unknown")).toMatchObject({ orders: [], pages: 1 });
  await ledger.close();
  await pool.end();
  await drop();
});
