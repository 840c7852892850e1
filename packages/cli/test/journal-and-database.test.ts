import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";
import { journaled, restoreDatabase } from "./support/states.js";

let shop: Shop;
const note = ["--actor", "kim", "--evidence", "console, seen 03:10"];
const json = (...args: string[]) => shop.tool([...args, "--json"]);

describe("journal", () => {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });

  it("writes its entries to the database, and lists those that the database rejects", async () => {
    expect(await shop.tool(["journal"])).toMatchObject({ code: 0, stderr: "" });
    const known = await journaled(shop, "known-1", "known");
    const lost = await journaled(shop, "lost-1", "lost");
    await writeFile(join(shop.env.LEDGER_JOURNAL ?? "", "broken.json"), "{");
    const left = await shop.tool(["journal"]);
    expect(left).toMatchObject({ code: 3, stderr: "" });
    for (const text of ["lost-1", lost.oid, lost.tid, lost.file, "15,000 won", "broken.json", "unreadable"]) {
      expect(left.stdout).toContain(text);
    }
    expect(left.stdout).not.toContain("known-1");
    expect(left.stdout).toContain("The gateway approved each of these calls.");
    expect(left.stdout).toContain("The gateway's answer in an unreadable file is not known");
    expect(await shop.ledger.payments.find("known-1")).toMatchObject({ status: "paid", tid: known.tid });
    const { result } = (await json("journal")).json<{ calls: object[] }>();
    expect(result.calls).toContainEqual({ file: "broken.json", call: null, unreadable: "no-entry" });
    expect(result.calls).toContainEqual(
      expect.objectContaining({
        call: expect.objectContaining({ orderId: "lost-1", kind: "approval", price }),
      }),
    );
  });

  it("does not claim an approval for an unreadable file", async () => {
    await writeFile(join(shop.env.LEDGER_JOURNAL ?? "", "broken.json"), "{");
    const left = await shop.tool(["journal"]);
    expect(left).toMatchObject({ code: 3, stderr: "" });
    expect(left.stdout).toContain("The gateway's answer in an unreadable file is not known");
    expect(left.stdout).not.toContain("approved each");
    expect((await shop.tool(["journal", "--lang", "ko"])).stdout).not.toContain("결제사가 승인한");
  });

  it("whose entries can't be written stops neither resolving nor the worker", async () => {
    const { orderId } = await shop.unknown();
    await journaled(shop, "lost-2", "lost");
    const worker = await json("worker", "--once");
    expect(worker.json()).toMatchObject({ exitCode: 3, error: { code: "not-replayed" } });
    expect(worker.stdout).toContain("payapi journal");
    const settled = await shop.tool([
      "resolve",
      orderId,
      "--outcome",
      "moved",
      "--tid",
      "T1",
      "--confirm-tid",
      "T1",
      ...note,
    ]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
  });

  it("is replayed by every command that opens the ledger", async () => {
    await journaled(shop, "known-2", "known");
    await shop.tool(["orders"]);
    expect(await shop.ledger.payments.find("known-2")).toMatchObject({ status: "paid" });
  });

  it("is missing where its folder is missing; a mistyped folder is not created", async () => {
    const unset = await shop.tool(["journal", "--json"], { LEDGER_JOURNAL: undefined });
    expect(unset.json()).toMatchObject({ exitCode: 4, error: { code: "no-journal" } });
    const folder = join(shop.env.LEDGER_JOURNAL ?? "", "mistyped");
    expect((await shop.tool(["journal"], { LEDGER_JOURNAL: folder })).code).toBe(4);
    expect((await shop.tool(["review"], { LEDGER_JOURNAL: folder })).code).toBe(0);
    expect(await readdir(shop.env.LEDGER_JOURNAL ?? "")).toEqual([]);
    for (const args of [["worker", "--once"], ["worker"]]) {
      const refused = await shop.tool(args, { LEDGER_JOURNAL: folder });
      expect(refused).toMatchObject({ code: 4, stdout: "" });
      expect(refused.stderr).toContain("LEDGER_JOURNAL");
      expect(refused.stderr).toContain("start the shop first");
    }
    expect(await readdir(shop.env.LEDGER_JOURNAL ?? "")).toEqual([]);
    expect((await shop.tool(["worker", "--once"], { LEDGER_JOURNAL: undefined })).code).toBe(0);
    const file = join(shop.env.LEDGER_JOURNAL ?? "", "file");
    await writeFile(file, "");
    const wrong = await shop.tool(["review"], { LEDGER_JOURNAL: file });
    expect(wrong).toMatchObject({ code: 4, stdout: "" });
    expect(wrong.stderr).toContain("LEDGER_JOURNAL");
  });
});

