import type { LogEntry } from "@payapi/core/handler";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { Pool } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { type DatabaseEvent, type Ledger, migrateLedger, openLedger } from "../src/index.js";
import { databaseUrl, ownSchema, payapi, sql, unusedSchema } from "./database.js";

const order = { orderId: "order-1", price: 1_000, payType: "card" };
const acceptance = {
  actor: "kim",
  evidence: "console compared from 09:00 to 09:20, card 4111111111111111 refunded",
};

async function reserved(ledger: Ledger, orderId = order.orderId) {
  const reservation = await ledger.store.reserveApproval({ ...order, orderId });
  if (reservation.status !== "reserved") throw new Error("Refused");
  return reservation.call;
}

/** Accepts the database that answers now. */
async function acceptanceNow(ledger: Ledger) {
  return { ...acceptance, seen: (await ledger.operations.database()).seen, transactions: [] };
}

async function open(database: string, schema?: string) {
  const where = schema === undefined ? { database } : { database, schema };
  const ledger = await openLedger({ payapi, maxPauseMs: 60_000, closeTimeoutMs: 0, ...where });
  onTestFinished(() => ledger.close());
  return ledger;
}

it("a ledger accepts the database in which its tables were created", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  expect(await ledger.operations.database()).toMatchObject({ accepted: true, actor: "migration" });
  await ledger.store.markSending(await reserved(ledger));
  // Nothing changed, so there is nothing to accept.
  expect(await ledger.operations.acceptDatabase(await acceptanceNow(ledger))).toMatchObject({
    accepted: true,
    actor: "migration",
  });
});

it.each([
  ["another cluster, as after pg_upgrade or a move", 0],
  ["another timeline, as after a failover or a restore to a point in time", 1],
  ["another database", 2],
  ["another table, as after a dump was restored", 3],
])("a ledger refuses calls in %s until it is accepted", async (_, part) => {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: "0".repeat(64) } });
  const sent = await reserved(ledger, "sent");
  await ledger.store.markSending(sent);
  const waiting = await reserved(ledger);
  const key = await ledger.store.reserveKey({ customerId: "alice" });
  if (key.status !== "reserved") throw new Error("Refused");

  const [row] = await sql(`SELECT identity FROM "${own.schema}".databases`);
  const parts = String(row?.identity).split("/");
  expect(parts).toHaveLength(4);
  const other = parts.with(part, part === 1 ? "FFFFFFFF" : "1").join("/");
  await sql(
    `INSERT INTO "${own.schema}".databases (identity, at, actor, evidence) VALUES ($1, now(), 'lee', 'test')`,
    [other],
  );

  expect(await ledger.operations.database()).toMatchObject({ accepted: false, actor: "lee" });
  for (const mark of [() => ledger.store.markSending(waiting), () => ledger.store.markKeySending(key.call)]) {
    await expect(mark()).rejects.toMatchObject({
      code: "database-changed",
      message: expect.stringContaining("acceptDatabase"),
    });
  }
  const written = () => sql(`SELECT id, state FROM "${own.schema}".approvals ORDER BY id`);
  const before = await written();
  for (const reserve of [
    () => ledger.store.reserveApproval({ ...order, orderId: "new" }),
    () => ledger.store.reserveCancel({ orderId: "sent" }),
    () => ledger.store.reserveKey({ customerId: "bob" }),
    // A buyer pays by a link without another call of the shop's.
    () => ledger.store.openLink({ ...order, orderId: "link" }),
  ]) {
    await expect(reserve()).rejects.toMatchObject({
      code: "database-changed",
      message: expect.stringContaining("acceptDatabase"),
    });
  }
  expect(await written()).toEqual(before);
  // Facts are still written, and reads still work.
  await ledger.store.settle(sent, { outcome: "succeeded", tid: "t", price: 1_000 });
  expect((await ledger.payments.find("sent"))?.status).toBe("paid");
  expect((await ledger.store.settle(waiting, { outcome: "not-sent" })).status).toBe("not-sent");
  await ledger.operations.recover();

  expect(await ledger.operations.acceptDatabase(await acceptanceNow(ledger))).toMatchObject({
    accepted: true,
    actor: "kim",
  });
  const [, , accepted] = await sql(`SELECT evidence FROM "${own.schema}".databases ORDER BY id`);
  expect(accepted.evidence).toContain("console compared");
  expect(accepted.evidence).not.toContain("4111");
  await ledger.store.markSending(await reserved(ledger));
});

