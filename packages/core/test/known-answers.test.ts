import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { decryptField, encryptField, hashSignKey, signFields } from "../src/crypto/index.js";
import { approval, approved, merchant, sandboxClient } from "./support/merchant.js";

// The first answer is printed in the gateway's guide; the others were computed with OpenSSL and Python's hashlib.
const encrypted = [
  ["test", "oijMQxRyQIcHc1qJ+Um2DA=="],
  ["4111111111111111", "2DRnj203kuFVdk++pHEmf3F67iNYddX+0D4cO95pElA="],
  ["880101", "spVJRfyifZngwJJJf5EHSQ=="],
  ["12", "ATg2WdDAyu18rrNkY9R91w=="],
  ["1234567890", "c7wSGApYrwXxUNBHk+vXQA=="],
  ["홍길동", "91DI8WImqgAVs37ahCEmlA=="],
  ["", "HPi3oEVm66zzqrXhxbPeUg=="],
  [
    "1234567890123456789012345678901234567890",
    "jItRvJtZm03JO6yCnXgDQ6xdDZBliOiLIwYJDSKJGR8gdX/5uXuCRN7cj3PfGxXT",
  ],
] as const;
const mkey = "b3cf4819bffb12ee8186f00dc46235314491e49c4173783fdc5d481957b65094";
const keys = { key: merchant.fieldKey, iv: merchant.fieldIv };

describe("field cipher", () => {
  it.each(encrypted)("%j", (plain, cipher) => {
    expect(encryptField(plain, keys)).toBe(cipher);
    expect(decryptField(cipher, keys)).toBe(plain);
  });

  it("rejects keys of another length without printing them", () => {
    expect(() => encryptField("x", { key: "31".repeat(32), iv: keys.iv })).toThrow(
      /field key must be the 32 ASCII/,
    );
    expect(() => encryptField("x", { key: keys.key, iv: "secretiv" })).toThrow(/^(?!.*secretiv).*field iv/);
  });

  it.each(["", "AAAA", "pijMQxRyQIcHc1qJ+Um2DA==", "not base64!"])(
    "rejects the ciphertext %j with the same error",
    (text) => {
      expect(() => decryptField(text, keys)).toThrow(/^The text is not a field/);
    },
  );
});

describe("signature", () => {
  it("hashes the sign key", () => expect(hashSignKey(merchant.signKey)).toBe(mkey));

  it("signs pairs in the order given", () => {
    const pairs = [
      ["mid", "sandbox001"],
      ["mkey", mkey],
      ["oid", "order_20261121_0001"],
      ["price", "15000"],
      ["timestamp", "20261121093000"],
    ] as const;
    expect(signFields(pairs)).toBe("484fc70aef1c3cac153748a34fd92adb66f9f0a4cabf82d2d5f8c6e9155c64ee");
  });

  it.each(["a&b=c", "a=b", "a\nb", "\u0000", "\ud800"])(
    "rejects %j, which would make signatures ambiguous",
    (value) => {
      expect(() => signFields([["oid", value]])).toThrow(/signed field "oid"/);
    },
  );
});

describe("requests on the wire", () => {
  it.each([
    [
      "cards.approve",
      "/noauth/pay/card",
      "484fc70aef1c3cac153748a34fd92adb66f9f0a4cabf82d2d5f8c6e9155c64ee",
      (payapi: ReturnType<typeof sandboxClient>) =>
        payapi.cards.approve({ ...approval, registNo: "880101", passwd: "12" }),
    ],
    [
      "payments.cancel",
      "/cancel/cancel",
      "6e305925f49ed5b2db89a4151180529458905969e14a19cecfbd8c64a1e13fb3",
      (payapi: ReturnType<typeof sandboxClient>) =>
        payapi.payments.cancel({ payType: "card", tid: "T0123456789", price: 15_000 }),
    ],
    [
      "cards.lookupPrefix",
      "/search/card/prefix",
      "675927cabb4b0ec0f234095fec944106d051dd28485ea6345bf351c0784f19ee",
      (payapi: ReturnType<typeof sandboxClient>) => payapi.cards.lookupPrefix({ cardNumber: "411111" }),
    ],
  ] as const)("%s", async (_, path, signature, send) => {
    const seen: { url?: string | undefined; type?: string | undefined; body: string } = { body: "" };
    const server = createServer(async (request, response) => {
      seen.url = request.url;
      seen.type = request.headers["content-type"];
      for await (const chunk of request) seen.body += String(chunk);
      response.end(JSON.stringify({ ...approved, Tid: approved.tid }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await send(sandboxClient({ baseUrl, now: () => new Date("2026-11-21T00:30:00Z") }));
    } finally {
      server.close();
    }
    const form = new URLSearchParams(seen.body);
    expect(seen.url).toBe(path);
    expect(seen.type).toBe("application/x-www-form-urlencoded; charset=utf-8");
    expect(form.get("timestamp")).toBe("20261121093000");
    expect(form.get("signature")).toBe(signature);
    if (path === "/noauth/pay/card") {
      expect([form.get("cardNumber"), form.get("registNo"), form.get("passwd")]).toEqual([
        "2DRnj203kuFVdk++pHEmf3F67iNYddX+0D4cO95pElA=",
        "spVJRfyifZngwJJJf5EHSQ==",
        "ATg2WdDAyu18rrNkY9R91w==",
      ]);
      // Encoded exactly once.
      expect(seen.body).toContain("cardNumber=2DRnj203kuFVdk%2B%2BpHEmf3F67iNYddX%2B0D4cO95pElA%3D&");
      expect([form.get("cardQuota"), form.get("quotaInterest"), form.get("cardExpireMM")]).toEqual([
        "00",
        "0",
        "01",
      ]);
    }
  });
});
