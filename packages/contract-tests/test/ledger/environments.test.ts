import { randomUUID } from "node:crypto";
import type { Environment } from "@payapi/core";
import { type Ledger, type LedgerEvent, memoryLedger, openLedger } from "@payapi/ledger";
import { createLedger, createMemoryStore, inEnvironment } from "@payapi/ledger/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleNotifications } from "../../src/store-contract/index.js";
import { databaseUrl, newSchema, runSql } from "./new-schema.js";
import { patient } from "./open-ledgers.js";

type Open = (mid: string, environment: Environment) => Promise<Ledger>;

const rooms = {
  memory: async () => {
    const store = createMemoryStore();
    const open: Open = async (mid, environment) => {
      const payapi = { mid, environment };
      return createLedger(payapi, inEnvironment(payapi, store), patient);
    };
    return { open, schema: undefined, close: async () => {} };
  },
  PostgreSQL: async () => {
    const { schema, drop } = await newSchema();
    const opened: Ledger[] = [];
    const open: Open = async (mid, environment) => {
      const payapi = { mid, environment };
      const ledger = await openLedger({ payapi, database: databaseUrl, schema, ...patient });
      opened.push(ledger);
      return ledger;
    };
    const close = async () => {
      await Promise.all(opened.map((ledger) => ledger.close()));
      await drop();
    };
    return { open, schema, close };
  },
};

const price = 15_000;
const refused = { code: "other-environment", message: expect.stringMatching(/sandbox.*production/) };

describe.each(Object.entries(rooms))("the environment of a merchant, in %s", (_, openRoom) => {
  let open: Open;
  let schema: string | undefined;
  let close: () => Promise<void>;
  let mid: string;
  beforeAll(async () => {
    ({ open, schema, close } = await openRoom());
  });
  afterAll(() => close());

  async function pay(ledger: Ledger, orderId: string) {
    const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    await ledger.store.markSending(reservation.call);
    const tid = `tid-${randomUUID()}`;
    await ledger.store.settle(reservation.call, { outcome: "succeeded", tid, price });
  }

  /** Opening rejects where the store is looked at then; otherwise the first use does. */
  const opensAndUses = async (use: (ledger: Ledger) => Promise<unknown>) => {
    const ledger = await open(mid, "production");
    return use(ledger);
  };

  it("is stored with the first payment, and names every payment and event", async () => {
    mid = `mid-${randomUUID()}`;
    const ledger = await open(mid, "sandbox");
    expect(ledger.environment).toBe("sandbox");
    await pay(ledger, "a");
    expect(await ledger.payments.list()).toMatchObject([{ orderId: "a", environment: "sandbox" }]);
    const events: LedgerEvent[] = [];
    await ledger.operations.runOnce({
      consumer: "shop",
      on: { approved: (event) => void events.push(event) },
    });
    expect(events).toMatchObject([{ kind: "approved", orderId: "a", environment: "sandbox" }]);
    // A second process of the same environment goes on.
    await pay(await open(mid, "sandbox"), "b");
  });

  it("is refused by a ledger of another one, which reads, writes and counts nothing", async () => {
    const { mobileDeposited } = sampleNotifications(mid);
    const uses: Record<string, (ledger: Ledger) => Promise<unknown>> = {
      list: (ledger) => ledger.payments.list(),
      find: (ledger) => ledger.payments.find("a"),
      needsReview: (ledger) => ledger.payments.needsReview(),
      reserve: (ledger) => ledger.store.reserveApproval({ orderId: "new", price, payType: "card" }),
      cancel: (ledger) => ledger.store.reserveCancel({ orderId: "a" }),
      link: (ledger) => ledger.store.openLink({ orderId: "new", price, payType: "card" }),
      notification: (ledger) =>
        ledger.store.receiveNotification(mobileDeposited({ oid: "a-1", tid: "t", price })),
      key: (ledger) => ledger.keys.import({ customerId: "alice", kind: "card", billkey: "BK1" }),
      recover: (ledger) => ledger.operations.recover(),
      limit: (ledger) =>
        ledger.store.consumeRateLimit({ counters: [{ key: "k", limit: 1 }], windowMs: 60_000 }),
    };
    for (const [name, use] of Object.entries(uses)) {
      await expect(opensAndUses(use), name).rejects.toMatchObject(refused);
    }
    const ledger = await open(mid, "sandbox");
    expect((await ledger.payments.list()).map(({ orderId }) => orderId)).toEqual(["b", "a"]);
    expect(await ledger.notifications.list()).toEqual([]);
  });

  it("also stops a ledger of another one that was opened before the first payment", async () => {
    mid = `mid-${randomUUID()}`;
    const [early, shop] = [await open(mid, "production"), await open(mid, "sandbox")];
    expect(await early.payments.list()).toEqual([]);
    await pay(shop, "a");
    await expect(early.payments.list()).rejects.toMatchObject(refused);
    await expect(pay(early, "b")).rejects.toMatchObject(refused);
  });

  it("is that of the process that wrote first, if two begin at the same time", async () => {
    mid = `mid-${randomUUID()}`;
    const ledgers = [await open(mid, "sandbox"), await open(mid, "test")];
    const results = await Promise.allSettled(ledgers.map((ledger, at) => pay(ledger, `order-${at}`)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "other-environment" },
    });
  });

  it("is not stored by looking, so that a mistyped environment binds nothing", async () => {
    mid = `mid-${randomUUID()}`;
    const mistyped = await open(mid, "test");
    await mistyped.payments.list();
    await mistyped.operations.recover();
    await pay(await open(mid, "production"), "a");
  });

  it("can't be changed in the table", async () => {
    if (schema === undefined) return;
    const { rows } = {
      rows: await runSql(`SELECT environment FROM "${schema}".merchants WHERE mid = '${mid}'`),
    };
    expect(rows).toEqual([{ environment: "production" }]);
    for (const sql of ["UPDATE", "DELETE FROM"].map((verb) =>
      verb === "UPDATE"
        ? `UPDATE "${schema}".merchants SET environment = 'test'`
        : `DELETE FROM "${schema}".merchants`,
    )) {
      await expect(runSql(sql)).rejects.toThrow(/not allowed on merchants/);
    }
  });
});

it("a ledger without an environment, or with an unknown one, is not opened", () => {
  for (const environment of [undefined, "", "prod"]) {
    const payapi = { mid: "m", environment: environment as Environment };
    expect(() => memoryLedger({ payapi })).toThrow(/environment must be "sandbox", "test" or "production"/);
  }
});