describe("database", () => {
  let exported: readonly string[];
  beforeEach(async () => {
    shop = await openShop();
    exported = await exportedConsole();
    return () => shop.close();
  });

  /** A file as an operator exports it from the gateway's console. */
  async function exportedConsole(lines: readonly string[] = []): Promise<readonly string[]> {
    const file = join(shop.env.LEDGER_JOURNAL ?? "", "..", "console.csv");
    await writeFile(file, ["\uFEFF상태,주문번호,거래번호,금액,결제수단,메모", ...lines].join("\r\n"));
    return ["--transactions", file];
  }

  it("is identified by the same setting as the shop's", async () => {
    const tables = { LEDGER_DATABASE_IDENTITY: "tables" };
    expect((await shop.tool(["database"], tables)).code).toBe(3);
    const { stdout } = await shop.tool(["database", "--json"], tables);
    const { seen } = JSON.parse(stdout).result;
    expect((await shop.tool(["database", "accept", "--seen", seen, ...exported, ...note], tables)).code).toBe(
      0,
    );
    expect((await shop.tool(["database"], tables)).code).toBe(0);
    const none = await shop.tool(["database"], { LEDGER_DATABASE_IDENTITY: "none" });
    expect(none.code).toBe(4);
    expect(none.stderr).toContain("LEDGER_DATABASE_IDENTITY");
  });

  it("gives instructions after a restore, and calls are sent again once it is accepted", async () => {
    expect(await shop.tool(["database"])).toMatchObject({ code: 0, stderr: "" });
    const { seen } = await shop.ledger.operations.database();
    const nothing = await json("database", "accept", "--seen", seen, ...exported, ...note);
    expect(nothing.json()).toMatchObject({ exitCode: 0, result: { accepted: true, actor: "migration" } });

    const { orderId } = await shop.paid();
    await restoreDatabase(shop);
    const restored = await shop.tool(["database"]);
    expect(restored).toMatchObject({ code: 3, stderr: "" });
    for (const text of [
      "NOT ACCEPTED",
      seen,
      "2026-05-01 09:00:00 KST",
      "lee",
      "payapi database compare --transactions",
      "payapi database accept",
    ]) {
      expect(restored.stdout).toContain(text);
    }
    expect((await json("doctor")).json<{ checks: object[] }>().result.checks).toContainEqual(
      expect.objectContaining({ check: "ledger-accepted", status: "fail" }),
    );

    const worked = await shop.tool(["worker", "--once"]);
    expect(worked).toMatchObject({ code: 3, stderr: "" });
    expect(worked.stdout).toContain("payapi database");
    expect((await json("worker", "--once")).json()).toMatchObject({
      exitCode: 3,
      result: { cancelled: 0 },
      error: { code: "database-changed" },
    });

    const asked = shop.sandbox.book.requests.length;
    const cancel = await json("cancel", orderId, "--yes");
    expect(cancel.json()).toMatchObject({ exitCode: 1, error: { code: "database-changed" } });
    expect(cancel.stdout).toContain("payapi database");
    expect(shop.sandbox.book.requests).toHaveLength(asked);
    expect(await shop.ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
    expect((await shop.ledger.payments.find(orderId))?.cancel).toBeUndefined();

    const another = await json("database", "accept", "--seen", "0123456789abcdef", ...exported, ...note);
    expect(another.json()).toMatchObject({ exitCode: 1, error: { code: "database-changed" } });
    expect(await shop.ledger.operations.database()).toMatchObject({ accepted: false });
    const accepted = await json("database", "accept", "--seen", seen, ...exported, ...note);
    expect(accepted.json()).toMatchObject({ exitCode: 0, result: { accepted: true, actor: "kim" } });
    expect(await shop.ledger.operations.database()).toMatchObject({
      accepted: true,
      evidence: "console, seen 03:10",
    });
    expect((await shop.tool(["cancel", orderId, "--yes"])).code).toBe(0);
    expect((await shop.tool(["worker", "--once"])).code).toBe(0);
  });

  it("shows which payments of the console it lacks, and adopts them when it is accepted", async () => {
    const { orderId, tid } = await shop.paid();
    await restoreDatabase(shop);
    const { seen } = await shop.ledger.operations.database();
    const file = await exportedConsole([
      `승인,${orderId}-1,${tid},"15,000",신용카드,`,
      `승인,lost-1-1,T9,"15,000",신용카드,"쉼표, 있음"`,
      `승인,other shop 7,T8,"1,000",신용카드,`,
    ]);
    const compared = await shop.tool(["database", "compare", ...file]);
    expect(compared).toMatchObject({ code: 3 });
    for (const text of ["3 payments compared, 2 differ", "lost-1-1", "T9", "15,000 won", "becomes paid"]) {
      expect(compared.stdout).toContain(text);
    }
    expect(compared.stdout).not.toContain(tid);
    expect(await shop.ledger.payments.find("lost-1")).toBeUndefined();
    const accept = ["database", "accept", "--seen", seen, ...note];
    expect((await json(...accept)).json()).toMatchObject({ exitCode: 2 });
    expect((await json(...accept, ...file, "--not-compared")).json()).toMatchObject({ exitCode: 2 });
    expect((await json(...accept, "--transactions", "no-such-file")).json()).toMatchObject({ exitCode: 2 });
    expect((await shop.tool([...accept, ...file])).stdout).toContain("lost-1-1");
    expect(await shop.ledger.payments.find("lost-1")).toMatchObject({ status: "paid", tid: "T9" });
    expect((await json("database", "compare", ...file)).json()).toMatchObject({
      result: { compared: 3, payments: [{ finding: "foreign" }] },
    });
  });

  it("that is not accepted is reported once by a worker that continues", async () => {
    await restoreDatabase(shop);
    const running = shop.startTool(["worker"]);
    if (running.child.stderr === null) throw new Error("No stderr");
    await once(running.child.stderr, "data");
    running.child.kill("SIGTERM");
    const run = await running.ended;
    expect(run.code).toBe(3);
    expect(run.stderr.match(/payapi database/g)).toHaveLength(1);
  });
});
