import {
  createLedger,
  createMemoryStore,
  type LedgerStore,
  openPostgresStore,
} from "@payapi/ledger/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGateway } from "./gateway.js";
import { newOrder, newTid, payment, price } from "./ledger-states.js";
import { databaseUrl, newSchema } from "./new-schema.js";
import type { LedgerRoom } from "./open-ledgers.js";

const hour = 60 * 60_000;
const stores = [
  ["memory", async () => ({ store: createMemoryStore(), drop: async () => {} })],
  [
    "PostgreSQL",
    async () => {
      const { schema, drop } = await newSchema();
      return { store: await openPostgresStore(databaseUrl, schema), drop };
    },
  ],
] as const;

/** A store that counts by name what is asked of it. */
function counted(store: LedgerStore) {
  const counts = new Map<string, number>();
  const watch = <Rows extends object>(rows: Rows): Rows =>
    new Proxy(rows, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "function") counts.set(String(name), (counts.get(String(name)) ?? 0) + 1);
        return value;
      },
    });
  const counting: LedgerStore = {
    ...watch(store),
    load: (...asked) => watch(store).load(...asked),
    loadKey: (...asked) => watch(store).loadKey(...asked),
    compareDatabase: () => watch(store).compareDatabase(),
    removeEnded: (...asked) => watch(store).removeEnded(...asked),
    save: (...asked) => watch(store).save(...asked),
    read: (work) => store.read((tx) => work(watch(tx))),
  };
  return { counting, counts };
}

describe.each(stores)("the queries of a recovery run, in %s", (_, open) => {
  let opened: { readonly store: LedgerStore; readonly drop: () => Promise<void> };
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(async () => {
    await opened.store.close();
    await opened.drop();
  });

  it("are the same for any number of calls that it cannot end", async () => {
    const { counting, counts } = counted(opened.store);
    const room: LedgerRoom = {
      async ledgers(options = {}, payapi = { mid: "mid", environment: "sandbox" }) {
        const all = { maxPauseMs: 60_000, secrets: { current: "1".repeat(64) }, ...options };
        const ledger = createLedger(payapi, counting, all);
        return { ledger, another: ledger, mid: payapi.mid, store: counting, oneMore: async () => ledger };
      },
      close: async () => {},
    };
    const shop = await openGateway(room);
    const { ledger } = shop;
    const asked = async () => {
      counts.clear();
      await ledger.operations.recover();
      return Object.fromEntries(counts);
    };
    const nothingThere = await asked();

    async function unknownPage() {
      const opening = await ledger.store.openLink({ orderId: newOrder(), price, payType: "card" });
      if (opening.status !== "reserved") throw new Error("No new link");
      const { oid, orderId } = opening.link;
      const page = { oid, tid: newTid() };
      const approval = await ledger.store.reserveApproval({ orderId, price, payType: "card", page });
      if (approval.status !== "reserved") throw new Error(approval.reason);
      await ledger.store.markSending(approval.call);
      await ledger.store.settle(approval.call, { outcome: "unknown" });
    }
    // The gateway knows neither these transactions nor these keys, and after three tries each it is not asked any more.
    for (let i = 0; i < 3; i++) {
      await unknownPage();
      const billkey = `BK${"0".repeat(30)}${i}`;
      const { id } = await ledger.keys.import({ customerId: newOrder(), kind: "card", billkey });
      await ledger.store.reserveKeyDeletion(id);
    }
    for (let run = 0; run < 10; run++) {
      shop.pass(hour);
      await ledger.operations.recover();
    }
    expect(shop.asked("payments.cancel")).toHaveLength(9);
    expect(shop.asked("billing.deleteKey")).toHaveLength(9);
    for (let i = 0; i < 3; i++) {
      const paid = await payment(ledger);
      await ledger.store.settle(paid, { outcome: "succeeded", tid: newTid(), price });
      await shop.unknownCancel({ cancelPrice: 3_000, confirmPrice: 7_000 });
      await shop.unknownCancel();
      await unknownPage();
    }
    shop.sandbox.faults.add({
      fault: "reset-before-commit",
      operation: "payments.cancel",
      times: "always",
    });
    for (let run = 0; run < 40; run++) {
      shop.pass(hour);
      await ledger.operations.recover();
    }
    expect(await ledger.payments.needsReview()).toHaveLength(18);
    expect(await ledger.keys.orphans()).toHaveLength(3);
    shop.pass(hour);
    expect(await asked()).toEqual(nothingThere);
  });
});
