import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { consumer, shopHandlers } from "../src/shop/events/shop-worker.js";
import { openShopParts, type ShopParts } from "./support/shop-parts.js";

const main = fileURLToPath(new URL("../dist/back-office/main.js", import.meta.url));
let parts: ShopParts;
const clients: pg.Client[] = [];

beforeEach(async () => {
  parts = await openShopParts();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await parts?.close();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: parts.databaseUrl });
  await client.connect();
  clients.push(client);
  return client;
}

test("a worker that is killed between its effect and the confirmation gets the event again, and has the effect once", async () => {
  const [watcher, handlers, ledger] = [await connect(), await connect(), await connect()];
  const count = async (sql: string) =>
    (await watcher.query<{ n: number }>(`select count(*)::int n ${sql}`)).rows[0]?.n;
  const waiting = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

  // The handler has begun, and waits for this table.
  await handlers.query("begin");
  await handlers.query("lock table demo_shop.handled_events in access exclusive mode");
  const order = await parts.placeOrder();
  expect(await parts.payByCard(order)).toBe(200);
  const worker = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      DATABASE_URL: parts.databaseUrl,
      LEDGER_JOURNAL: parts.journal,
      SANDBOX_URL: parts.sandbox.url,
      // Any port: it gets no visits.
      PUBLIC_ORIGIN: "http://127.0.0.1:0",
      STAFF_SECRET: "a secret",
    },
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(worker, "close");
  try {
    await expect.poll(() => count(waiting), { timeout: 60_000 }).toBe(1);

    // The ledger's confirmation of the event waits for this transaction; the handler continues.
    await ledger.query("begin");
    await ledger.query("select from payapi.deliveries for update");
    await handlers.query("commit");
    await expect.poll(() => count("from demo_shop.fulfilment_steps"), { timeout: 60_000 }).toBe(1);
    await expect.poll(() => count(waiting), { timeout: 60_000 }).toBe(1);
  } finally {
    worker.kill("SIGKILL");
    await ended;
  }
  await watcher.query(`select pg_terminate_backend(pid) ${waiting}`);
  await ledger.query("rollback");
  expect(await count("from payapi.deliveries")).toBe(1);

  // The next worker takes the dead one's event after a minute.
  parts.setForward(61_000);
  const on = shopHandlers(parts.shop);
  const tries: number[] = [];
  const run = await parts.shop.ledger.operations.runOnce({
    consumer,
    on: {
      ...on,
      async approved(event, context) {
        tries.push(event.tries);
        await on.approved?.(event, context);
      },
    },
  });
  expect({ tries, delivered: run.delivered }).toEqual({ tries: [2], delivered: 1 });
  expect(await parts.shop.fulfilment.stepsOf(order.id)).toMatchObject([{ state: "preparing" }]);
});
