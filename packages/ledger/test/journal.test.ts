import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createPayApi } from "@payapi/core";
import { expect, it, onTestFinished } from "vitest";
import { type Ledger, type LedgerMerchant, openLedger } from "../src/index.js";
import { openTimedLedger, type TimedLedgerOptions } from "../src/internal.js";
import { databaseUrl, ownSchema, payapi, sql } from "./database.js";
import { unreliableProxy } from "./unreliable-proxy.js";

const price = 1_000;
const success = { outcome: "succeeded", tid: "t1", price, resultCode: "00" } as const;

/** A ledger with a journal behind a connection that can be cut, and the way to open another beside it. */
async function setUp(options: TimedLedgerOptions = {}) {
  const proxy = await unreliableProxy(databaseUrl);
  const own = await ownSchema();
  const folder = join(await mkdtemp(join(tmpdir(), "payapi-journal-")), "journal");
  onTestFinished(() => rm(join(folder, ".."), { recursive: true }));
  const open = async (
    database: string,
    others: TimedLedgerOptions & { mid?: string; merchant?: LedgerMerchant; schema?: string } = {},
  ) => {
    const { mid = payapi.mid, merchant = { ...payapi, mid }, ...more } = others;
    const ledger = await openTimedLedger({
      payapi: merchant,
      database,
      schema: own.schema,
      journal: folder,
      maxPauseMs: 60_000,
      settleRetryMs: 0,
      closeTimeoutMs: 0,
      ...options,
      ...more,
    });
    onTestFinished(() => ledger.close());
    return ledger;
  };
  const files = async () => (await readdir(folder)).map((name) => join(folder, name));
  return { ...own, proxy, folder, files, open, ledger: await open(proxy.url) };
}

async function sending(ledger: Ledger, orderId = "order-1") {
  const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  return reservation.call;
}

it("the journal keeps a success while the database is unavailable, and the next process that opens the ledger settles it", async () => {
  const { proxy, ledger, open, files, folder } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(
    ledger.store.settle(call, { ...success, resultMessage: "승인 4111111111111111", applNum: "30001234" }),
  ).rejects.toMatchObject({ code: "unavailable" });

  const [file = ""] = await files();
  const text = await readFile(file, "utf8");
  expect(JSON.parse(text)).toMatchObject({ kind: "approval", id: call.id, oid: call.oid, price });
  expect(text).not.toMatch(/4111|승인/);
  if (process.platform !== "win32") {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  }
  expect(await ledger.operations.journal()).toMatchObject([
    { call: { kind: "approval", orderId: "order-1", oid: call.oid, tid: "t1", price } },
  ]);

  const next = await open(databaseUrl);
  expect(await next.payments.find("order-1")).toMatchObject({
    status: "paid",
    tid: "t1",
    remainingPrice: price,
  });
  expect(await next.payments.timeline("order-1")).toHaveLength(3);
  expect(await files()).toEqual([]);
});

it("the journal corrects what recovery assumed meanwhile, and a second replay changes nothing", async () => {
  const { proxy, ledger, open, files } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toThrow();
  const [file = ""] = await files();
  const text = await readFile(file, "utf8");

  await rm(file);
  const later = await open(databaseUrl, { clock: () => new Date(Date.now() + 600_000) });
  expect(await later.operations.recover()).toMatchObject({ unknown: 1 });
  expect((await later.payments.find("order-1"))?.status).toBe("unknown");
  for (let round = 0; round < 2; round++) {
    await writeFile(file, text);
    await later.operations.recover();
    expect((await later.payments.find("order-1"))?.status).toBe("paid");
    expect(await later.payments.timeline("order-1")).toHaveLength(4);
    expect(await later.payments.balance("order-1")).toEqual({ gateway: price, paid: price, suspense: 0 });
    expect(await files()).toEqual([]);
  }
});

it("the journal keeps that a marked call was not sent, so that its order is free for another try", async () => {
  const { proxy, ledger, open, files } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(
    ledger.store.settle(call, { outcome: "not-sent", code: "before-send-failed" }),
  ).rejects.toMatchObject({ code: "unavailable" });
  expect(await files()).toHaveLength(1);
  const later = await open(databaseUrl, { clock: () => new Date(Date.now() + 600_000) });
  expect(await later.operations.recover()).toMatchObject({ unknown: 0 });
  expect((await later.payments.find("order-1"))?.status).toBe("not-sent");
  expect(await files()).toEqual([]);
});