it("a ledger detects a restored backup, which opens with a warning and refuses reservations", async () => {
  const [original, copy] = [unusedSchema(), unusedSchema()];
  const urlOf = (database: string) => Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;
  await sql(`CREATE DATABASE "${original}"`);
  onTestFinished(async () => {
    for (const name of [copy, original]) await sql(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  });
  await migrateLedger(urlOf(original));
  const before = await openLedger({
    payapi,
    database: urlOf(original),
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
  });
  await before.store.markSending(await reserved(before, "in-both"));
  await before.close();
  await sql(`CREATE DATABASE "${copy}" TEMPLATE "${original}"`);

  const restored = await open(urlOf(copy));
  expect((await restored.payments.find("in-both"))?.status).toBe("in-progress");
  await expect(reserved(restored)).rejects.toMatchObject({ code: "database-changed" });
  const kept = await open(urlOf(original));
  await kept.store.markSending(await reserved(kept));
});

it("a ledger detects another server with the same rows", async () => {
  const own = await ownSchema();
  await own.ledger();
  const other = await startLocalPostgres();
  onTestFinished(() => other.stop());
  await migrateLedger(other.url, { schema: own.schema });
  const [row] = await sql(`SELECT identity FROM "${own.schema}".databases`);
  await sql(
    `INSERT INTO "${own.schema}".databases (identity, at, actor, evidence) VALUES ($1, now(), 'lee', 'restored')`,
    [row?.identity],
    other.url,
  );
  const ledger = await open(other.url, own.schema);
  await expect(reserved(ledger)).rejects.toMatchObject({ code: "database-changed" });
  await ledger.operations.acceptDatabase(await acceptanceNow(ledger));
  await ledger.store.markSending(await reserved(ledger));
});

it("a ledger compares the database within a reservation's or mark's own statement, without a further round trip", async () => {
  const { schema } = await ownSchema();
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  onTestFinished(() => pool.end());
  const texts: string[] = [];
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const heard = (...given: unknown[]) => {
      const [asked] = given as [string | { readonly text: string }];
      texts.push(typeof asked === "string" ? asked : asked.text);
      return query(...given);
    };
    Object.assign(client, { query: heard });
  });
  const ledger = await openLedger({ payapi, database: pool, schema, maxPauseMs: 60_000, closeTimeoutMs: 0 });
  onTestFinished(() => ledger.close());
  // The environment of a new merchant is read until its first row is written.
  await ledger.store.openLink({ ...order, orderId: "first" });
  for (const calls of [
    async () => ledger.store.markSending(await reserved(ledger)),
    () => ledger.store.openLink({ ...order, orderId: "link" }),
  ]) {
    texts.length = 0;
    await calls();
    for (const text of texts) {
      expect(text).toMatch(/^(SELECT d\.|WITH guard)/);
      expect(text).toContain("pg_control_system");
    }
    expect(texts.some((text) => text.startsWith("WITH guard"))).toBe(true);
  }
});

it("a ledger warns of a replaced database when it opens, and while the shop is idle", async () => {
  const own = await ownSchema();
  const warned: string[] = [];
  let hear = (): void => {};
  const logger = ({ code }: LogEntry) => {
    warned.push(code);
    hear();
  };
  const idle = await own.ledger({ logger });
  expect(warned).toEqual([]);
  await sql(
    `INSERT INTO "${own.schema}".databases (identity, at, actor, evidence) VALUES ('before', now(), 'lee', 'test')`,
  );
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  idle.operations.startWorker({ consumer: "shop", on: {} });
  await heard;
  await own.ledger({ logger });
  expect(warned).toEqual(["database-changed", "database-changed"]);
});

