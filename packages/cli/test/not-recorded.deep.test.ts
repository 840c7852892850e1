import { expect, it, onTestFinished } from "vitest";
import { openShop, sql } from "./support/shop.js";

/** From then on the database takes no such change of a cancel. */
async function refuseCancels(schema: string, change: string): Promise<void> {
  await sql(`CREATE FUNCTION "${schema}".refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = 'cannot_connect_now'; END $$`);
  await sql(`CREATE TRIGGER refuse BEFORE UPDATE ON "${schema}".cancels FOR EACH ROW
    WHEN (${change}) EXECUTE FUNCTION "${schema}".refuse()`);
}

it("a cancel whose outcome cannot be recorded leaves its trace in the output, and the payment locked", async () => {
  const shop = await openShop();
  onTestFinished(() => shop.close());
  const { orderId, tid } = await shop.paid();
  await refuseCancels(shop.schema, "NEW.state = 'done'");

  const run = await shop.tool(["cancel", orderId, "--yes", "--json"]);
  expect(run.json()).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: "not-recorded", message: expect.stringMatching(/^It was sent/) },
    result: { outcome: "succeeded", tid, cancelPrice: 15_000, resultCode: "00", order: null },
  });
  expect(await shop.ledger.payments.find(orderId)).toMatchObject({ cancel: { status: "in-progress" } });
  expect(shop.sandbox.book.find(tid)?.cancels).toHaveLength(1);
});

it("a cancel that could not even be marked is not called sent", async () => {
  const shop = await openShop();
  onTestFinished(() => shop.close());
  const { orderId, tid } = await shop.paid();
  await refuseCancels(shop.schema, "true");

  const run = await shop.tool(["cancel", orderId, "--yes", "--json"]);
  expect(run.json()).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: "not-recorded", message: expect.stringMatching(/^Nothing was sent/) },
    result: { outcome: "not-sent", order: null },
  });
  expect(shop.sandbox.book.find(tid)?.cancels).toEqual([]);
});
