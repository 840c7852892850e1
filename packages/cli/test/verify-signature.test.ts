import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { merchant, run } from "./support/tool.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const mkey = sha256(merchant.signKey);
const { mid } = merchant;
const env = { PAYAPI_MID: mid, PAYAPI_SIGN_KEY: merchant.signKey };

const approval = ["oid=ORDER-1", "price=15000", "timestamp=20260501090000"];
const approvalText = `mid=${mid}&mkey=${mkey}&oid=ORDER-1&price=15000&timestamp=20260501090000`;
const verify = (args: readonly string[], input: string, more = {}) =>
  run(["verify-signature", ...args], { ...env, ...more }, input);

describe("verify-signature", () => {
  it("says that a right one is right, and what it covers", async () => {
    const args = ["--operation", "cards.approve", ...approval, "goodsName=사과"];
    const done = await verify([...args, "--json"], `signature=${sha256(approvalText)}\n`);
    expect(done.code).toBe(0);
    expect(done.json()).toEqual({
      ok: true,
      command: "verify-signature",
      exitCode: 0,
      result: {
        matches: true,
        operation: "cards.approve",
        signedText: `mid=${mid}&mkey=[redacted]&oid=ORDER-1&price=15000&timestamp=20260501090000`,
        notSigned: ["goodsName"],
        mistake: null,
      },
    });
    expect((await verify(args, sha256(approvalText))).stdout).toContain("The signature is right.");
  });

  it("says that a cancel's covers neither tid nor amount", async () => {
    const signature = sha256(`mid=${mid}&mkey=${mkey}&timestamp=20260501090000`);
    const lines = [
      `mid=${mid}`,
      "tid=T1",
      "price=15000",
      "timestamp=20260501090000",
      `signature=${signature}`,
    ];
    const done = await verify(["--operation", "payments.cancel"], lines.join("\r\n"));
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/not covered +tid, price/);
  });

  it("signs in the order given where no operation is named", async () => {
    const signature = sha256(`mid=${mid}&mkey=${mkey}&b=2&a=1`);
    expect((await verify([`mid=${mid}`, "b=2", "a=1"], signature)).code).toBe(0);
    expect((await verify([`mid=${mid}`, "a=1", "b=2"], signature)).code).toBe(1);
  });

  it("takes a card number from standard input, and shows it nowhere", async () => {
    const number = "4111111111111111";
    const text = `mid=${mid}&mkey=${mkey}&cardNumber=${number}&timestamp=20260501090000`;
    const input = `cardNumber=${number}\nsignature=${sha256(text)}`;
    const done = await verify(
      ["--operation", "billing.issueKey", "timestamp=20260501090000", "--json"],
      input,
    );
    expect(done.json().result).toMatchObject({
      matches: true,
      signedText: `mid=${mid}&mkey=[redacted]&cardNumber=[redacted]&timestamp=20260501090000`,
    });
    const loose = await verify(
      [`mid=${mid}`],
      `cardNumber=${number}\ntimestamp=20260501090000\n${sha256(text)}`,
    );
    expect(loose.code).toBe(0);
    expect(loose.stdout).toContain("cardNumber=[redacted]");
  });

  const encrypted = (() => {
    const cipher = createCipheriv("aes-256-cbc", merchant.fieldKey, merchant.fieldIv);
    return cipher.update("4111111111111111", "utf8", "base64") + cipher.final("base64");
  })();
  const parts = ["oid=A B", "price=15000", "timestamp=20260501090000"];
  it.each([
    ["alphabetical-order", ["b=1", "a=2"], `a=2&b=1&mid=${mid}&mkey=${mkey}`],
    ["sign-key-not-hashed", parts, `mid=${mid}&mkey=${merchant.signKey}&${parts.join("&")}`],
    ["mkey-in-upper-case", parts, `mid=${mid}&mkey=${mkey.toUpperCase()}&${parts.join("&")}`],
    ["without-mkey", parts, `mid=${mid}&${parts.join("&")}`],
    ["values-url-encoded", parts, `mid=${mid}&mkey=${mkey}&${parts.join("&").replace("A B", "A%20B")}`],
    [
      "card-number-encrypted",
      ["cardNumber=4111111111111111"],
      `mid=${mid}&mkey=${mkey}&cardNumber=${encrypted}`,
    ],
  ])("finds the usual mistake: %s", async (mistake, fields, text) => {
    const input = [`mid=${mid}`, ...fields, sha256(text)].join("\n");
    const keys = { PAYAPI_FIELD_KEY: merchant.fieldKey, PAYAPI_FIELD_IV: merchant.fieldIv };
    const done = await verify(["--json"], input, keys);
    expect(done.json()).toMatchObject({
      exitCode: 1,
      error: { code: "signature-differs" },
      result: { matches: false, mistake },
    });
  });

  it("finds a signature in upper case, and knows what it does not know", async () => {
    const upper = await verify(
      ["--operation", "cards.approve", ...approval, "--json"],
      sha256(approvalText).toUpperCase(),
    );
    expect(upper.json()).toMatchObject({ exitCode: 1, result: { mistake: "signature-in-upper-case" } });
    const other = await verify(["--operation", "cards.approve", ...approval], sha256("something else"));
    expect(other.code).toBe(1);
    expect(other.stdout).toContain("WRONG");
  });

  it.each([
    [[`signature=${"a".repeat(64)}`], "", "signature"],
    [["cardNumber=4111111111111111"], "", "cardNumber"],
    [["mkey=abc"], "", "mkey"],
    [approval, "", "signature"],
    [approval, `signKey=abc\n${"a".repeat(64)}`, "signKey"],
    [["novalue"], "", "name=value"],
    [["oid=1", "oid=2"], "", "twice"],
    [["--operation", "nothing.atAll"], "", "--operation"],
    [["--operation", "cards.approve", "oid=1"], "a".repeat(64), "price, timestamp"],
    [["--operation", "cards.approve", ...approval.slice(1), "oid=a&price=1"], "a".repeat(64), "oid"],
  ])("takes no %j with %j", async (args, input, named) => {
    const done = await verify(args, input);
    expect(done).toMatchObject({ code: 2, stdout: "" });
    expect(done.stderr).toContain(named);
  });

  it("needs the sign key in the environment", async () => {
    const done = await verify(approval, "a".repeat(64), { PAYAPI_SIGN_KEY: undefined });
    expect(done.code).toBe(4);
    expect(done.stderr).toContain("PAYAPI_SIGN_KEY");
  });
});