it("a replaced database is told as one event, and the health says why nothing is sold", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  expect(await ledger.operations.health()).toEqual({ canSend: true });
  await sql(
    `INSERT INTO "${own.schema}".databases (identity, at, actor, evidence) VALUES ('before', now(), 'lee', 'test')`,
  );
  expect(await ledger.operations.health()).toEqual({ canSend: false, reason: "database-changed" });
  const events: DatabaseEvent[] = [];
  const consumer = {
    consumer: "shop",
    on: { "database-changed": async (event: DatabaseEvent) => void events.push(event) },
  };
  // Two processes that start again, as after a failover.
  for (const each of [await own.ledger(), await own.ledger()]) await each.operations.runOnce(consumer);
  const { seen } = await ledger.operations.database();
  expect(events).toMatchObject([{ kind: "database-changed", seen }]);
  await ledger.operations.acceptDatabase(await acceptanceNow(ledger));
  expect(await ledger.operations.health()).toEqual({ canSend: true });
  await ledger.close();
  expect(await ledger.operations.health()).toEqual({ canSend: false, reason: "closing" });
});

it("a ledger does not accept a database that took over during the comparison", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const [row] = await sql(`SELECT identity FROM "${own.schema}".databases`);
  await sql(
    `INSERT INTO "${own.schema}".databases (identity, at, actor, evidence) VALUES ('before', now(), 'lee', 'test')`,
  );
  const compared = await acceptanceNow(ledger);
  expect(compared.seen).toMatch(/^[0-9a-f]{16}$/);
  expect(row?.identity).not.toContain(compared.seen);
  // The tables once more, as after another restore.
  await sql(`ALTER TABLE "${own.schema}".approvals RENAME TO kept`);
  await sql(`CREATE TABLE "${own.schema}".approvals (LIKE "${own.schema}".kept INCLUDING ALL)`);
  await expect(ledger.operations.acceptDatabase(compared)).rejects.toMatchObject({
    code: "database-changed",
    message: expect.stringContaining("database()"),
  });
  expect(await ledger.operations.database()).toMatchObject({ accepted: false, actor: "lee" });
  expect(await ledger.operations.acceptDatabase(await acceptanceNow(ledger))).toMatchObject({
    accepted: true,
    actor: "kim",
  });
});

it.each([
  [{ actor: "" }],
  [{ evidence: "" }],
  [{ evidence: "e".repeat(1_001) }],
  [{ seen: "" }],
  [{ seen: undefined as unknown as string }],
  [{ transactions: undefined as unknown as [] }],
])("a ledger requires actor, evidence, identity and transactions: %j", async (missing) => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  const incomplete = { ...(await acceptanceNow(ledger)), ...missing };
  await expect(ledger.operations.acceptDatabase(incomplete)).rejects.toMatchObject({
    code: "invalid-argument",
  });
});

it("a ledger reports which grant is missing to identify the database", async () => {
  const role = `role_${unusedSchema()}`;
  await sql(`CREATE ROLE "${role}" LOGIN PASSWORD 'test'`);
  // Of one database only: the others of this server share the run.
  const database = unusedSchema();
  await sql(`CREATE DATABASE "${database}"`);
  onTestFinished(async () => {
    await sql(`DROP DATABASE "${database}" WITH (FORCE)`);
    await sql(`DROP ROLE "${role}"`);
  });
  const url = Object.assign(new URL(databaseUrl), { pathname: `/${database}` });
  await migrateLedger(url.href);
  await sql("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", [], url.href);
  await sql(`GRANT USAGE ON SCHEMA payapi TO "${role}"`, [], url.href);
  await sql(`GRANT SELECT ON ALL TABLES IN SCHEMA payapi TO "${role}"`, [], url.href);
  const asRole = Object.assign(new URL(url), { username: role, password: "test" });
  await expect(openLedger({ payapi, database: asRole.href })).rejects.toMatchObject({
    code: "unsafe-database",
    message: expect.stringContaining("GRANT EXECUTE ON FUNCTION pg_control_system()"),
  });
});
