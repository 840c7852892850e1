import { expect, it } from "vitest";
import { type Ledger, LedgerError } from "../src/index.js";
import { databaseUrl, ownSchema } from "./database.js";
import { unreliableProxy } from "./unreliable-proxy.js";

const price = 1_000;

/** The gateway's book of one order. */
interface Book {
  charged: number;
  refunded: number;
}

/** The database's trouble, as everybody but the ledger's own caller may meet it. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LedgerError && (error.code === "unavailable" || error.code === "may-not-send")) {
      return undefined;
    }
    throw error;
  }
}

async function payAndCancel(ledger: Ledger, orderId: string, book: Book): Promise<void> {
  for (let click = 0; click < 3; click++) {
    const reservation = await attempt(() =>
      ledger.store.reserveApproval({ orderId, price, payType: "card" }),
    );
    if (reservation?.status !== "reserved") continue;
    const { call } = reservation;
    const marked = await attempt(async () => {
      await ledger.store.markSending(call);
      return true;
    });
    if (marked) book.charged += call.price;
    await attempt(() =>
      ledger.store.settle(
        call,
        marked ? { outcome: "succeeded", tid: call.oid, price } : { outcome: "not-sent" },
      ),
    );
  }
  for (let click = 0; click < 3; click++) {
    const order = await attempt(() => ledger.payments.find(orderId));
    const part = { cancelPrice: 300, confirmPrice: (order?.remainingPrice ?? 0) - 300 };
    if (part.confirmPrice < 0) continue;
    const reservation = await attempt(() => ledger.store.reserveCancel({ orderId, part }));
    if (reservation?.status !== "reserved") continue;
    const { call } = reservation;
    const marked = await attempt(async () => {
      await ledger.store.markSending(call);
      return true;
    });
    if (marked) book.refunded += call.cancelPrice;
    await attempt(() => ledger.store.settle(call, { outcome: marked ? "succeeded" : "not-sent" }));
  }
}

it("a ledger never charges twice or gives back too much when connections are cut at any moment", async () => {
  const proxy = await unreliableProxy(databaseUrl);
  const own = await ownSchema();
  const ledger = await own.ledger({ settleRetryMs: 300 }, proxy.url);
  const books = new Map(
    Array.from({ length: 150 }, (_, i) => [`order-${i}`, { charged: 0, refunded: 0 } satisfies Book]),
  );

  let commits = 0;
  proxy.failCommits(() => {
    commits++;
    if (commits % 19 === 0) return "lose-all";
    if (commits % 17 === 0) return "lose";
    return commits % 13 === 0 ? "lose-answer" : undefined;
  });
  const orders = [...books];
  for (let start = 0; start < orders.length; start += 10) {
    // Two buyers' tabs for each order.
    await Promise.all(
      [...orders.slice(start, start + 10), ...orders.slice(start, start + 10)].map(([orderId, book]) =>
        payAndCancel(ledger, orderId, book),
      ),
    );
  }

  const later = await own.ledger({ clock: () => new Date(Date.now() + 600_000) });
  await later.operations.recover();
  expect(await later.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
  const locked = new Set((await later.payments.needsReview()).map(({ orderId }) => orderId));
  const seen = { paid: 0, locked: 0 };
  for (const [orderId, { charged, refunded }] of books) {
    expect(charged).toBeLessThanOrEqual(price);
    expect(refunded).toBeLessThanOrEqual(charged);
    const order = await later.payments.find(orderId);
    const { gateway, paid } = await later.payments.balance(orderId);
    expect(gateway).toBe(paid);
    expect(order?.remainingPrice ?? 0).toBe(paid);
    if (locked.has(orderId)) {
      seen.locked++;
      expect(order?.status).toBe("unknown");
    } else {
      if (charged > 0) seen.paid++;
      expect(paid).toBe(charged - refunded);
    }
  }
  // Otherwise the trouble was too little or too much to prove anything.
  expect(seen.paid).toBeGreaterThan(10);
  expect(seen.locked).toBeGreaterThan(0);
});
