import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordContract } from "@payapi/core/testing";
import type {} from "@payapi/dev-services/vitest";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { ownRecord } from "../../src/own-database/own-record.js";
import { recover } from "../../src/own-database/recover.js";

const folder = fileURLToPath(new URL("../../src/own-database/", import.meta.url));
const guide = readFileSync(
  new URL("../../../../docs/guides/bring-your-own-database.md", import.meta.url),
  "utf8",
);
const textOf = (file: string) => readFileSync(`${folder}${file}`, "utf8");

describe("the guide", () => {
  const blocks = new Map(
    [...guide.matchAll(/^`([a-z-]+\.(?:ts|sql))`[^\n]*\n\n```(?:ts|sql)\n(.*?)```$/gms)].map(
      ([, file = "", text = ""]) => [file, text],
    ),
  );

  it.each(readdirSync(folder))("shows %s as it is run here", (file) => {
    expect(blocks.get(file)).toBe(textOf(file));
  });

  it("shows no other file", () => {
    expect([...blocks.keys()].sort()).toEqual(readdirSync(folder).sort());
  });
});

describe("a record of one's own, as the guide has it", () => {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const options = `-c search_path=${schema}`;
  const newPool = () => new Pool({ connectionString: inject("databaseUrl"), options });
  const admin = new Pool({ connectionString: inject("databaseUrl"), max: 1 });
  let pool: Pool;

  beforeAll(async () => {
    await admin.query(`CREATE SCHEMA "${schema}"`);
    pool = newPool();
    await pool.query(textOf("schema.sql"));
  });
  afterAll(async () => {
    await pool.end();
    await admin.query(`DROP SCHEMA "${schema}" CASCADE`);
    await admin.end();
  });

  describe("keeps the contract", () => {
    const { cases, close } = recordContract({
      parts: ["payments"],
      async open() {
        const another = newPool();
        return { record: ownRecord(pool), another: ownRecord(another), close: () => another.end() };
      },
    });
    for (const { name, run } of cases) it(name, run);
    afterAll(close);
  });

  describe("recovers", () => {
    async function reserved() {
      const record = ownRecord(pool);
      const reservation = await record.reserveApproval({
        orderId: randomUUID(),
        price: 1_000,
        payType: "card",
      });
      if (reservation.status !== "reserved") throw new Error("Refused");
      return { record, call: reservation.call };
    }
    const age = (column: string, ago: string) =>
      pool.query(`UPDATE payment_approvals SET ${column} = now() - interval '${ago}'`);

    it("what was never sent, and refuses to send it then", async () => {
      const { record, call } = await reserved();
      await age("created_at", "59 seconds");
      await recover(pool);
      expect((await record.findOrder(call.orderId))?.status).toBe("in-progress");
      await age("created_at", "61 seconds");
      await recover(pool);
      expect((await record.findOrder(call.orderId))?.status).toBe("not-sent");
      await expect(record.markSending(call)).rejects.toMatchObject({ code: "not-yours" });
    });

    it("what was sent, as unknown", async () => {
      const { record, call } = await reserved();
      await record.markSending(call);
      await age("created_at", "89 seconds");
      await age("sending_at", "89 seconds");
      await recover(pool);
      expect((await record.findOrder(call.orderId))?.status).toBe("in-progress");
      await age("sending_at", "91 seconds");
      await recover(pool);
      expect((await record.findOrder(call.orderId))?.status).toBe("unknown");
      const refused = await record.reserveApproval({ orderId: call.orderId, price: 1_000, payType: "card" });
      expect(refused).toMatchObject({ status: "refused", reason: "outcome-unknown" });
    });

    it("counters and answers whose time is over", async () => {
      const record = ownRecord(pool);
      await record.countAttempt({ counters: [{ key: "k", limit: 1 }], windowMs: 3_600_000 });
      await record.beginRequest({ scope: "s", key: "k", fingerprint: "f", leaseMs: 3_600_000 });
      for (const table of ["payment_attempts", "payment_requests"]) {
        const left = async () => (await pool.query(`SELECT FROM ${table} WHERE key = 'k'`)).rowCount;
        await recover(pool);
        expect(await left()).toBe(1);
        await pool.query(`UPDATE ${table} SET ends_at = now() - interval '1 s' WHERE key = 'k'`);
        await recover(pool);
        expect(await left()).toBe(0);
      }
    });
  });

  // The line of the schema on which everything rests.
  it("reserves an order twice without its unique index", async () => {
    const orderId = randomUUID();
    const another = newPool();
    const database = await admin.connect();
    const reserve = (from: Pool) =>
      ownRecord(from).reserveApproval({ orderId, price: 1_000, payType: "card" });
    const blocked = () =>
      pool.query("SELECT FROM pg_stat_activity WHERE pg_blocking_pids(pid) @> ARRAY[$1::int]", [pid]);
    const [{ pid, indexdef }] = (
      await database.query(
        "SELECT pg_backend_pid() AS pid, indexdef FROM pg_indexes WHERE schemaname = $1 AND indexname = $2",
        [schema, "payment_approvals_one_live"],
      )
    ).rows;
    await database.query(`DROP INDEX "${schema}".payment_approvals_one_live`);
    try {
      // Both have seen that the order is free before either of them can write.
      await database.query(`BEGIN; LOCK TABLE "${schema}".payment_approvals IN SHARE MODE`);
      const both = Promise.all([reserve(pool), reserve(another)]);
      await expect.poll(async () => (await blocked()).rowCount, { timeout: 30_000 }).toBe(2);
      await database.query("COMMIT");
      expect((await both).map(({ status }) => status)).toEqual(["reserved", "reserved"]);
    } finally {
      await another.end();
      await database.query(`ROLLBACK; TRUNCATE "${schema}".payment_approvals CASCADE; ${indexdef}`);
      database.release();
    }
  });

  it("reserves it once with the index", async () => {
    const orderId = randomUUID();
    const another = newPool();
    const reserve = (from: Pool) =>
      ownRecord(from).reserveApproval({ orderId, price: 1_000, payType: "card" });
    const statuses = (await Promise.all([reserve(pool), reserve(another)])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(["refused", "reserved"]);
    await another.end();
  });
});
