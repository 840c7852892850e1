import { operations } from "@payapi/core/operations";
import { describe, expect, test } from "vitest";
import { sandboxMerchant } from "../src/index.js";
import { cancelForm, type Form, paths, post } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";
import { chargeForm, identity, issueKey, keyForm, servicePaths, signed } from "./support/services.js";

const replyNames = (operation: { readonly reply: Readonly<Record<string, { wire: unknown }>> }) => [
  "ResultCode",
  "ResultMsg",
  ...Object.values(operation.reply).flatMap(({ wire }) => wire),
];
const deleteKey = (url: string, billkey: string) => post(url, servicePaths.deleteKey, signed({ billkey }));
const charge = (url: string, oid: string, billkey: string, price?: string, more?: Form) =>
  post(url, servicePaths.charge, chargeForm(oid, billkey, price, more));
const chargeMobile = (url: string, oid: string, billkey: string, price: string, more?: Form) =>
  post(url, servicePaths.chargeMobile, chargeForm(oid, billkey, price, more));

describe("a card's billing key", () => {
  test.each([
    ["with", "issueKey", identity],
    ["without", "issueKeyWithoutAuthentication", {}],
  ] as const)("%s authentication: is issued with the table's fields", async (_, name, more) => {
    const { url, book } = await sandboxFor();
    const { json } = await post(
      url,
      servicePaths[name],
      keyForm("4111111111111111", { ...more, price: "9900" }),
    );
    expect(Object.keys(json)).toEqual(replyNames(operations.billing[name]));
    expect(json).toMatchObject({ ResultCode: "00", CardResultCode: "21", Price: "9900" });
    expect(json.Billkey).toMatch(/^[\x21-\x7e]{1,40}$/);
    expect(json.tid).toMatch(/^\w{20,40}$/);
    expect(`${json.PayDate}${json.PayTime}`).toMatch(/^\d{14}$/);
    expect(book.billingKeys).toMatchObject([
      { kind: "card", mid: "sandbox001", cardLast4: "1111", charges: [] },
    ]);
    // No money moved.
    expect(book.transactions).toEqual([]);
  });

  test("is issued with the field etc empty or missing", async () => {
    const { url } = await sandboxFor();
    const { etc: _, ...without } = identity;
    for (const more of [identity, without]) {
      const { json } = await post(url, servicePaths.issueKey, keyForm("4111111111111111", more));
      expect(json.ResultCode).toBe("00");
    }
  });

  test("is charged repeatedly, cancelled like any card payment, and deleted", async () => {
    const { url, book } = await sandboxFor();
    const billkey = await issueKey(url);
    const { json } = await charge(url, "sub-1", billkey);
    expect(Object.keys(json)).toEqual(replyNames(operations.billing.charge));
    expect(json).toMatchObject({ ResultCode: "00", Price: "15000" });
    expect((await charge(url, "sub-2", billkey, "500")).json.ResultCode).toBe("00");
    expect(book.transactions).toMatchObject([
      { oid: "sub-1", payType: "card", price: 15000, cardLast4: "1111" },
      { oid: "sub-2", price: 500 },
    ]);
    expect(book.billingKeys[0]?.charges).toEqual([
      { tid: json.tid, oid: "sub-1", price: 15000 },
      { tid: book.transactions[1]?.tid, oid: "sub-2", price: 500 },
    ]);
    const cancel = await post(url, paths.cancel, cancelForm(String(json.tid), { price: "15000" }));
    expect(cancel.json).toMatchObject({ ResultCode: "00", Moid: "sub-1" });
    const deleted = await deleteKey(url, billkey);
    expect(deleted.json).toEqual({ ResultCode: "00", ResultMsg: expect.any(String) });
    expect((await charge(url, "sub-3", billkey)).json.ResultCode).toBe("3002");
    expect((await deleteKey(url, billkey)).json.ResultCode).toBe("3002");
    expect(book.billingKeys).toMatchObject([{ deletedAt: expect.any(String) }]);
    expect(book.transactions).toHaveLength(2);
  });

  test("does not appear in the book, the log or the page", async () => {
    const lines: string[] = [];
    const { url, book } = await sandboxFor({ log: (line) => lines.push(line) });
    const billkey = await issueKey(url);
    await charge(url, "sub-1", billkey);
    const page = await (await fetch(`${url}/_sandbox`)).text();
    const audit = await (await fetch(`${url}/_sandbox/book`)).text();
    for (const text of [page, audit, lines.join("\n")]) expect(text).not.toContain(billkey);
    expect(audit).toContain(String(book.billingKeys[0]?.hash));
    expect(book.requests[1]?.sent).toMatchObject({ billkey: "[redacted]", price: "15000" });
  });

  test.each([
    ["an expired card", "4000000000000069", "2103", "2103"],
    ["a stolen card", "4000000000009979", "2106", "2106"],
    ["a wrong PIN", "4000000000000127", "2104", "00"],
    ["a card over its limit", "4000000000009995", "00", "00"],
    ["no test card", "4539578763621486", "2002", "2002"],
  ])("%s: code %s with authentication, %s without", async (_, card, authenticated, bare) => {
    const { url } = await sandboxFor();
    const asked = await post(url, servicePaths.issueKey, keyForm(card, identity));
    expect(asked.json.ResultCode).toBe(authenticated);
    const unasked = await post(url, servicePaths.issueKeyWithoutAuthentication, keyForm(card));
    expect(unasked.json.ResultCode).toBe(bare);
  });

  test("of a card over its limit is issued and declined when charged", async () => {
    const { url, book } = await sandboxFor();
    const billkey = await issueKey(url, "4000000000009995");
    expect((await charge(url, "sub-1", billkey)).json.ResultCode).toBe("2102");
    expect(book.transactions).toEqual([]);
  });

  test("is charged by the rules of every approval", async () => {
    const { url } = await sandboxFor();
    const billkey = await issueKey(url);
    expect((await charge(url, "sub-1", billkey, "1000", { tax: "101" })).json.ResultCode).toBe("1008");
    expect((await charge(url, "sub-1", billkey)).json.ResultCode).toBe("00");
    expect((await charge(url, "sub-1", billkey)).json.ResultCode).toBe("1001");
    expect((await charge(url, "sub-2", "BKnobody")).json.ResultCode).toBe("3001");
  });

  test("of another merchant is unknown", async () => {
    const other = { ...sandboxMerchant, mid: "sandbox002" };
    const { url } = await sandboxFor({ merchants: [sandboxMerchant, other] });
    const billkey = await issueKey(url);
    expect((await charge(url, "o", billkey, "1", { mid: "sandbox002" })).json.ResultCode).toBe("3001");
    const form = signed({ mid: "sandbox002", billkey });
    expect((await post(url, servicePaths.deleteKey, form)).json.ResultCode).toBe("3001");
  });

  test("expires with its card", async () => {
    const sandbox = await sandboxFor({ clock: { at: new Date("2049-12-31T14:00:00Z") } });
    const billkey = await issueKey(sandbox.url);
    expect((await charge(sandbox.url, "sub-1", billkey)).json.ResultCode).toBe("00");
    await sandbox.clock.advance(60 * 60 * 1000);
    expect((await charge(sandbox.url, "sub-2", billkey)).json.ResultCode).toBe("2003");
  });
});