it("the journal gives back a payment that a failover lost", async () => {
  const { schema, proxy, ledger, open, files } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toMatchObject({ code: "unavailable" });
  // Another server took over, and the order is not in it.
  const { schema: other, ...behind } = await ownSchema();
  const [file = ""] = await files();
  const entry = await readFile(file, "utf8");
  await writeFile(file, entry.replace(schema, other));
  const first = await behind.ledger();
  await sql(
    `INSERT INTO "${other}".databases (identity, at, actor, evidence) VALUES ('before', now(), 'lee', 'test')`,
  );
  const { seen } = await first.operations.database();
  await first.operations.acceptDatabase({ actor: "kim", evidence: "test", seen, transactions: [] });
  const next = await open(databaseUrl, { schema: other });
  expect(await next.payments.find("order-1")).toMatchObject({ status: "paid", tid: "t1", oid: call.oid });
  expect((await next.payments.timeline("order-1")).at(-1)).toMatchObject({ actor: "journal" });
  expect(await next.store.reserveApproval({ orderId: "order-1", price, payType: "card" })).toMatchObject({
    reason: "already-paid",
  });
  expect(await files()).toEqual([]);
});

it("the journal leaves no entry when the database returns during the retries", async () => {
  const { proxy, ledger, files } = await setUp({ settleRetryMs: 20_000 });
  const call = await sending(ledger);
  proxy.cut(true);
  const settling = ledger.store.settle(call, success);
  await expect.poll(files, { timeout: 30_000 }).toHaveLength(1);
  proxy.accept();
  expect((await settling).status).toBe("paid");
  expect(await files()).toEqual([]);
});

it("the journal keeps cancels too, and only successes", async () => {
  const { proxy, ledger, open, files } = await setUp();
  const paid = await sending(ledger, "paid");
  await ledger.store.settle(paid, success);
  const reservation = await ledger.store.reserveCancel({
    orderId: "paid",
    part: { cancelPrice: 300, confirmPrice: 700 },
  });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  const others = [await sending(ledger, "a"), await sending(ledger, "b")] as const;
  proxy.cut(true);
  const cancelled = { outcome: "succeeded", price: 300, remainingPrice: 700, cancelTid: "c1" } as const;
  await expect(ledger.store.settle(reservation.call, cancelled)).rejects.toThrow();
  await expect(ledger.store.settle(others[0], { outcome: "unknown" })).rejects.toThrow();
  await expect(ledger.store.settle(others[1], { outcome: "refused" })).rejects.toThrow();
  expect(await files()).toHaveLength(1);
  const next = await open(databaseUrl);
  expect(await next.payments.find("paid")).toMatchObject({
    status: "partially-cancelled",
    remainingPrice: 700,
  });
});

it("the journal replays only its own merchant's entries from a shared folder", async () => {
  const { proxy, ledger, open, files } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toThrow();
  const neighbour = await open(databaseUrl, { mid: "another" });
  expect(await neighbour.operations.journal()).toEqual([]);
  expect(await files()).toHaveLength(1);
});

it("the journal reports entries that it cannot replay, and replays the rest", async () => {
  const { proxy, ledger, open, files, folder } = await setUp();
  const calls = [await sending(ledger, "a"), await sending(ledger, "b"), await sending(ledger, "c")] as const;
  proxy.cut(true);
  for (const [i, call] of calls.entries()) {
    await expect(ledger.store.settle(call, { ...success, tid: `t${i}` })).rejects.toThrow();
  }
  const texts = new Map<string, string>();
  for (const file of await files()) texts.set(JSON.parse(await readFile(file, "utf8")).orderId, file);
  // A disk that lost the end of a file, an entry of a database that was restored, and a process that died writing.
  await truncate(texts.get("a") ?? "", 50);
  const strange = await readFile(texts.get("b") ?? "", "utf8");
  await writeFile(texts.get("b") ?? "", strange.replace(calls[1].id, crypto.randomUUID()));
  await writeFile(join(folder, `${crypto.randomUUID()}.json.unfinished`), '{"version":1,');

  const next = await open(databaseUrl);
  expect((await next.payments.find("c"))?.status).toBe("paid");
  const left = await next.operations.journal();
  expect(left.map(({ call }) => call?.orderId).sort()).toEqual(["b", undefined]);
  expect(left).toHaveLength(2);
  expect(left.find(({ call }) => call === undefined)?.unreadable).toBe("no-entry");
  await expect(next.operations.recover()).rejects.toMatchObject({ code: "not-replayed" });
});

