import { createPayApiHandler } from "@payapi/core/handler";
import { openLedger } from "@payapi/ledger";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goodCard } from "../../src/handler/client.js";
import { sandboxPayApi } from "../../src/handler/shop.js";
import { shopOrder, shopOrigin } from "../../src/handler/shop-orders.js";
import { databaseUrl, newSchema } from "./new-schema.js";
import { patient } from "./open-ledgers.js";

/** A pool that notes the text of every statement that its clients send. */
function countingPool(): { readonly pool: Pool; readonly sent: string[] } {
  const sent: string[] = [];
  const pool = new Pool({ connectionString: databaseUrl });
  pool.on("connect", (client) => {
    client.query = new Proxy(client.query, {
      apply(query, self, args: unknown[]) {
        const [statement] = args as [string | { readonly text: string }];
        sent.push(typeof statement === "string" ? statement : statement.text);
        return Reflect.apply(query, self, args);
      },
    });
  });
  return { pool, sent };
}

/** The first table that each commit writes: a statement on its own commits itself, those of a transaction together. */
function commitsOf(sent: readonly string[]): string[] {
  const commits: string[] = [];
  let open: string[] | undefined;
  for (const statement of sent) {
    const table = /(?:INSERT INTO|UPDATE|DELETE FROM) "\w+"\.(\w+)/.exec(statement)?.[1];
    if (statement.startsWith("BEGIN")) open = [];
    else if (statement === "COMMIT") {
      commits.push(...(open ?? []).slice(0, 1));
      open = undefined;
    } else if (table !== undefined) (open ?? commits).push(table);
  }
  return commits;
}

describe("a card approval through the handler, with rate limits, on PostgreSQL", () => {
  let sandbox: Sandbox;
  let approve: (headers?: Record<string, string>) => Promise<Response>;
  const { pool, sent } = countingPool();
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    const { schema, drop } = await newSchema();
    const payapi = sandboxPayApi(sandbox.url);
    const ledger = await openLedger({ payapi, database: pool, schema, ...patient });
    closing.push(
      () => ledger.close(),
      () => pool.end(),
      drop,
      () => sandbox.close(),
    );
    const handler = createPayApiHandler({
      payapi,
      ledger,
      orders: { find: async (orderId) => shopOrder(orderId) },
      customerId: () => "alice",
      authorize: () => true,
      publicUrl: shopOrigin,
      basePath: "",
      groups: ["cards"],
      clientAddress: () => "203.0.113.7",
    });
    let orders = 0;
    approve = (headers = {}) => {
      orders += 1;
      const request = new Request(`${shopOrigin}/orders/o-15000-alice-${orders}/card-approval`, {
        method: "POST",
        headers: { origin: shopOrigin, "content-type": "application/json", ...headers },
        body: JSON.stringify(goodCard),
      });
      return handler(request, undefined);
    };
    // The merchant's first payment also stores its environment.
    await approve();
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  async function measured(headers?: Record<string, string>) {
    sent.length = 0;
    expect((await approve(headers)).status).toBe(200);
    return { roundTrips: sent.length, commits: commitsOf(sent) };
  }

  it("takes 6 round trips and 3 commits without an Idempotency-Key", async () => {
    expect(await measured()).toEqual({ roundTrips: 6, commits: ["rate_limits", "orders", "orders"] });
  });

  it("takes 7 round trips and 4 commits with an Idempotency-Key", async () => {
    expect(await measured({ "idempotency-key": "one" })).toEqual({
      roundTrips: 7,
      commits: ["rate_limits", "orders", "orders", "idempotency_keys"],
    });
  });
});