describe("a mobile phone's billing key", () => {
  const issued = (iso: string) => new Date(iso);

  test("is charged with its own amount, once a month, and cannot be deleted", async () => {
    const { url, book, outside } = await sandboxFor();
    const { billkey } = outside.issueMobileKey({ price: 9900 });
    expect((await chargeMobile(url, "m-1", billkey, "9901")).json.ResultCode).toBe("3005");
    const { json } = await chargeMobile(url, "m-1", billkey, "9900");
    expect(Object.keys(json)).toEqual(replyNames(operations.billing.chargeMobile));
    expect(json).toMatchObject({ ResultCode: "00", Price: "9900" });
    expect((await chargeMobile(url, "m-2", billkey, "9900")).json.ResultCode).toBe("3007");
    expect((await deleteKey(url, billkey)).json.ResultCode).toBe("3003");
    expect((await charge(url, "m-3", billkey, "9900")).json.ResultCode).toBe("3003");
    expect(book.transactions).toMatchObject([{ oid: "m-1", payType: "hpp", price: 9900 }]);
    const cancel = cancelForm(String(json.tid), { price: "9900", payType: "hpp" });
    expect((await post(url, paths.cancel, cancel)).json.ResultCode).toBe("00");
  });

  test("can be deleted by the gateway's staff, as a card's", async () => {
    const { url, book, outside } = await sandboxFor();
    const [mobile, card] = [outside.issueMobileKey({ price: 9900 }).billkey, await issueKey(url)];
    for (const { hash } of book.billingKeys) outside.deleteKey(hash);
    expect((await chargeMobile(url, "m-1", mobile, "9900")).json.ResultCode).toBe("3002");
    expect((await charge(url, "m-2", card, "9900")).json.ResultCode).toBe("3002");
    expect(() => outside.deleteKey("none")).toThrow("hash: no billing key has this hash");
  });

  test("is not a card's key", async () => {
    const { url } = await sandboxFor();
    const billkey = await issueKey(url);
    expect((await chargeMobile(url, "m-1", billkey, "9900")).json.ResultCode).toBe("3004");
  });

  // Midnight in Korea is 15:00 of the day before in UTC.
  test.each([
    ["on the day", "2026-01-10T03:00:00Z", "2026-02-10T03:00:00Z", "00"],
    ["five days before, from midnight on", "2026-01-10T03:00:00Z", "2026-02-04T15:00:00Z", "00"],
    ["a second too early", "2026-01-10T03:00:00Z", "2026-02-04T14:59:59Z", "3006"],
    ["five days after, until midnight", "2026-01-10T03:00:00Z", "2026-02-15T14:59:59Z", "00"],
    ["a second too late", "2026-01-10T03:00:00Z", "2026-02-15T15:00:00Z", "3006"],
    ["across the year's end", "2026-01-01T03:00:00Z", "2026-12-27T03:00:00Z", "00"],
    ["the 31st in a February", "2026-01-31T03:00:00Z", "2027-02-23T03:00:00Z", "00"],
    ["six days before the end of that February", "2026-01-31T03:00:00Z", "2027-02-22T03:00:00Z", "3006"],
  ])("%s", async (_, issuedAt, now, code) => {
    const { url, outside } = await sandboxFor({ clock: { at: new Date(now), frozen: true } });
    const { billkey } = outside.issueMobileKey({ price: 9900, issuedAt: issued(issuedAt) });
    expect((await chargeMobile(url, "m-1", billkey, "9900")).json.ResultCode).toBe(code);
  });

  test("counts its months by the day of issue", async () => {
    const { url, outside, clock, book } = await sandboxFor({
      clock: { at: new Date("2026-02-26T03:00:00Z"), frozen: true },
    });
    const { billkey } = outside.issueMobileKey({ price: 9900, issuedAt: issued("2026-01-02T03:00:00Z") });
    expect((await chargeMobile(url, "m-1", billkey, "9900")).json.ResultCode).toBe("00");
    await clock.set(new Date("2026-03-03T03:00:00Z"));
    expect((await chargeMobile(url, "m-2", billkey, "9900")).json.ResultCode).toBe("3007");
    await clock.set(new Date("2026-04-02T03:00:00Z"));
    expect((await chargeMobile(url, "m-2", billkey, "9900")).json.ResultCode).toBe("00");
    expect(book.billingKeys[0]?.charges.map(({ month }) => month)).toEqual(["202603", "202604"]);
  });
});