it("the journal replays the rest and recovers despite a malformed or refused entry", async () => {
  const { proxy, ledger, open, files, folder, schema } = await setUp();
  const taken = await sending(ledger, "taken");
  await ledger.store.settle(taken, { ...success, applNum: "30001234" });
  const refused = await sending(ledger, "refused");
  const good = await sending(ledger, "good");
  await sending(ledger, "silent");
  proxy.cut(true);
  await expect(
    ledger.store.settle(refused, { ...success, tid: "t2", applNum: "30001234" }),
  ).rejects.toThrow();
  await expect(ledger.store.settle(good, { ...success, tid: "t3" })).rejects.toThrow();
  await sql(`CREATE UNIQUE INDEX strange ON "${schema}".approvals (mid, appl_num)`);
  // The first in the folder, before both entries.
  await mkdir(join(folder, "0.json"));

  const later = { clock: () => new Date(Date.now() + 600_000) };
  const next = await open(databaseUrl, later);
  expect((await next.payments.find("good"))?.status).toBe("paid");
  const listed = async () =>
    (await next.operations.journal()).map(({ file, unreadable, call }) => [
      call === undefined ? file : "",
      unreadable,
      call?.orderId,
    ]);
  const bad = [
    ["0.json", "EISDIR", undefined],
    ["", undefined, "refused"],
  ];
  expect(await listed()).toEqual(bad);
  const failure = await next.operations.recover().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "not-replayed", message: expect.stringContaining("2 entries") });
  expect((failure as Error).cause).toMatchObject({
    errors: [expect.any(Error), { name: "UniqueConflict", constraint: "strange" }],
  });
  expect((await next.payments.find("silent"))?.status).toBe("unknown");
  expect(await listed()).toEqual(bad);

  // Events go on, and the alarm too.
  const kinds: string[] = [];
  const on = { approved: ({ orderId }: { orderId: string }) => void kinds.push(orderId) };
  await expect(next.operations.runOnce({ consumer: "shop", on })).rejects.toMatchObject({
    code: "not-replayed",
  });
  expect(kinds.sort()).toEqual(["good", "taken"]);

  await rm(join(folder, "0.json"), { recursive: true });
  await sql(`DROP INDEX "${schema}".strange`);
  await expect(next.operations.recover()).resolves.toMatchObject({ unknown: 0 });
  expect((await next.payments.find("refused"))?.status).toBe("paid");
  expect(await files()).toEqual([]);
});

it("the journal reports an unreadable file, and replays the rest", async () => {
  const { proxy, ledger, open, folder } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toThrow();
  await symlink("0.json", join(folder, "0.json"));
  const next = await open(databaseUrl);
  expect((await next.payments.find(call.orderId))?.status).toBe("paid");
  expect(await next.operations.journal()).toEqual([{ file: "0.json", unreadable: "ELOOP" }]);
});

it("the journal reports a missing folder, and still recovers", async () => {
  const { ledger, folder, open } = await setUp();
  await sending(ledger, "silent");
  const next = await open(databaseUrl, { clock: () => new Date(Date.now() + 600_000) });
  await rm(folder, { recursive: true });
  await expect(next.operations.recover()).rejects.toMatchObject({ code: "not-replayed" });
  expect((await next.payments.find("silent"))?.status).toBe("unknown");
});

