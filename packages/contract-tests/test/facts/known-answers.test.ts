import { createCipheriv, createHash } from "node:crypto";
import { decryptField, encryptField, hashSignKey, signFields } from "@payapi/core/crypto";
import { describe, expect, it } from "vitest";
import { knownAnswers } from "../../src/facts/index.js";

const { merchant, mkey, fields, signatures } = knownAnswers;
const keys = { key: merchant.fieldKey, iv: merchant.fieldIv };

describe("the field cipher", () => {
  it("encrypts the guide's example as the guide prints it", () => {
    expect(encryptField("test", keys)).toBe("oijMQxRyQIcHc1qJ+Um2DA==");
  });

  it.each(fields)("encrypts $plain as $encrypted and decrypts it", ({ plain, encrypted }) => {
    expect(encryptField(plain, keys)).toBe(encrypted);
    expect(decryptField(encrypted, keys)).toBe(plain);
  });

  it("is plain AES-256-CBC with the keys unchanged", () => {
    const cipher = createCipheriv("aes-256-cbc", merchant.fieldKey, merchant.fieldIv);
    const text = "길이가 다른 글 0123456789";
    expect(encryptField(text, keys)).toBe(cipher.update(text, "utf8", "base64") + cipher.final("base64"));
  });
});

describe("the signature", () => {
  it("hashes the sign key", () => {
    expect(hashSignKey(merchant.signKey)).toBe(mkey);
  });

  it.each(signatures)("of $operation equals the known answer", ({ text, signature }) => {
    const pairs = text.split("&").map((pair) => pair.split("=", 2) as [string, string]);
    expect(signFields(pairs)).toBe(signature);
    expect(createHash("sha256").update(text, "utf8").digest("hex")).toBe(signature);
  });
});
