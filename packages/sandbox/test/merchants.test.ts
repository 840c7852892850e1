import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sandboxMerchant } from "../src/index.js";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { approvalForm, approve, cancelForm, encrypt, paths, post, prefixForm } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";
import { keyForm, servicePaths } from "./support/services.js";

describe("a merchant that signs ciphertexts", () => {
  const merchants = [{ ...sandboxMerchant, signedCardNumber: "ciphertext" as const }];
  const ciphertextForm = () => {
    const form = keyForm();
    const text = `mid=${vectors.mid}&mkey=${vectors.mkey}&cardNumber=${encrypt("4111111111111111")}&timestamp=${form.timestamp}`;
    return { ...form, signature: createHash("sha256").update(text).digest("hex") };
  };

  test("is accepted, and must always do so", async () => {
    const { url } = await sandboxFor({ merchants });
    const path = servicePaths.issueKeyWithoutAuthentication;
    expect((await post(url, path, ciphertextForm())).json.ResultCode).toBe("00");
    expect((await post(url, path, keyForm())).json.ResultCode).toBe("9011");
  });

  test("is the exception", async () => {
    const { url } = await sandboxFor();
    const path = servicePaths.issueKeyWithoutAuthentication;
    expect((await post(url, path, ciphertextForm())).json.ResultCode).toBe("9011");
  });

  test("signs plain fields unchanged", async () => {
    const { url } = await sandboxFor({ merchants });
    expect((await post(url, paths.lookupPrefix, prefixForm("411111"))).json.ResultCode).toBe("00");
    await approve(url, "order-1");
  });
});

test.each([
  ["registNo", { passwd: encrypt("12") }],
  ["passwd", { registNo: encrypt("880101") }],
] as const)("a merchant whose contract asks for %s must send it", async (name, others) => {
  const { url } = await sandboxFor({ merchants: [{ ...sandboxMerchant, requires: [name] }] });
  const without = await post(url, paths.approve, approvalForm({ oid: "order-1", more: others }));
  expect([without.status, without.json.ResultCode]).toEqual([400, "9007"]);
  expect(without.json.ResultMsg).toContain(`(${name})`);
  const more = { registNo: encrypt("880101"), passwd: encrypt("12") };
  expect((await post(url, paths.approve, approvalForm({ oid: "order-1", more }))).json.ResultCode).toBe("00");
});

test("a merchant's own path replaces the guide's for that merchant only", async () => {
  const own = { ...sandboxMerchant, mid: "own", paths: { "cards.approve": "/v2/pay" } };
  const { url } = await sandboxFor({ merchants: [sandboxMerchant, own] });
  const form = (mid: string, oid: string) => approvalForm({ oid, more: { mid } });
  expect((await post(url, "/v2/pay", form("own", "order-1"))).json.ResultCode).toBe("00");
  expect((await post(url, paths.approve, form("own", "order-2"))).status).toBe(404);
  expect((await post(url, paths.approve, form("sandbox001", "order-3"))).json.ResultCode).toBe("00");
  expect((await post(url, "/v2/pay", form("sandbox001", "order-4"))).status).toBe(404);
});

test.each([
  ["an operation that does not exist", { paths: { "cards.pay": "/x" } }, /^TypeError: merchants\[0\]\.paths/],
  ["a path that is none", { paths: { "cards.approve": "x" } }, /^TypeError: merchants\[0\]\.paths/],
  ["a foreign address", { escrowUrl: "https://shop.example/noti" }, /^TypeError: merchants\[0\]\.escrowUrl/],
])("%s is rejected at the start", async (_, more, message) => {
  const error = await sandboxFor({ merchants: [{ ...sandboxMerchant, ...more }] }).catch((reason) => reason);
  expect(String(error)).toMatch(message);
});

describe("a repeated cancellation", () => {
  const partial = { cancelPrice: "5000", confirmPrice: "10000" };

  test("is refused in strict mode", async () => {
    const { url } = await sandboxFor({ repeatedCancel: "strict" });
    const tid = await approve(url, "order-1");
    const codes = [];
    for (const _ of [1, 2])
      codes.push((await post(url, paths.cancel, cancelForm(tid, { price: "15000" }))).json);
    expect(codes.map(({ ResultCode }) => ResultCode)).toEqual(["00", "01"]);
  });

  test("repeats the first success in lax mode, and cancels once", async () => {
    const { url, book, clock } = await sandboxFor({ repeatedCancel: "lax", clock: { frozen: true } });
    const [whole, parts] = [await approve(url, "order-1"), await approve(url, "order-2")];
    const first = await post(url, paths.cancel, cancelForm(whole, { price: "15000" }));
    await clock.advance(60_000);
    const second = await post(url, paths.cancel, cancelForm(whole, { price: "15000" }));
    expect(second.json).toEqual(first.json);
    const one = await post(url, paths.cancelPartially, cancelForm(parts, partial));
    const two = await post(url, paths.cancelPartially, cancelForm(parts, partial));
    expect(two.json).toEqual(one.json);
    expect(book.transactions.map(({ remaining, cancels }) => [remaining, cancels.length])).toEqual([
      [0, 1],
      [10000, 1],
    ]);
  });

  test("requires the same amounts", async () => {
    const { url } = await sandboxFor({ repeatedCancel: "lax" });
    const tid = await approve(url, "order-1");
    await post(url, paths.cancelPartially, cancelForm(tid, partial));
    const other = await post(
      url,
      paths.cancelPartially,
      cancelForm(tid, { ...partial, cancelPrice: "4999" }),
    );
    expect(other.json.ResultCode).toBe("1006");
    expect((await post(url, paths.cancel, cancelForm(tid, { price: "5000" }))).json.ResultCode).toBe("1003");
  });
});

test("an unknown rule for a repeated cancellation is rejected", async () => {
  const rules = { repeatedCancel: "sometimes" } as unknown as { repeatedCancel: "lax" };
  await expect(sandboxFor(rules)).rejects.toThrow("repeatedCancel: one of strict, lax is needed");
});

test("a net cancel is possible for hosted payments only", async () => {
  const { url, book } = await sandboxFor();
  const tid = await approve(url, "order-1");
  const form = cancelForm(tid, { price: "15000", cancelType: "C" });
  expect((await post(url, paths.cancel, form)).json.ResultCode).toBe("1013");
  expect(book.find(tid)?.remaining).toBe(15000);
});
