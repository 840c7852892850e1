import { randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPayApi } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { sandboxMerchant, startSandbox } from "@payapi/sandbox";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowCallsAgain, differences } from "../../src/ledger-guide/after-failover.js";
import { dealtWith } from "../../src/ledger-guide/deal-with.js";
import { lookInto } from "../../src/ledger-guide/look-into.js";
import { openShopLedger, type Shop, startShopWorker } from "../../src/ledger-guide/open.js";
import { rotateSecret } from "../../src/ledger-guide/rotate-secret.js";
import { foundInConsole, notInConsole } from "../../src/ledger-guide/settle-unknown.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

const folder = fileURLToPath(new URL("../../src/ledger-guide/", import.meta.url));
const guide = readFileSync(new URL("../../../../docs/guides/ledger.md", import.meta.url), "utf8");

it.each(readdirSync(folder))("shows %s as it is tested here, and no other file", (file) => {
  expect(guide).toContain(`\`${file}\`\n\n\`\`\`ts\n${readFileSync(`${folder}${file}`, "utf8")}\`\`\``);
  expect(guide.match(/^```ts$/gm)).toHaveLength(readdirSync(folder).length);
});

describe("the ledger of the guide", () => {
  const shipped: string[] = [];
  const alarms: string[] = [];
  let shop: Shop;
  let ledger: Ledger;
  let end: () => Promise<void>;

  beforeAll(async () => {
    const sandbox = await startSandbox({ port: 0 });
    const { schema, drop } = await newSchema();
    const journal = await mkdtemp(join(tmpdir(), "payapi-guide-"));
    const { mid, signKey, fieldKey, fieldIv } = sandboxMerchant;
    shop = {
      payapi: createPayApi({ environment: "sandbox", baseUrl: sandbox.url, mid, signKey, fieldKey, fieldIv }),
      database: databaseUrl,
      schema,
      journal,
      secret: randomBytes(32).toString("base64"),
      ship: async (orderId) => void shipped.push(orderId),
      alarm: (message) => void alarms.push(message),
      log: (line) => void alarms.push(line),
    };
    ledger = await openShopLedger(shop);
    end = async () => {
      await ledger.close();
      await sandbox.close();
      await drop();
      await rm(journal, { recursive: true });
    };
  });
  afterAll(() => end());

  async function settled(outcome: "unknown" | "succeeded"): Promise<string> {
    const orderId = randomUUID();
    const reservation = await ledger.store.reserveApproval({ orderId, price: 1_000, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    const tid = `tid-${orderId}`.slice(0, 40);
    await ledger.store.settle(
      reservation.call,
      outcome === "unknown" ? { outcome } : { outcome, tid, price: 1_000 },
    );
    return orderId;
  }

  it("lists an order that needs review until it is reviewed", async () => {
    const orderId = await settled("succeeded");
    const reservation = await ledger.store.reserveCancel({
      orderId,
      part: { cancelPrice: 300, confirmPrice: 700 },
    });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "moved", price: 200 });
    expect((await lookInto(ledger)).needsReview).toMatchObject([{ orderId, mismatch: true }]);
    const { length } = await ledger.payments.timeline(orderId);
    expect(await dealtWith(ledger, orderId, length, "kim")).toMatchObject({ status: "closed" });
    expect((await lookInto(ledger)).needsReview).toEqual([]);
    // Its events belong to this test.
    await ledger.operations.runOnce({ consumer: "shop", on: {} });
  });

  it("delivers events of paid orders and of orders that need review", async () => {
    const worker = startShopWorker(ledger, shop);
    const [paid, unknown] = [await settled("succeeded"), await settled("unknown")];
    await expect.poll(() => shipped, { timeout: 30_000 }).toEqual([paid]);
    await expect.poll(() => alarms, { timeout: 30_000 }).toEqual([expect.stringContaining(unknown)]);
    await worker.stop();
    expect((await lookInto(ledger)).needsReview).toMatchObject([{ orderId: unknown, state: "unknown" }]);
    expect(await foundInConsole(ledger, unknown, "T-found", "kim")).toMatchObject({ status: "settled" });
  });

  it("accepts not-moved ten minutes after the deadline", async () => {
    const unknown = await settled("unknown");
    expect(await notInConsole(ledger, unknown, "kim")).toMatchObject({
      status: "refused",
      reason: "too-early",
    });
  });

  it("sends calls again once the database is accepted", async () => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(
      `INSERT INTO "${shop.schema}".databases (identity, at, actor, evidence) VALUES ('x', now(), 'lee', 'test')`,
    );
    await client.end();
    expect((await lookInto(ledger)).database.accepted).toBe(false);
    const { seen } = await ledger.operations.database();
    const lost = {
      oid: "lost-1",
      tid: "T-lost",
      price: 15_000,
      payType: "card",
      status: "approved",
    } as const;
    expect(await differences(ledger, [lost])).toMatchObject([{ orderId: "lost", finding: "adopted" }]);
    await allowCallsAgain(ledger, [lost], { actor: "kim", seen });
    expect(await differences(ledger, [lost])).toEqual([]);
    expect(await ledger.operations.database()).toMatchObject({ accepted: true, actor: "kim" });
    await settled("succeeded");
  });

  it("rotates its secret", async () => {
    const { id } = await ledger.keys.import({ customerId: "alice", kind: "card", billkey: "BK1" });
    const current = randomBytes(32).toString("base64");
    const { payapi, database, schema } = shop;
    const place = { database, schema };
    expect(await rotateSecret(payapi, place, { current, previous: [shop.secret] })).toBe(1);
    await expect(ledger.store.revealKey(id)).rejects.toMatchObject({ code: "unreadable-key" });
  });
});
