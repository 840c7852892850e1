import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type Demo, startDemo } from "../dist/supervisor/demo.js";
import { priceCart } from "../src/shop/cart.js";
import { ownerOf } from "../src/shop/cookies.js";
import { openFulfilment } from "../src/shop/events/fulfilment.js";
import { openOrderBook } from "../src/shop/orders.js";
import { goodCard } from "./support/buying.js";
import { type LossyDatabase, openLossyDatabase } from "./support/lossy-database.js";
import { createTestDatabase } from "./support/test-database.js";

const ends: (() => unknown)[] = [];
let database: LossyDatabase;
let pool: pg.Pool;
let journal: string;

beforeEach(async () => {
  const real = await createTestDatabase(inject("databaseUrl"));
  ends.push(real.drop);
  database = await openLossyDatabase(real.url);
  ends.push(database.close);
  // The tests' own way to it is not lost.
  pool = new pg.Pool({ connectionString: real.url, max: 2 });
  ends.push(() => pool.end());
  journal = await mkdtemp(join(tmpdir(), "ondam-journal-"));
  ends.push(() => rm(journal, { recursive: true }));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(): Promise<Demo> {
  const ports = { storefront: 0, backOffice: 0, sandbox: 0 };
  const demo = await startDemo({ ports, databaseUrl: database.url, journal });
  ends.push(() => demo.stop());
  return demo;
}

const stateOf = async (orderId: string) => {
  const { rows } = await pool.query("select state, tid from payapi.approvals where order_id = $1", [orderId]);
  return rows;
};

test("an approval that the database did not take is in the journal, and the next start writes it to the database", async () => {
  const demo = await start();
  const cookie = randomUUID();
  const order = await openOrderBook(pool).place({
    customerId: ownerOf(cookie) ?? "",
    buyer: { buyerName: "김온유", buyerTel: "01012345678", buyerEmail: "onyu@example.com" },
    cart: priceCart(new Map([["teapot", 1]])),
  });
  const { book } = demo.sandbox;
  const lost = database.loseAt((data) => book.transactions.some(({ tid }) => data.includes(tid)));
  const buying = fetch(`${demo.storefrontUrl}/payments/orders/${order.id}/card-approval`, {
    method: "POST",
    headers: {
      origin: demo.storefrontUrl,
      cookie: `ondam_buyer=${cookie}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ cardNumber: goodCard, cardExpireYY: "35", cardExpireMM: "11" }),
  }).then(
    ({ status }) => status,
    () => "no answer",
  );
  await lost;
  const [made] = book.transactions;
  await expect.poll(() => filesIn(journal), { timeout: 60_000 }).toHaveLength(1);
  const [file = ""] = await filesIn(journal);
  const text = await readFile(join(journal, file), "utf8");
  expect(JSON.parse(text)).toMatchObject({
    orderId: order.id,
    price: order.price,
    outcome: { tid: made?.tid },
  });
  expect(text).not.toContain(goodCard);

  // The shop dies before the database is back.
  demo.kill();
  expect(await buying).toBe("no answer");
  await demo.stop();
  expect(await stateOf(order.id)).toEqual([{ state: "sending", tid: null }]);

  database.mend();
  await start();
  expect(await stateOf(order.id)).toEqual([{ state: "approved", tid: made?.tid }]);
  expect(await filesIn(journal)).toEqual([]);
  const steps = async () => (await openFulfilment(pool).stepsOf(order.id)).map(({ state }) => state);
  await expect.poll(steps, { timeout: 60_000 }).toEqual(["preparing"]);
});

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".json"));
}
