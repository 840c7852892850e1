import { Secret } from "@payapi/core";
import { Client } from "pg";
import { expect, it, onTestFinished } from "vitest";
import type { Ledger } from "../src/index.js";
import { databaseUrl, ownSchema, sql } from "./database.js";

/** Runs the calls so that both of them wait for the rows of a key, and go on one after the other. */
async function onceUnlocked<T>(schema: string, calls: () => Promise<T>[]): Promise<T[]> {
  const holder = new Client({ connectionString: databaseUrl });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query("BEGIN");
  await holder.query(`SELECT FROM "${schema}".billing_keys FOR UPDATE`);
  const running = Promise.all(calls());
  const waiting = async () =>
    (
      await sql(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
        [`%"${schema}".billing_keys%`],
      )
    )[0].count;
  while ((await waiting()) < 2);
  await holder.query("COMMIT");
  return running;
}

async function activeKey(ledger: Ledger): Promise<string> {
  const reservation = await ledger.store.reserveKey({ customerId: "alice" });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.settleKey(reservation.call, { outcome: "succeeded", billkey: new Secret("BK1") });
  return reservation.call.id;
}

it.each(["two replacements", "a replacement and a deletion"])(
  "a change of a billing key sees what was written while it waited for the lock: %s",
  async (what) => {
    const own = await ownSchema();
    const secrets = { current: "0".repeat(64) };
    const [one, two] = [await own.ledger({ secrets }), await own.ledger({ secrets })];
    const id = await activeKey(one);
    const replace = (ledger: Ledger) => ledger.store.reserveKey({ customerId: "alice", replaces: id });
    const results = await onceUnlocked<{ status: string; reason?: string }>(own.schema, () => [
      replace(one),
      what === "two replacements" ? replace(two) : two.store.reserveKeyDeletion(id),
    ]);
    expect(results.filter(({ status }) => status === "reserved")).toHaveLength(1);
    const refused = results.find(({ status }) => status === "refused");
    // After a deletion there is nothing left to replace.
    expect(["in-progress", "no-such-key"]).toContain(refused?.reason);
  },
);

it("the ledger does not stop a key that it cannot read, nor lock its deletion", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: "1".repeat(64) } });
  const { store } = await own.ledger({ secrets: { current: "2".repeat(64) } });
  const id = await activeKey(ledger);
  const unreadable = { code: "unreadable-key" };
  await expect(store.reserveKeyDeletion(id)).rejects.toMatchObject(unreadable);
  expect(await store.findKey(id)).toMatchObject({ state: "active" });
  const stopped = await ledger.store.reserveKeyDeletion(id);
  if (stopped.status !== "reserved") throw new Error(stopped.reason);
  await ledger.store.settleKeyDeletion(stopped.call, { outcome: "unknown" });
  await expect(store.reserveKeyDeletionRetry(stopped.call.callId)).rejects.toMatchObject(unreadable);
  expect(await ledger.store.reserveKeyDeletionRetry(stopped.call.callId)).toMatchObject({
    status: "reserved",
  });
});
