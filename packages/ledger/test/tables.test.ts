import { describe, expect, it } from "vitest";
import { ownSchema, sql } from "./database.js";

/** A paid order with a cancelled part, as rows. */
async function rows() {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: "0".repeat(64) } });
  const reservation = await ledger.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.markSending(reservation.call);
  await ledger.settle(reservation.call, { outcome: "succeeded", tid: "t", price: 1_000 });
  const part = { cancelPrice: 300, confirmPrice: 700 };
  const cancel = await ledger.reserveCancel({ orderId: "a", part });
  if (cancel.status !== "reserved") throw new Error("Refused");
  await ledger.settle(cancel.call, { outcome: "succeeded" });
  for (const owner of ["a", "b", "c", "d"]) {
    await ledger.importBillingKey({ owner, kind: "mobile", billkey: "BK1" });
  }
  return own.schema;
}

describe("what is written in the tables", () => {
  it.each([
    ["entries", "order_id"],
    ["transitions", "order_id"],
    ["billing_key_transitions", "key_id"],
    ["databases", "actor"],
  ])("stays as it is in %s", async (table, column) => {
    const schema = await rows();
    const before = await sql(`SELECT * FROM "${schema}".${table}`);
    expect(before.length).toBeGreaterThan(0);
    for (const statement of [
      `UPDATE "${schema}".${table} SET ${column} = 'b'`,
      `DELETE FROM "${schema}".${table}`,
      `TRUNCATE "${schema}".${table} CASCADE`,
    ]) {
      await expect(sql(statement)).rejects.toMatchObject({ code: "23001" });
    }
    expect(await sql(`SELECT * FROM "${schema}".${table}`)).toEqual(before);
  });

  it.each(["approvals", "cancels", "billing_keys"])("is never deleted from %s", async (table) => {
    const schema = await rows();
    await expect(sql(`DELETE FROM "${schema}".${table}`)).rejects.toMatchObject({ code: "23001" });
    await expect(sql(`TRUNCATE "${schema}".${table} CASCADE`)).rejects.toMatchObject({ code: "23001" });
  });

  it("sums to zero, even when somebody writes by hand", async () => {
    const schema = await rows();
    expect(await sql(`SELECT sum(amount) FROM "${schema}".entries`)).toEqual([{ sum: "0" }]);
    const alone = `INSERT INTO "${schema}".entries (posting, at, mid, order_id, approval_id, account, amount)
      SELECT gen_random_uuid(), now(), mid, order_id, id, 'gateway', 1 FROM "${schema}".approvals`;
    await expect(sql(alone)).rejects.toMatchObject({ code: "23514" });
  });

  it("has no place for card data", async () => {
    const schema = await rows();
    const columns = await sql(
      "SELECT DISTINCT column_name AS name FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1",
      [schema],
    );
    const names = columns.map(({ name }) => name).join(" ");
    expect(names).not.toMatch(/card|pan|birth|regist|passw|pin|cvc|expir|billkey|cipher|signature|buyer/);
  });
});
