import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type LedgerOptions, LedgerUnavailableError } from "../src/index.js";
import { databaseUrl, ownSchema, session, sql, waitedFor } from "./database.js";
import { unreliableProxy } from "./unreliable-proxy.js";

const order = { orderId: "order-1", price: 1_000, payType: "card" };
const success = { outcome: "succeeded", tid: "t1", price: 1_000 } as const;

/** A ledger behind an unreliable connection, and one directly beside the database to see what became of things. */
async function setUp(options: LedgerOptions = {}) {
  // Made first, so that it is taken down last.
  const proxy = await unreliableProxy(databaseUrl);
  const own = await ownSchema();
  const ledger = await own.ledger({ settleRetryMs: 0, ...options }, proxy.url);
  const later = () => new Date(Date.now() + 61_000);
  const direct = await own.ledger({ clock: later });
  const reserve = async () => {
    const reservation = await ledger.store.reserveApproval(order);
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    return reservation.call;
  };
  return { schema: own.schema, proxy, ledger, direct, reserve };
}

describe("a connection lost in the COMMIT of a reservation", () => {
  it.each([
    ["lose", undefined],
    ["lose-answer", "in-progress"],
  ] as const)("%s: throws, and the order is free after recovery", async (fault, status) => {
    const { proxy, ledger, direct, reserve } = await setUp();
    proxy.failNextCommit(fault);
    await expect(ledger.store.reserveApproval(order)).rejects.toThrow(LedgerUnavailableError);
    expect((await direct.payments.find(order.orderId))?.status).toBe(status);
    await direct.operations.recover();
    expect(await reserve()).toMatchObject({ kind: "approval" });
  });
});

describe("a connection lost in the COMMIT of markSending", () => {
  it.each(["lose", "lose-answer"] as const)(
    "%s: throws, and the caller can settle not-sent",
    async (fault) => {
      const { proxy, ledger, reserve } = await setUp();
      const call = await reserve();
      proxy.failNextCommit(fault);
      await expect(ledger.store.markSending(call)).rejects.toThrow(LedgerUnavailableError);
      expect((await ledger.store.settle(call, { outcome: "not-sent" })).status).toBe("not-sent");
    },
  );
});

describe("a connection lost in the COMMIT of settle", () => {
  it.each(["lose", "lose-answer"] as const)(
    "%s: is repeated until the payment is stored once",
    async (fault) => {
      const { proxy, ledger, direct, reserve } = await setUp({ settleRetryMs: 10_000 });
      const call = await reserve();
      await ledger.store.markSending(call);
      proxy.failNextCommit(fault, fault);
      expect((await ledger.store.settle(call, success)).status).toBe("paid");
      expect(await direct.payments.balance(order.orderId)).toEqual({
        gateway: 1_000,
        paid: 1_000,
        suspense: 0,
      });
      expect(await direct.payments.timeline(order.orderId)).toHaveLength(3);
    },
  );

  it("leaves the order locked when the database stays away", async () => {
    const { proxy, ledger, direct, reserve } = await setUp({ settleRetryMs: 200 });
    const call = await reserve();
    await ledger.store.markSending(call);
    proxy.cut(true);
    await expect(ledger.store.settle(call, success)).rejects.toThrow(LedgerUnavailableError);
    expect((await direct.payments.find(order.orderId))?.status).toBe("in-progress");
    expect(await direct.store.reserveApproval(order)).toMatchObject({ reason: "in-progress" });
    proxy.accept();
    expect((await ledger.store.settle(call, success)).status).toBe("paid");
  });
});

it("a ledger reads an order again over another connection when the server ends the session", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  await ledger.store.reserveApproval(order);
  const other = await session();
  await other.query(`BEGIN; LOCK TABLE "${own.schema}".approvals IN ACCESS EXCLUSIVE MODE`);
  const found = ledger.store.reserveApproval(order);
  await waitedFor(other);
  const ended =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))";
  const pid = (await other.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
  await sql(ended, [pid]);
  await other.query("COMMIT");
  expect(await found).toMatchObject({ status: "refused", reason: "in-progress" });
});

it("a ledger refuses to send a call whose mark was committed too late", async () => {
  const { proxy, ledger, direct, reserve } = await setUp({ maxPauseMs: 100 });
  const call = await reserve();
  proxy.failNextCommit(150);
  await expect(ledger.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
  expect((await direct.payments.timeline(order.orderId)).at(-1)?.to).toBe("sending");
  expect((await ledger.store.settle(call, { outcome: "not-sent" })).status).toBe("not-sent");
});

it("a ledger survives idle connections that break", async () => {
  const { proxy, ledger, reserve } = await setUp();
  await reserve();
  proxy.cut();
  expect((await ledger.payments.find(order.orderId))?.status).toBe("in-progress");
});

it("a ledger reports a failure without the values that PostgreSQL quotes", async () => {
  const { schema, ledger } = await setUp();
  await sql(`ALTER TABLE "${schema}".approvals ADD CHECK (order_id <> 'canary-order')`);
  const error = await ledger.store
    .reserveApproval({ ...order, orderId: "canary-order" })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "broken-rule", cause: { code: "23514" } });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("canary-order");
});

it("a ledger stores the payment and its tid when the database cannot store the texts of the reply", async () => {
  const { schema, ledger, reserve } = await setUp({ settleRetryMs: 10_000 });
  const call = await reserve();
  await ledger.store.markSending(call);
  for (const table of ["approvals", "transitions"]) {
    await sql(`ALTER TABLE "${schema}".${table} ALTER result_message TYPE varchar(3)`);
  }
  const order = await ledger.store.settle(call, { ...success, resultCode: "00", resultMessage: "정상처리" });
  expect(order).toMatchObject({ status: "paid", tid: "t1", resultCode: "00" });
  expect(order).not.toHaveProperty("resultMessage");
});

it("a ledger recovers the other calls when one cannot be ended", async () => {
  const { schema, ledger, direct } = await setUp();
  for (const orderId of ["a", "b", "c"]) await ledger.store.reserveApproval({ ...order, orderId });
  await sql(`ALTER TABLE "${schema}".approvals ADD CHECK (order_id <> 'a' OR state = 'reserved')`);
  await expect(direct.operations.recover()).rejects.toMatchObject({ code: "broken-rule" });
  const orders = await Promise.all(["a", "b", "c"].map((orderId) => direct.payments.find(orderId)));
  expect(orders.map((found) => found?.status)).toEqual(["in-progress", "not-sent", "not-sent"]);
});

it("a ledger throws LedgerUnavailableError when the database refuses the work", async () => {
  const { schema, ledger } = await setUp();
  await ledger.store.reserveApproval(order);
  await sql(`ALTER TABLE "${schema}".cancels RENAME TO gone`);
  await expect(ledger.payments.find(order.orderId)).rejects.toMatchObject({
    name: "LedgerUnavailableError",
    code: "unavailable",
    sqlState: "42P01",
  });
});
