import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Secret } from "@payapi/core";
import { Pool } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { sampleNotifications } from "../../contract-tests/src/store-contract/sample-notifications.js";
import { migrateLedger, openLedger } from "../src/index.js";
import { databaseUrl, payapi, sql, unusedSchema } from "./database.js";

const newest = 1;

function newSchemaName(): string {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  });
  return schema;
}

/** A role that may log in and nothing else, and the way to connect as it. */
async function newRole(): Promise<{ role: string; url: string }> {
  const role = `role_${unusedSchema()}`;
  await sql(`CREATE ROLE "${role}" LOGIN PASSWORD 'test'`);
  onTestFinished(async () => {
    await sql(`DROP OWNED BY "${role}"`);
    await sql(`DROP ROLE "${role}"`);
  });
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = "test";
  return { role, url: url.href };
}

/** `grants.sql` for another schema and role. */
async function grantsFor(schema: string, role: string): Promise<string> {
  const statements = await readFile(new URL("../grants.sql", import.meta.url), "utf8");
  return statements
    .replaceAll("payapi.", `"${schema}".`)
    .replaceAll("SCHEMA payapi", `SCHEMA "${schema}"`)
    .replaceAll("TO shop", `TO "${role}"`);
}

/** What must not change of a row, by table: who it belongs to, its price, and how the gateway was told of it. */
const immutable = {
  orders: ["mid", "order_id"],
  approvals: ["id", "mid", "order_id", "attempt_no", "oid", "pay_type", "price", "auth_tid", "created_at"],
  cancels: [
    "id",
    "mid",
    "order_id",
    "approval_id",
    "seq",
    "operation",
    "cancel_price",
    "confirm_price",
    "actor",
  ],
  links: ["token", "mid", "order_id", "oid", "pay_type", "price", "created_at"],
  notifications: [
    "id",
    "mid",
    "dedupe_key",
    "fingerprint",
    "kind",
    "event",
    "fields",
    "listed",
    "received_at",
  ],
  billing_keys: ["id", "mid", "key_id", "customer_id", "kind", "created_at"],
  entries: ["amount", "account", "order_id"],
  transitions: ["to_state", "actor"],
  events: ["data"],
  databases: ["identity"],
};

