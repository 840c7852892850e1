import { describe, expect, it } from "vitest";
import { ownSchema, sql } from "./database.js";

/** A paid order with a cancelled part, as rows. */
async function rows() {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: "0".repeat(64) } });
  const reservation = await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: "t", price: 1_000 });
  const part = { cancelPrice: 300, confirmPrice: 700 };
  const cancel = await ledger.store.reserveCancel({ orderId: "a", part });
  if (cancel.status !== "reserved") throw new Error("Refused");
  await ledger.store.settle(cancel.call, { outcome: "succeeded" });
  for (const customerId of ["a", "b", "c", "d"]) {
    await ledger.keys.import({ customerId, kind: "mobile", billkey: "BK1" });
  }
  return own.schema;
}

describe("the tables", () => {
  it.each([
    ["entries", "order_id"],
    ["transitions", "order_id"],
    ["billing_key_transitions", "key_id"],
    ["databases", "actor"],
    ["merchants", "mid"],
  ])("reject a change of %s", async (table, column) => {
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

  it.each(["approvals", "cancels", "billing_keys", "key_versions"])(
    "reject a deletion from %s",
    async (table) => {
      const schema = await rows();
      await expect(sql(`DELETE FROM "${schema}".${table}`)).rejects.toMatchObject({ code: "23001" });
      await expect(sql(`TRUNCATE "${schema}".${table} CASCADE`)).rejects.toMatchObject({ code: "23001" });
    },
  );

  it("require postings that sum to zero", async () => {
    const schema = await rows();
    expect(await sql(`SELECT sum(amount) FROM "${schema}".entries`)).toEqual([{ sum: "0" }]);
    const alone = `INSERT INTO "${schema}".entries (posting, at, mid, order_id, approval_id, account, amount)
      SELECT gen_random_uuid(), now(), mid, order_id, id, 'gateway', 1 FROM "${schema}".approvals`;
    await expect(sql(alone)).rejects.toMatchObject({ code: "23514" });
  });

  it("check the rules of each row", async () => {
    const schema = await rows();
    // Each breaks one rule and no other.
    const broken = [
      ["approvals", "remaining = -1", "approvals_check"],
      ["approvals", "remaining = price + 1", "approvals_check"],
      ["approvals", "held = -1, open_cancel = gen_random_uuid()", "approvals_check1"],
      ["approvals", "held = remaining + 1, open_cancel = gen_random_uuid()", "approvals_check1"],
      ["approvals", "held = 1", "approvals_check2"],
      ["approvals", "tid = NULL", "approvals_check3"],
      ["approvals", "state = 'mismatch'", "approvals_check4"],
      ["approvals", "state = 'gone', remaining = 0", "approvals_state_check"],
      ["approvals", "settled_by = 'nobody'", "approvals_settled_by_check"],
      ["approvals", "price = 0, remaining = 0", "approvals_price_check"],
      ["approvals", "reported_price = -1", "approvals_reported_price_check"],
      ["approvals", "state = 'sending', remaining = 0, deadline_at = NULL", "approvals_deadline"],
      ["approvals", "state = 'sending', remaining = 0, sending_at = NULL", "approvals_deadline"],
      ["cancels", "cancel_price = 0", "cancels_cancel_price_check"],
      ["cancels", "confirm_price = -1", "cancels_confirm_price_check"],
      ["cancels", "state = 'gone'", "cancels_state_check"],
      ["cancels", "repeats = 4", "cancels_repeats_check"],
      ["cancels", "state = 'sending', deadline_at = NULL", "cancels_deadline"],
      ["billing_keys", "encrypted_key = NULL", "billing_keys_check"],
      ["billing_keys", "unsent_deletions = deletions + 1", "billing_keys_deletions"],
      [
        "billing_keys",
        "state = 'sending', encrypted_key = NULL, deadline_at = NULL",
        "billing_keys_deadline",
      ],
    ] as const;
    const refusals = await Promise.all(
      broken.map(async ([table, change]) => [
        table,
        change,
        await sql(`UPDATE "${schema}".${table} SET ${change}`).catch(({ constraint }) => constraint),
      ]),
    );
    expect(refusals).toEqual(broken);
  });

  it.each([
    ["approvals", "remaining = remaining - 1"],
    ["approvals", "remaining = price"],
    ["cancels", "cancel_price = cancel_price + 1"],
    ["cancels", "state = 'refused'; UPDATE approvals SET price = price"],
  ])("require a payment, its cancels and its remainder to add up (%s: %s)", async (table, change) => {
    const schema = await rows();
    await expect(sql(`SET search_path = "${schema}"; UPDATE ${table} SET ${change}`)).rejects.toMatchObject({
      code: "23514",
      message: expect.stringContaining("approvals.remaining must equal"),
    });
  });

  it("reject duplicates of unique ids", async () => {
    const schema = await rows();
    const apart = { attempt_no: 2, oid: "o2", tid: "t2" };
    const declined = { state: "declined", remaining: 0, tid: null };
    const twice = [
      ["approvals", apart, "approvals_one_live"],
      ["approvals", { ...apart, ...declined, oid: undefined }, "approvals_oid"],
      ["approvals", { ...apart, ...declined, attempt_no: undefined }, "approvals_attempt"],
      ["approvals", { ...apart, order_id: "b", tid: undefined }, "approvals_tid"],
      ["cancels", { state: "refused" }, "cancels_seq"],
      ["cancels", { state: "unknown", seq: 2 }, undefined],
    ] as const;
    const refusals = await Promise.all(
      twice.map(async ([table, change]) => [
        table,
        change,
        await sql(
          `INSERT INTO "${schema}".${table} OVERRIDING USER VALUE
           SELECT (jsonb_populate_record(row, $1::jsonb || jsonb_build_object('id', gen_random_uuid()))).*
           FROM "${schema}".${table} AS row LIMIT 1`,
          [JSON.stringify(change)],
        ).then(
          () => undefined,
          ({ constraint }) => constraint,
        ),
      ]),
    );
    expect(refusals).toEqual(twice);
  });

  it("have no column for card data", async () => {
    const schema = await rows();
    const columns = await sql(
      "SELECT DISTINCT column_name AS name FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1",
      [schema],
    );
    const names = columns.map(({ name }) => name).join(" ");
    expect(names).not.toMatch(/card|pan|birth|regist|passw|pin|cvc|expir|billkey|cipher|signature|buyer/);
  });
});
