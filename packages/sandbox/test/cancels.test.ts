import { operations } from "@payapi/core/operations";
import { describe, expect, test } from "vitest";
import { sandboxMerchant } from "../src/index.js";
import { approve, cancelForm, paths, post, sign } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";

const full = (url: string, tid: string, price: string, more = {}) =>
  post(url, paths.cancel, cancelForm(tid, { price, ...more }));
const partial = (url: string, tid: string, cancelPrice: number, confirmPrice: number, more = {}) =>
  post(
    url,
    paths.cancelPartially,
    cancelForm(tid, { cancelPrice: String(cancelPrice), confirmPrice: String(confirmPrice), ...more }),
  );

function replyNames(operation: { readonly reply: Readonly<Record<string, { wire: unknown }>> }): unknown[] {
  return ["ResultCode", "ResultMsg", ...Object.values(operation.reply).flatMap(({ wire }) => wire)];
}

describe("full cancel", () => {
  test("answers with the table's fields and leaves nothing of the payment", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const { status, json } = await full(url, tid, "15000");
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(replyNames(operations.payments.cancel));
    expect(json).toMatchObject({
      ResultCode: "00",
      Mid: "sandbox001",
      Tid: tid,
      Moid: "order-1",
      Price: "15000",
    });
    expect(`${json.CancelDate}${json.CancelTime}`).toMatch(/^\d{14}$/);
    expect(book.find(tid)).toMatchObject({
      remaining: 0,
      cancels: [{ kind: "full", price: 15000, remaining: 0, tid: expect.stringMatching(/^\w{1,22}$/) }],
    });
    expect(book.requests[1]).toMatchObject({
      operation: "payments.cancel",
      tid,
      oid: "order-1",
      outcome: "committed",
    });
  });

  test("answers a second one with code 01, as observed at the gateway", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    await full(url, tid, "15000");
    expect((await full(url, tid, "15000")).json.ResultCode).toBe("01");
    expect((await partial(url, tid, 1, 0)).json.ResultCode).toBe("01");
    expect(book.find(tid)?.cancels).toHaveLength(1);
  });

  test.each([
    ["an unknown payment", { tid: "none" }, "1002"],
    ["less than was approved", { price: "14999" }, "1004"],
    ["more than was approved", { price: "15001" }, "1004"],
    ["another way of payment", { payType: "vbank" }, "1007"],
    ["another currency", { currency: "USD" }, "1009"],
  ])("declines %s", async (_, change, code) => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const { status, json } = await full(url, tid, "15000", change);
    expect([status, json.ResultCode, Object.keys(json).length]).toEqual([200, code, 2]);
    expect(book.find(tid)?.remaining).toBe(15000);
  });

  test("is declined for a partly cancelled payment", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    await partial(url, tid, 5000, 10000);
    expect((await full(url, tid, "10000")).json.ResultCode).toBe("1003");
    expect((await full(url, tid, "15000")).json.ResultCode).toBe("1003");
    expect(book.find(tid)?.remaining).toBe(10000);
  });

  test("does not find another merchant's payment", async () => {
    const other = { ...sandboxMerchant, mid: "sandbox002" };
    const { url, book } = await sandboxFor({ merchants: [sandboxMerchant, other] });
    const tid = await approve(url, "order-1");
    const form = cancelForm(tid, { price: "15000" });
    const foreign = { ...form, mid: "sandbox002" };
    const signature = sign({ mid: foreign.mid, timestamp: String(form.timestamp) });
    expect((await post(url, paths.cancel, { ...foreign, signature })).json.ResultCode).toBe("1002");
    expect(book.find(tid)?.remaining).toBe(15000);
  });
});

describe("partial cancel", () => {
  test("answers with the table's fields and reduces the remainder, down to zero", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const { json } = await partial(url, tid, 5000, 10000);
    expect(Object.keys(json)).toEqual(replyNames(operations.payments.cancelPartially));
    expect(json).toMatchObject({ ResultCode: "00", Tid: tid, Price: "5000", RmainPrice: "10000" });
    expect(json.C_Tid).toMatch(/^\w{1,22}$/);
    expect((await partial(url, tid, 10000, 0)).json.RmainPrice).toBe("0");
    const cancels = book.find(tid)?.cancels ?? [];
    expect(cancels).toMatchObject([
      { kind: "partial", tid: json.C_Tid, price: 5000, remaining: 10000 },
      { kind: "partial", price: 10000, remaining: 0 },
    ]);
    expect(new Set(cancels.map((cancellation) => cancellation.tid)).size).toBe(2);
  });

  test.each([
    ["an unknown payment", 5000, 10000, { tid: "none" }, "1002"],
    ["more than is left", 15001, 0, {}, "1005"],
    ["a remainder that is too high", 5000, 10001, {}, "1006"],
    ["a remainder that is too low", 5000, 9999, {}, "1006"],
    ["another way of payment", 5000, 10000, { payType: "bank" }, "1007"],
    ["another currency", 5000, 10000, { currency: "USD" }, "1009"],
  ])("declines %s", async (_, cancelPrice, confirmPrice, change, code) => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const { status, json } = await partial(url, tid, cancelPrice, confirmPrice, change);
    expect([status, json.ResultCode]).toEqual([200, code]);
    expect(book.find(tid)).toMatchObject({ remaining: 15000, cancels: [] });
  });

  test("cancels once for an identical repeated request", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const codes = [await partial(url, tid, 5000, 10000), await partial(url, tid, 5000, 10000)];
    expect(codes.map(({ json }) => json.ResultCode)).toEqual(["00", "1006"]);
    expect(book.find(tid)?.remaining).toBe(10000);
  });

  test("succeeds for one of 30 concurrent requests, and the sums agree to the won", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const race = (cancelPrice: number, confirmPrice: number) =>
      Promise.all(Array.from({ length: 30 }, () => partial(url, tid, cancelPrice, confirmPrice)));
    const replies = [...(await race(4000, 11000)), ...(await race(4000, 7000)), ...(await race(7000, 0))];
    expect(replies.filter(({ json }) => json.ResultCode === "00")).toHaveLength(3);
    const cancels = book.find(tid)?.cancels ?? [];
    expect(cancels.map(({ price }) => price)).toEqual([4000, 4000, 7000]);
    expect(book.find(tid)?.remaining).toBe(0);
  });

  test("excludes concurrent full cancels", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    const calls = Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0 ? full(url, tid, "15000") : partial(url, tid, 5000, 10000),
    );
    const replies = await Promise.all(calls);
    expect(replies.filter(({ json }) => json.ResultCode === "00")).toHaveLength(1);
    expect(book.find(tid)?.cancels).toHaveLength(1);
  });
});