it("the journal keeps the success of a repeated cancel too", async () => {
  let now = Date.now();
  const { proxy, open, files } = await setUp({ clock: () => new Date(now) });
  const sent: unknown[] = [];
  const merchant = createPayApi({
    mid: payapi.mid,
    signKey: "sign-key",
    fieldKey: "1".repeat(32),
    fieldIv: "1".repeat(16),
    environment: "sandbox",
    baseUrl: "https://127.0.0.1:1",
  });
  // The gateway approves, and the database becomes unreachable.
  const gateway = {
    ...merchant,
    payments: {
      ...merchant.payments,
      cancel: async (
        request: Parameters<typeof merchant.payments.cancel>[0],
        options?: Parameters<typeof merchant.payments.cancel>[1],
      ) => {
        await options?.beforeSend?.();
        sent.push(request);
        proxy.cut(true);
        return { tid: "c1", resultCode: "00", resultMessage: "ok", cancelTid: "c1", raw: {} };
      },
    },
  };
  const ledger = await open(proxy.url, { merchant: gateway as LedgerMerchant });
  const call = await sending(ledger);
  await ledger.store.settle(call, success);
  const cancel = await ledger.store.reserveCancel({ orderId: call.orderId });
  if (cancel.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(cancel.call);
  await ledger.store.settle(cancel.call, { outcome: "unknown" });
  now += 60_000;
  await expect(ledger.operations.recover()).rejects.toMatchObject({ code: "unavailable" });
  expect(sent).toHaveLength(1);
  expect(await files()).toHaveLength(1);

  const next = await open(databaseUrl);
  expect(await next.payments.find(call.orderId)).toMatchObject({ status: "cancelled", remainingPrice: 0 });
  expect(await files()).toEqual([]);
});

it("the journal completes an entry whose process died before the rename, and removes a partial one", async () => {
  const { proxy, ledger, open, files, folder } = await setUp();
  const call = await sending(ledger);
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toMatchObject({ code: "unavailable" });
  const [file = ""] = await files();
  await rename(file, `${file}.unfinished`);
  const half = join(folder, `${crypto.randomUUID()}.json.unfinished`);
  await writeFile(half, (await readFile(`${file}.unfinished`, "utf8")).slice(0, -10));
  const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
  // This may be an entry: it must neither get lost nor keep the ledger from opening.
  await mkdir(join(folder, "0.json.unfinished"));
  for (const each of await files()) await utimes(each, longAgo, longAgo);

  const next = await open(databaseUrl);
  expect((await next.payments.find(call.orderId))?.status).toBe("paid");
  expect(await next.operations.journal()).toEqual([{ file: "0.json", unreadable: "EISDIR" }]);
});

it("the journal keeps entries that the database rejects", async () => {
  const { ledger, schema, open } = await setUp();
  const call = await sending(ledger);
  await sql(`ALTER TABLE "${schema}".approvals ADD CONSTRAINT strange CHECK (state <> 'approved')`);
  await expect(ledger.store.settle(call, success)).rejects.toMatchObject({ code: "broken-rule" });
  expect(await ledger.operations.journal()).toHaveLength(1);
  await sql(`ALTER TABLE "${schema}".approvals DROP CONSTRAINT strange`);
  expect((await (await open(databaseUrl)).payments.find("order-1"))?.status).toBe("paid");
});

it("the journal rejects a read-only folder, and reports when neither the database nor the journal stored the outcome", async () => {
  const { ledger, proxy, folder, open } = await setUp();
  await writeFile(join(folder, "..", "file"), "");
  await expect(
    openLedger({ payapi, database: databaseUrl, journal: join(folder, "..", "file") }),
  ).rejects.toMatchObject({ code: "invalid-argument", message: expect.stringContaining("journal") });
  const call = await sending(ledger);
  await rm(folder, { recursive: true });
  proxy.cut(true);
  await expect(ledger.store.settle(call, success)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("journal could not be written"),
  });
  await open(databaseUrl);
});

it("the journal survives a SIGKILL of the process that wrote it", async () => {
  const { proxy, open, folder, schema } = await setUp();
  const program = fileURLToPath(new URL("./journal-process.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, proxy.url, schema, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("sending");
  proxy.cut(true);
  child.stdin.write("settle\n");
  await expect.poll(async () => readdir(folder), { timeout: 30_000 }).toHaveLength(1);
  await expect.poll(async () => (await readdir(folder))[0], { timeout: 30_000 }).toMatch(/\.json$/);
  child.kill("SIGKILL");
  await once(child, "exit");
  const next = await open(databaseUrl);
  expect(await next.payments.find("killed")).toMatchObject({ status: "paid", tid: "t-killed" });
  expect(await readdir(folder)).toEqual([]);
});
