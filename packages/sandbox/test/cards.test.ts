import { operations } from "@payapi/core/operations";
import { describe, expect, test } from "vitest";
import { testCards } from "../src/index.js";
import { approvalForm, paths, post, prefixForm } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";

/** Every name a reply may have, read off the operation table. */
function replyNames(operation: { readonly reply: Readonly<Record<string, { wire: unknown }>> }): unknown[] {
  return ["ResultCode", "ResultMsg", ...Object.values(operation.reply).flatMap(({ wire }) => wire)];
}

describe("keyed-in approval", () => {
  test("answers with the table's fields and adds the payment to the book", async () => {
    // One second before midnight in Korea is 14:59:59 in UTC.
    const { url, book } = await sandboxFor({ clock: { at: new Date("2026-11-21T14:59:59Z"), frozen: true } });
    const more = { timestamp: "20261121235959" };
    const { status, json } = await post(url, paths.approve, approvalForm({ oid: "order-1", more }));
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(replyNames(operations.cards.approve));
    expect(json).toMatchObject({ ResultCode: "00", PayDate: "20261121", PayTime: "235959", Price: "15000" });
    expect(json.tid).toMatch(/^\w{20,40}$/);
    expect(json.ApplNum).toMatch(/^\d{8,10}$/);
    expect(book.transactions).toEqual([
      {
        tid: json.tid,
        mid: "sandbox001",
        oid: "order-1",
        payType: "card",
        price: 15000,
        remaining: 15000,
        approvedAt: "2026-11-21T14:59:59.000Z",
        cardLast4: "1111",
        applNum: json.ApplNum,
        cancels: [],
      },
    ]);
    expect(book.requests).toMatchObject([
      {
        operation: "cards.approve",
        oid: "order-1",
        tid: json.tid,
        outcome: "committed",
        resultCode: "00",
        replied: true,
      },
    ]);
  });

  test.each(testCards)("$number: $brand, $decline.en", async ({ number, decline }) => {
    const { url, book } = await sandboxFor();
    const { status, json } = await post(url, paths.approve, approvalForm({ oid: "order-1", card: number }));
    expect(status).toBe(200);
    expect(json.ResultCode).toBe(decline?.code ?? "00");
    if (decline) expect(json).toEqual({ ResultCode: decline.code, ResultMsg: decline.ko });
    expect(book.transactions).toHaveLength(decline ? 0 : 1);
    expect(book.requests[0]?.outcome).toBe(decline ? "declined" : "committed");
  });

  test.each([
    ["another card with a right check digit", { card: "4539578763621486" }, "2002"],
    ["a wrong check digit", { card: "4111111111111112" }, "2001"],
    ["an expired card", { more: { cardExpireYY: "26", cardExpireMM: "10" } }, "2003"],
    ["a card that expires this month", { more: { cardExpireYY: "26", cardExpireMM: "11" } }, "00"],
    ["a tax of more than 10%", { more: { tax: "1501" } }, "1008"],
    ["a tax of just 10%", { more: { tax: "1500" } }, "00"],
  ])("%s", async (_, input, code) => {
    // The last second of November in Korea.
    const { url } = await sandboxFor({ clock: { at: new Date("2026-11-30T14:59:59Z"), frozen: true } });
    const more = { timestamp: "20261130235959", ...("more" in input ? input.more : {}) };
    const { status, json } = await post(url, paths.approve, approvalForm({ oid: "order-1", ...input, more }));
    expect([status, json.ResultCode]).toEqual([200, code]);
  });

  test("rejects an order number that was approved before, unless configured to accept it", async () => {
    const strict = await sandboxFor();
    await post(strict.url, paths.approve, approvalForm({ oid: "order-1", card: "4000000000000002" }));
    const codes = [];
    for (const price of ["100", "100", "200"]) {
      codes.push(
        (await post(strict.url, paths.approve, approvalForm({ oid: "order-1", price }))).json.ResultCode,
      );
    }
    expect(codes).toEqual(["00", "1001", "1001"]);
    expect(strict.book.transactions).toHaveLength(1);

    const lenient = await sandboxFor({ duplicateOid: "accept" });
    const tids = new Set();
    for (const _ of [1, 2])
      tids.add((await post(lenient.url, paths.approve, approvalForm({ oid: "order-1" }))).json.tid);
    expect(tids.size).toBe(2);
    expect(lenient.book.transactions).toHaveLength(2);
  });

  test("approves one of 20 concurrent requests for one order", async () => {
    const { url, book } = await sandboxFor();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => post(url, paths.approve, approvalForm({ oid: "order-1" }))),
    );
    expect(replies.filter(({ json }) => json.ResultCode === "00")).toHaveLength(1);
    expect(book.transactions).toHaveLength(1);
    expect(book.requests).toHaveLength(20);
  });
});

describe("prefix lookup", () => {
  test.each([
    ["411111", "21", "0"],
    ["400005", "21", "1"],
    ["555555", "22", "0"],
    ["510510", "22", "2"],
    ["353011", "23", "0"],
    ["378282", "24", "0"],
    ["362272", "25", "0"],
  ])("%s", async (prefix, code, type) => {
    const { url, book } = await sandboxFor();
    const { json } = await post(url, paths.lookupPrefix, prefixForm(prefix));
    expect(Object.keys(json)).toEqual(replyNames(operations.cards.lookupPrefix));
    expect(json).toMatchObject({ ResultCode: "00", CardCode: code, CardType: type });
    expect(book.requests).toMatchObject([{ operation: "cards.lookupPrefix", outcome: "answered" }]);
  });

  test("is declined for an unknown prefix", async () => {
    const { url } = await sandboxFor();
    const { status, json } = await post(url, paths.lookupPrefix, prefixForm("999999"));
    expect([status, json.ResultCode]).toEqual([200, "2002"]);
  });
});
