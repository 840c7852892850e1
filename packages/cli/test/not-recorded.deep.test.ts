import { expect, it, onTestFinished } from "vitest";
import { openShop, sql } from "./support/shop.js";

it("a cancel whose outcome cannot be recorded leaves its trace in the output, and the payment locked", async () => {
  const shop = await openShop();
  onTestFinished(() => shop.close());
  const { orderId, tid } = await shop.paid();
  // From the moment of the reply on, the database takes no word about this cancel.
  await sql(`CREATE FUNCTION "${shop.schema}".refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = 'cannot_connect_now'; END $$`);
  await sql(`CREATE TRIGGER refuse BEFORE UPDATE ON "${shop.schema}".cancels FOR EACH ROW
    WHEN (NEW.state = 'done') EXECUTE FUNCTION "${shop.schema}".refuse()`);

  const run = await shop.tool(["cancel", orderId, "--json"]);
  expect(run.json()).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: "not-recorded" },
    result: { outcome: "succeeded", tid, cancelPrice: 15_000, resultCode: "00", order: null },
  });
  expect(await shop.ledger.findOrder(orderId)).toMatchObject({ cancel: { status: "in-progress" } });
  expect(shop.sandbox.book.find(tid)?.cancels).toHaveLength(1);
});
