import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPayApi, type PayApi } from "@payapi/core";
import type {} from "@payapi/dev-services/vitest";
import { type Ledger, migrateLedger } from "@payapi/ledger";
import { openTimedLedger, type TimedLedgerOptions } from "@payapi/ledger/internal";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import { Client } from "pg";
import { inject } from "vitest";
import {
  card,
  type Env,
  merchant,
  previousSecret,
  type Run,
  type RunningTool,
  run,
  secret,
  start,
} from "./tool.js";

export const databaseUrl = inject("databaseUrl");
export const price = 15_000;

/** A merchant's sandbox, ledger and payments, and the tool with their configuration. */
export interface Shop {
  readonly sandbox: Sandbox;
  readonly payapi: PayApi;
  readonly ledger: Ledger;
  readonly schema: string;
  readonly env: Env;
  /** Another ledger over the same tables. */
  ledgerWith(options: TimedLedgerOptions): Promise<Ledger>;
  /** A paid order. */
  paid(orderId?: string): Promise<Charged>;
  /** An order whose approval was sent and never answered: charged in the gateway's book. */
  unknown(ledger?: Ledger, orderId?: string): Promise<Charged>;
  tool(args: readonly string[], env?: Env): Promise<Run>;
  startTool(args: readonly string[], env?: Env): RunningTool;
  close(): Promise<void>;
}

export interface Charged {
  readonly orderId: string;
  readonly oid: string;
  readonly tid: string;
}

export async function openShop(): Promise<Shop> {
  const sandbox = await startSandbox({ port: 0, merchants: [merchant] });
  const schema = `cli_${randomUUID().replaceAll("-", "")}`;
  await migrateLedger(databaseUrl, { schema });
  const payapi = createPayApi({ ...merchant, environment: "sandbox", baseUrl: sandbox.url });
  const opened: Ledger[] = [];
  const journal = await mkdtemp(join(tmpdir(), "payapi-cli-journal-"));
  const ledgerWith = async (options: TimedLedgerOptions) => {
    // A busy machine must not look like a frozen one.
    const ledger = await openTimedLedger({
      payapi,
      database: databaseUrl,
      schema,
      maxPauseMs: 60_000,
      closeTimeoutMs: 0,
      secrets: { current: secret },
      ...options,
    });
    opened.push(ledger);
    return ledger;
  };
  const ledger = await ledgerWith({});
  const env: Env = {
    PAYAPI_ENVIRONMENT: "sandbox",
    PAYAPI_URL: sandbox.url,
    PAYAPI_MID: merchant.mid,
    PAYAPI_SIGN_KEY: merchant.signKey,
    PAYAPI_FIELD_KEY: merchant.fieldKey,
    PAYAPI_FIELD_IV: merchant.fieldIv,
    DATABASE_URL: databaseUrl,
    LEDGER_SCHEMA: schema,
    LEDGER_JOURNAL: journal,
    LEDGER_SECRET: secret,
    LEDGER_PREVIOUS_SECRETS: previousSecret,
  };
  const charge = async (by: Ledger, orderId = `order-${randomUUID().slice(0, 8)}`) => {
    const reservation = await by.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    const { call } = reservation;
    const approved = await payapi.cards.approve(
      {
        ...card,
        oid: call.oid,
        price,
        goodsName: "사과",
        buyerName: "홍길동",
        buyerTel: "01012345678",
        buyerEmail: "buyer@example.com",
      },
      { beforeSend: () => by.store.markSending(call) },
    );
    return { orderId, oid: call.oid, tid: approved.tid, call };
  };
  return {
    sandbox,
    payapi,
    ledger,
    schema,
    env,
    ledgerWith,
    async paid(orderId) {
      const { call, ...paid } = await charge(ledger, orderId);
      await ledger.store.settle(call, { outcome: "succeeded", tid: paid.tid, price });
      return paid;
    },
    async unknown(by = ledger, orderId) {
      const { call, ...paid } = await charge(by, orderId);
      await by.store.settle(call, { outcome: "unknown" });
      return paid;
    },
    tool: (args, more = {}) => run(args, { ...env, ...more }),
    startTool: (args, more = {}) => start(args, { ...env, ...more }),
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      await sandbox.close();
      await rm(journal, { recursive: true });
      await sql(`DROP SCHEMA "${schema}" CASCADE`);
    },
  };
}

export async function sql(
  text: string,
  connectionString = databaseUrl,
  values: readonly unknown[] = [],
): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}