describe("migrateLedger", () => {
  it("creates the tables, and does nothing the second time", async () => {
    const schema = newSchemaName();
    expect(await migrateLedger(databaseUrl, { schema })).toEqual({ from: 0, to: newest });
    expect(await migrateLedger(databaseUrl, { schema })).toEqual({ from: newest, to: newest });
    expect(await sql(`SELECT version, name FROM "${schema}".migrations`)).toEqual([
      { version: 1, name: "0001-schema" },
    ]);
  });

  it("runs once for eight concurrent callers", async () => {
    const schema = newSchemaName();
    const done = await Promise.all(Array.from({ length: 8 }, () => migrateLedger(databaseUrl, { schema })));
    expect(done.map(({ from }) => from).sort()).toEqual([0, ...Array(7).fill(newest)]);
  });

  it("is rolled back when it fails", async () => {
    const schema = newSchemaName();
    await sql(`CREATE SCHEMA "${schema}"`);
    await sql(`CREATE TABLE "${schema}".entries ()`);
    await expect(migrateLedger(databaseUrl, { schema })).rejects.toMatchObject({ sqlState: "42P07" });
    const tables = await sql("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
    expect(tables).toEqual([{ tablename: "entries" }]);
  });

  it("accepts a pool, and leaves it open", async () => {
    const schema = newSchemaName();
    const pool = new Pool({ connectionString: databaseUrl });
    onTestFinished(() => pool.end());
    await migrateLedger(pool, { schema });
    await expect(pool.query("SELECT 1")).resolves.toBeDefined();
  });

  it("grants.sql lets a role insert into every table and change nothing immutable", async () => {
    const schema = newSchemaName();
    await migrateLedger(databaseUrl, { schema });
    const { role, url } = await newRole();
    await sql(await grantsFor(schema, role));
    for (const [table, columns] of Object.entries(immutable)) {
      for (const column of columns) {
        const change = sql(`UPDATE "${schema}".${table} SET ${column} = ${column}`, [], url);
        await expect(change, `${table}.${column}`).rejects.toMatchObject({ code: "42501" });
      }
      await expect(sql(`DELETE FROM "${schema}".${table}`, [], url)).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("a role without the right to change tables can run the ledger", async () => {
    const schema = newSchemaName();
    await migrateLedger(databaseUrl, { schema });
    const { role, url } = await newRole();
    await sql(await grantsFor(schema, role));
    const written = await sql(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'
       AND NOT has_table_privilege($2, format('%I.%I', schemaname, tablename), 'INSERT')`,
      [schema, role],
    );
    expect(written).toEqual([]);
    expect(await migrateLedger(url, { schema })).toEqual({ from: newest, to: newest });

    const secrets = { current: randomBytes(32).toString("base64") };
    const ledger = await openLedger({ payapi, database: url, schema, secrets });
    onTestFinished(() => ledger.close());
    const reservation = await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: "t", price: 1_000 });
    const cancel = await ledger.store.reserveCancel({ orderId: "a" });
    if (cancel.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(cancel.call);
    const order = await ledger.store.settle(cancel.call, { outcome: "succeeded" });
    expect(order.status).toBe("cancelled");
    const link = await ledger.store.openLink({ orderId: "b", price: 1_000, payType: "vbank" });
    if (link.status !== "reserved") throw new Error("Refused");
    await ledger.store.settleLink(link.link.token, "https://pay.example/1");
    const { oid } = link.link;
    const { deposited } = sampleNotifications(payapi.mid);
    expect(await ledger.store.receiveNotification(deposited({ oid, tid: "t2", price: 1_000 }))).toEqual({
      effect: "applied",
      orderId: "b",
    });

    const counters = [{ key: "card", limit: 1 }];
    const attempt = await ledger.store.consumeRateLimit({ counters, windowMs: 60_000 });
    if (!attempt.allowed) throw new Error("Not allowed");
    await ledger.store.releaseRateLimit(attempt.counted);
    const request = { scope: "charge", key: "k" };
    await ledger.store.beginRequest({ ...request, fingerprint: "f", leaseMs: 60_000 });
    await ledger.store.endRequest(request, undefined);
    const issue = await ledger.store.reserveKey({ customerId: "alice" });
    if (issue.status !== "reserved") throw new Error("Refused");
    await ledger.store.markKeySending(issue.call);
    const settled = await ledger.store.settleKey(issue.call, {
      outcome: "succeeded",
      billkey: new Secret("BK1"),
    });
    expect(settled.key.state).toBe("active");
    const deletion = await ledger.store.reserveKeyDeletion(issue.call.id);
    if (deletion.status !== "reserved") throw new Error("Refused");
    await ledger.store.settleKeyDeletion(deletion.call, { outcome: "succeeded" });
    await ledger.keys.rotateSecrets();
    await ledger.operations.recover();
    await sql(
      `INSERT INTO "${schema}".databases (identity, at, actor, evidence) VALUES ('another', now(), 'lee', 'test')`,
    );
    const { seen } = await ledger.operations.database();
    expect(
      await ledger.operations.acceptDatabase({ actor: "kim", evidence: "console", seen, transactions: [] }),
    ).toMatchObject({
      accepted: true,
    });
    const kinds: string[] = [];
    const take = ({ kind }: { readonly kind: string }) => {
      kinds.push(kind);
    };
    const on = { approved: take, cancelled: take, deposited: take, "key-issued": take, "key-deleted": take };
    await ledger.operations.runOnce({ consumer: "shop", on });
    // Only what is about the same order or key comes in order.
    expect(kinds.sort()).toEqual(["approved", "cancelled", "deposited", "key-deleted", "key-issued"]);
    expect(await ledger.events.consumers()).toMatchObject([{ consumer: "shop", waiting: 0 }]);
    expect(await ledger.events.redeliver("00000000-0000-4000-8000-000000000000")).toBe(0);
    expect(await ledger.events.removeConsumer("shop")).toBe(true);
    await ledger.operations.runOnce({ consumer: "shop", on, startFrom: "now" });
    expect(kinds).toHaveLength(5);
    await expect(sql(`DELETE FROM "${schema}".approvals`, [], url)).rejects.toThrow("permission denied");
  });
});

describe("openLedger", () => {
  const open = (schema: string) => openLedger({ payapi, database: databaseUrl, schema });

  it("never creates tables, and names the command that does", async () => {
    const schema = newSchemaName();
    await expect(open(schema)).rejects.toMatchObject({
      code: "not-migrated",
      message: expect.stringContaining("migrateLedger"),
    });
    expect(await sql("SELECT FROM pg_namespace WHERE nspname = $1", [schema])).toEqual([]);
  });

  it("rejects a database that cannot store Korean text", async () => {
    const database = unusedSchema();
    await sql(`CREATE DATABASE "${database}" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    onTestFinished(async () => {
      await sql(`DROP DATABASE "${database}" WITH (FORCE)`);
    });
    const url = new URL(databaseUrl);
    url.pathname = `/${database}`;
    await migrateLedger(url.href);
    await expect(openLedger({ payapi, database: url.href })).rejects.toMatchObject({
      code: "unsafe-database",
      message: expect.stringContaining("UTF8"),
    });
  });

  it("rejects tables of a newer version", async () => {
    const schema = newSchemaName();
    await migrateLedger(databaseUrl, { schema });
    await sql(`INSERT INTO "${schema}".migrations VALUES (1000, '1000-later', now())`);
    await expect(open(schema)).rejects.toMatchObject({ code: "not-migrated" });
    await expect(migrateLedger(databaseUrl, { schema })).rejects.toMatchObject({ code: "not-migrated" });
  });

  it.each(["Select", "_", "user", "Shop_2026", "a".repeat(63)])("works in the schema %s", async (schema) => {
    const database = unusedSchema();
    await sql(`CREATE DATABASE "${database}"`);
    onTestFinished(async () => {
      await sql(`DROP DATABASE "${database}" WITH (FORCE)`);
    });
    const url = Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;
    await migrateLedger(url, { schema });
    const ledger = await openLedger({ payapi, database: url, schema, maxPauseMs: 60_000 });
    onTestFinished(() => ledger.close());
    const reservation = await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: "t", price: 1_000 });
    expect(await ledger.payments.balance("a")).toEqual({ gateway: 1_000, paid: 1_000, suspense: 0 });
    await expect(sql(`DELETE FROM "${schema}".approvals`, [], url)).rejects.toMatchObject({ code: "23001" });
  });

  it.each(["", "1a", 'a"b', "a b", "pg_catalog", "a".repeat(64), "a;b"])(
    "rejects the schema name %j",
    async (name) => {
      await expect(open(name)).rejects.toMatchObject({ code: "invalid-argument" });
      await expect(migrateLedger(databaseUrl, { schema: name })).rejects.toMatchObject({
        code: "invalid-argument",
      });
    },
  );

  it("reads rows whatever the type parsers of pg and the session's date style", async () => {
    const schema = newSchemaName();
    await migrateLedger(databaseUrl, { schema });
    const pool = new Pool({
      connectionString: databaseUrl,
      options: "-c DateStyle=German -c TimeZone=Asia/Seoul",
      types: { getTypeParser: () => () => "nonsense" },
    });
    onTestFinished(() => pool.end());
    const ledger = await openLedger({ payapi, database: pool, schema });
    const reservation = await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    const approvedAt = new Date("2026-05-01T12:34:56Z");
    await ledger.store.settle(reservation.call, {
      outcome: "succeeded",
      tid: "t",
      price: 1_000,
      at: approvedAt,
    });
    expect(await ledger.payments.find("a")).toMatchObject({
      price: 1_000,
      remainingPrice: 1_000,
      approvedAt,
    });
    await ledger.close();
    await expect(pool.query("SELECT 1")).resolves.toBeDefined();
  });
});
