import { describe, expect, test } from "vitest";
import { startSandbox } from "../src/index.js";
import { approvalForm, approve, cancelForm, paths, post } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";
import { createLink, issueKey } from "./support/services.js";

const at = new Date("2026-11-21T00:30:00Z");
const HOUR_MS = 60 * 60 * 1000;

describe("the clock", () => {
  test("runs on from its start time", async () => {
    const { clock } = await sandboxFor({ clock: { at } });
    const ahead = clock.now().getTime() - at.getTime();
    expect(ahead).toBeGreaterThanOrEqual(0);
    expect(ahead).toBeLessThan(HOUR_MS);
    expect(clock.isFrozen).toBe(false);
  });

  test("stands still until it is moved, and dates transactions", async () => {
    const { url, clock, book } = await sandboxFor({ clock: { at, frozen: true } });
    await approve(url, "order-1");
    await clock.advance(HOUR_MS);
    await approve(url, "order-2");
    await clock.set(new Date("2026-11-22T00:30:00Z"));
    await approve(url, "order-3");
    expect(book.transactions.map(({ approvedAt }) => approvedAt)).toEqual([
      "2026-11-21T00:30:00.000Z",
      "2026-11-21T01:30:00.000Z",
      "2026-11-22T00:30:00.000Z",
    ]);
  });

  test("can be stopped and released", async () => {
    const { clock } = await sandboxFor();
    clock.freeze();
    const stopped = clock.now();
    await expect.poll(() => Date.now(), { timeout: 30_000 }).toBeGreaterThan(stopped.getTime() + 5);
    expect(clock.now()).toEqual(stopped);
    clock.resume();
    await expect.poll(() => clock.now().getTime(), { timeout: 30_000 }).toBeGreaterThan(stopped.getTime());
    expect(clock.now().getTime()).toBeLessThan(Date.now());
  });

  test("never moves back", async () => {
    const { clock } = await sandboxFor({ clock: { at, frozen: true } });
    expect(() => clock.set(new Date(at.getTime() - 1))).toThrow(TypeError);
    expect(() => clock.set(new Date("never"))).toThrow(TypeError);
    expect(() => clock.advance(-1)).toThrow(TypeError);
    expect(() => clock.advance(Number.NaN)).toThrow(TypeError);
    await expect(startSandbox({ port: 0, clock: { at: new Date("never") } })).rejects.toThrow(TypeError);
  });

  test("accepts clients with the machine's clock", async () => {
    const { url, clock } = await sandboxFor();
    await clock.advance(73 * HOUR_MS);
    await approve(url, "order-1");
    const theirs = new Date(clock.now().getTime() + 9 * HOUR_MS)
      .toISOString()
      .replace(/\D/g, "")
      .slice(0, 14);
    const own = approvalForm({ oid: "order-2", more: { timestamp: theirs } });
    expect((await post(url, paths.approve, own)).json.ResultCode).toBe("00");
    const between = new Date(clock.now().getTime() - 36 * HOUR_MS + 9 * HOUR_MS);
    const timestamp = between.toISOString().replace(/\D/g, "").slice(0, 14);
    const stale = approvalForm({ oid: "order-3", more: { timestamp } });
    expect((await post(url, paths.approve, stale)).json.ResultCode).toBe("9010");
  });
});

describe("a seed", () => {
  const run = async (seed: string | undefined) => {
    const sandbox = await startSandbox({ port: 0, clock: { at, frozen: true }, ...(seed && { seed }) });
    try {
      const tid = await approve(sandbox.url, "order-1");
      const amounts = { cancelPrice: "1", confirmPrice: "14999" };
      await post(sandbox.url, paths.cancelPartially, cancelForm(tid, amounts));
      const key = await issueKey(sandbox.url);
      const link = await createLink(sandbox.url, "order-2");
      const { entry } = sandbox.outside.issueMobileKey({ price: 9900 });
      const account = sandbox.outside.issueAccount({ oid: "order-3", price: 5000 });
      const path = new URL(link).pathname;
      return JSON.stringify([key, path, entry, account, sandbox.book.transactions, sandbox.book.billingKeys]);
    } finally {
      await sandbox.close();
    }
  };

  test("makes a run repeatable byte for byte", async () => {
    expect(await run("seven")).toBe(await run("seven"));
    expect(await run("seven")).not.toBe(await run("eight"));
    expect(await run(undefined)).not.toBe(await run(undefined));
  });
});

test("repeats no id within a run", async () => {
  const { url, book } = await sandboxFor({ seed: 7, clock: { at, frozen: true } });
  for (const oid of ["a", "b", "c"]) await approve(url, oid);
  expect(new Set(book.transactions.map(({ tid }) => tid)).size).toBe(3);
  expect(new Set([await issueKey(url), await issueKey(url)]).size).toBe(2);
});

describe("the request log", () => {
  test("forgets the oldest requests and keeps counting", async () => {
    const { url, book } = await sandboxFor({ maxRequests: 3 });
    for (const oid of ["a", "b", "c", "d", "e"]) await approve(url, oid);
    expect(book.requests.map(({ seq, oid }) => [seq, oid])).toEqual([
      [3, "c"],
      [4, "d"],
      [5, "e"],
    ]);
    expect(book.transactions).toHaveLength(5);
    await expect(startSandbox({ port: 0, maxRequests: 0 })).rejects.toThrow(/^maxRequests/);
  });

  test("shows requests without secrets and free text", async () => {
    const { url, book } = await sandboxFor();
    await post(url, paths.approve, approvalForm({ oid: "order-1", more: { goodsName: "머그컵", tax: "" } }));
    expect(book.requests[0]?.sent).toEqual({
      cardNumber: "[redacted]",
      cardExpireYY: "[redacted]",
      cardExpireMM: "[redacted]",
      cardQuota: "00",
      quotaInterest: "0",
      oid: "[7 characters]",
      price: "15000",
      tax: "",
      goodsName: "[3 characters]",
      buyerName: "[3 characters]",
    });
  });

  test("hides values in unexpected fields", async () => {
    const { url, book } = await sandboxFor();
    await post(url, paths.approve, approvalForm({ oid: "o", more: { price: "4111111111111111" } }));
    await post(url, paths.cancel, cancelForm("t", { price: "4111111111111111", payType: "4111-11" }));
    expect(JSON.stringify(book)).not.toContain("4111111111111111");
  });
});
