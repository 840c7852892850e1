import { type Ledger, openLedger } from "@payapi/ledger";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unlistedShop } from "../../src/handler/forged-notifications.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

const stranger = "203.0.113.9";
const gateway = "198.51.100.7";
const [stored, notStored] = ["200 OK", "503 FAIL"];
const limits = { perAddress: 3, inAll: 5, perOrder: 4 };

describe("notifications from unlisted sources, if any source is allowed,", () => {
  let ledger: Ledger;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const made = await newSchema();
    drop = made.drop;
    ledger = await openLedger({
      payapi: { mid: "sandbox001", environment: "sandbox" },
      database: databaseUrl,
      schema: made.schema,
    });
  });
  afterAll(async () => {
    await ledger.close();
    await drop();
  });

  /** Every test counts from the start: its counters have keys of their own, since its window does. */
  let test = 0;
  let shop: ReturnType<typeof unlistedShop>;
  let before: number;
  beforeEach(async () => {
    test += 1;
    shop = freshShop(limits);
    before = await kept();
  });
  const freshShop = (given: object | false | undefined) =>
    unlistedShop(withCountersOf(ledger, test), { notificationLimits: given as typeof limits });
  const kept = async () => (await ledger.notifications.list({ limit: 500 })).length;
  const times = async (count: number, send: () => Promise<string>) => {
    const answers: string[] = [];
    for (let index = 0; index < count; index += 1) answers.push(await send());
    return answers;
  };

  it("are stored up to the limit of one address, and then not acknowledged", async () => {
    expect(await times(5, () => shop.strange(stranger))).toEqual([
      stored,
      stored,
      stored,
      notStored,
      notStored,
    ]);
    expect(await kept()).toBe(before + 3);
    expect(shop.logged.at(-1)).toMatchObject({ address: stranger, kind: "deposit" });
    expect(await shop.strangeEscrow(stranger)).toBe("200 cd_rslt=9999&msg_rslt=too%20many");
    expect(await shop.strange(gateway)).toBe(stored);
  });

  it("about escrow are answered with OK or FAIL if so configured", async () => {
    const options = {
      escrowAcknowledgement: "ok",
      notificationLimits: { ...limits, perAddress: 1 },
    } as const;
    shop = unlistedShop(withCountersOf(ledger, test), options);
    expect(await times(2, () => shop.strangeEscrow(stranger))).toEqual([stored, notStored]);
  });

  it("are stored up to the limit of all addresses", async () => {
    let address = 0;
    const answers = await times(7, () => shop.strange(`203.0.113.${++address}`));
    expect(answers.filter((answer) => answer === stored)).toHaveLength(5);
  });

  it("are counted for the /64 of IPv6 addresses", async () => {
    let host = 0;
    const answers = await times(5, () => shop.strange(`2001:db8::${++host}`));
    expect(answers.filter((answer) => answer === stored)).toHaveLength(3);
  });

  it("are limited in a burst too", async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, () => shop.strange(stranger)));
    expect(answers.filter((answer) => answer === stored)).toHaveLength(3);
    expect(await kept()).toBe(before + 3);
  });

  it("do not block notifications about known orders and transactions", async () => {
    const { orderId, oid, tid } = await shop.awaiting();
    await times(6, () => shop.strange(stranger));
    expect(await shop.deposit(oid, tid, stranger)).toBe(stored);
    const other = await shop.awaiting();
    expect(await shop.deposit("no-such-order", other.tid, stranger)).toBe(stored);
    const [second, first] = await ledger.notifications.list({ limit: 2 });
    expect(first).toMatchObject({ orderId, tid, effect: "quarantined", source: { address: stranger } });
    expect(second).toMatchObject({ oid: "no-such-order", tid: other.tid, effect: "quarantined" });
  });

  it("about a known order are limited, and do not affect other orders", async () => {
    const mine = await shop.awaiting();
    const answers = await times(6, () => shop.deposit(mine.oid, crypto.randomUUID(), stranger));
    expect(answers).toEqual([...Array.from({ length: 4 }, () => stored), notStored, notStored]);
    const other = await shop.awaiting();
    expect(await shop.deposit(other.oid, other.tid, stranger)).toBe(stored);
  });

  it("are limited to 100 an hour from one address by default, and unlimited with false", async () => {
    shop = freshShop(undefined);
    const answers = await times(101, () => shop.strange(stranger));
    expect(answers.indexOf(notStored)).toBe(100);
    shop = freshShop(false);
    expect(await shop.strange(stranger)).toBe(stored);
  });

  it("are not counted from a listed source", async () => {
    shop = unlistedShop(withCountersOf(ledger, test), { sources: [gateway], notificationLimits: limits });
    expect(await times(5, () => shop.strange(gateway))).not.toContain(notStored);
  });

  it("are not acknowledged while the counters are unavailable", async () => {
    const away = async () => Promise.reject(new Error("connect ECONNREFUSED"));
    shop = unlistedShop({ ...ledger, store: { ...ledger.store, consumeRateLimit: away } });
    expect(await shop.strange(stranger)).toBe(notStored);
    expect(await kept()).toBe(before);
  });
});

/** The ledger, with the counters of one test. */
function withCountersOf(ledger: Ledger, test: number): Ledger {
  return {
    ...ledger,
    store: {
      ...ledger.store,
      consumeRateLimit: ({ counters, windowMs }) =>
        ledger.store.consumeRateLimit({
          counters: counters.map(({ key, limit }) => ({ key: `${test} ${key}`, limit })),
          windowMs,
        }),
    },
  };
}
