import type { Operation } from "@payapi/core/operations";
import { describe, expect, test } from "vitest";
import { decryptField, isSignedBy } from "../src/gateway/crypto.js";
import { sandboxMerchant } from "../src/index.js";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { encrypt, paths, post, sign } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";

const TIME = "20261121093000";
const atVectorTime = { clock: { at: new Date("2026-11-21T09:30:00+09:00"), frozen: true } };

test("the published merchant equals the vectors' merchant", () => {
  expect(sandboxMerchant).toEqual({
    mid: vectors.mid,
    signKey: vectors.signKey,
    fieldKey: vectors.key,
    fieldIv: vectors.iv,
  });
});

describe.each(vectors.encryption)("the ciphertext of $plain", ({ plain, cipher }) => {
  test("is decrypted by the sandbox", () => {
    expect(decryptField(cipher, sandboxMerchant)).toBe(plain);
  });

  test("equals the test merchant's result", () => {
    expect(encrypt(plain)).toBe(cipher);
  });
});

test.each([
  ["not Base64", "####"],
  ["a line break inside", "oijMQxRyQIcHc1qJ\n+Um2DA=="],
  ["the URL alphabet", "2DRnj203kuFVdk--pHEmf3F67iNYddX-0D4cO95pElA="],
  ["no padding characters", "oijMQxRyQIcHc1qJ+Um2DA"],
  ["half a block", "oijMQxRyQIc="],
  ["another key's ciphertext", "AAAAAAAAAAAAAAAAAAAAAA=="],
  ["nothing", ""],
])("the ciphertext is rejected: %s", (_, text) => {
  expect(decryptField(text, sandboxMerchant)).toBeUndefined();
});

test("a plain text that is not UTF-8 is rejected", async () => {
  const { createCipheriv } = await import("node:crypto");
  const cipher = createCipheriv("aes-256-cbc", vectors.key, vectors.iv);
  const bytes = Buffer.concat([cipher.update(Buffer.from([0xb0, 0xa1])), cipher.final()]);
  expect(decryptField(bytes.toString("base64"), sandboxMerchant)).toBeUndefined();
});

describe.each(vectors.signature)("the signature of $operation", ({ text, signature }) => {
  const pairs = new Map(text.split("&").map((pair) => pair.split(/=(.*)/s) as [string, string]));
  const operation = { signed: [...pairs.keys()], request: {} } as unknown as Operation;

  test("is accepted by the sandbox, unlike altered ones", () => {
    expect(isSignedBy(sandboxMerchant, operation, pairs, signature)).toBe(true);
    expect(
      isSignedBy(sandboxMerchant, operation, new Map([...pairs, ["timestamp", "20261121093001"]]), signature),
    ).toBe(false);
    expect(isSignedBy(sandboxMerchant, operation, pairs, signature.toUpperCase())).toBe(false);
    expect(isSignedBy(sandboxMerchant, operation, pairs, signature.slice(1))).toBe(false);
    expect(isSignedBy({ ...sandboxMerchant, signKey: "x" }, operation, pairs, signature)).toBe(false);
  });

  test("equals the test merchant's result", () => {
    const { mkey: _, ...rest } = Object.fromEntries(pairs);
    expect(sign(rest)).toBe(signature);
  });
});

function vector(operation: string): string {
  const found = vectors.signature.find((entry) => entry.operation === operation);
  if (!found) throw new Error(`no vector for ${operation}`);
  return found.signature;
}

test("a prefix lookup signed with the published signature is answered", async () => {
  const { url } = await sandboxFor(atVectorTime);
  const form = { mid: vectors.mid, cardNumber: "411111", timestamp: TIME };
  const reply = await post(url, paths.lookupPrefix, { ...form, signature: vector("cards.lookupPrefix") });
  expect(reply.json).toMatchObject({ ResultCode: "00", CardCode: "21", CardType: "0", CardName: "해외비자" });
});

test("a cancel signed with the published signature is accepted", async () => {
  const { url } = await sandboxFor(atVectorTime);
  const form = {
    payType: "card",
    mid: vectors.mid,
    tid: "none",
    price: "1",
    currency: "WON",
    timestamp: TIME,
  };
  const reply = await post(url, paths.cancel, { ...form, signature: vector("payments.cancel") });
  expect([reply.status, reply.json.ResultCode]).toEqual([200, "1002"]);
});
