import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { merchant, run } from "./support/tool.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const mkey = sha256(merchant.signKey);
const { mid } = merchant;
const env = { PAYAPI_MID: mid, PAYAPI_SIGN_KEY: merchant.signKey };

const approval = ["oid=ORDER-1", "price=15000", "timestamp=20260501090000"];
const approvalText = `mid=${mid}&mkey=${mkey}&oid=ORDER-1&price=15000&timestamp=20260501090000`;
const verify = (operation: string, lines: readonly string[], args: readonly string[] = [], more = {}) =>
  run(["verify-signature", "--operation", operation, ...args], { ...env, ...more }, lines.join("\r\n"));

describe("verify-signature", () => {
  it("says that a right one is right, and what it covers", async () => {
    const lines = [...approval, "goodsName=사과", `signature=${sha256(approvalText)}`];
    const done = await verify("cards.approve", lines, ["--json"]);
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
    expect((await verify("cards.approve", lines)).stdout).toContain("The signature is right.");
  });

  it("says that a cancel's covers neither tid nor amount", async () => {
    const signature = sha256(`mid=${mid}&mkey=${mkey}&timestamp=20260501090000`);
    const lines = [`mid=${mid}`, "tid=T1", "price=15000", "timestamp=20260501090000"];
    const done = await verify("payments.cancel", [...lines, `signature=${signature}`]);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/not covered +tid, price/);
  });

  it("shows no card number", async () => {
    const number = "4111111111111111";
    const text = `mid=${mid}&mkey=${mkey}&cardNumber=${number}&timestamp=20260501090000`;
    const lines = [`cardNumber=${number}`, "timestamp=20260501090000", `signature=${sha256(text)}`];
    const done = await verify("billing.issueKey", lines, ["--json"]);
    expect(done.json().result).toMatchObject({
      matches: true,
      signedText: `mid=${mid}&mkey=[redacted]&cardNumber=[redacted]&timestamp=20260501090000`,
    });
  });

  const parts = ["oid=A B", "price=15000", "timestamp=20260501090000"];
  const card = "cardNumber=4111111111111111";
  it.each([
    [
      "alphabetical-order",
      `cardNumber=4111111111111111&mid=${mid}&mkey=${mkey}&timestamp=20260501090000`,
      "billing.issueKey",
    ],
    ["sign-key-not-hashed", `mid=${mid}&mkey=${merchant.signKey}&${parts.join("&")}`, "cards.approve"],
    ["mkey-in-upper-case", `mid=${mid}&mkey=${mkey.toUpperCase()}&${parts.join("&")}`, "cards.approve"],
    ["without-mkey", `mid=${mid}&${parts.join("&")}`, "cards.approve"],
    [
      "values-url-encoded",
      `mid=${mid}&mkey=${mkey}&${parts.join("&").replace("A B", "A%20B")}`,
      "cards.approve",
    ],
  ])("finds the usual mistake: %s", async (mistake, text, operation) => {
    const done = await verify(operation, [...parts, card, `signature=${sha256(text)}`], ["--json"]);
    expect(done.json()).toMatchObject({
      exitCode: 1,
      error: { code: "signature-differs" },
      result: { matches: false, mistake },
    });
  });

  it("finds a signature in upper case, and leaves an unknown mistake open", async () => {
    const upper = [...approval, `signature=${sha256(approvalText).toUpperCase()}`];
    expect((await verify("cards.approve", upper, ["--json"])).json()).toMatchObject({
      exitCode: 1,
      result: { mistake: "signature-in-upper-case" },
    });
    const other = await verify("cards.approve", [...approval, `signature=${sha256("something else")}`]);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain("WRONG");
    expect(other.stdout).not.toContain("mistake");
  });

  const some = `signature=${"a".repeat(64)}`;
  it.each([
    ["cards.approve", approval, [], "signature"],
    ["cards.approve", ["novalue"], [], "name=value"],
    ["cards.approve", ["oid=1", "oid=2"], [], "twice"],
    ["nothing.atAll", [...approval, some], [], "--operation"],
    ["cards.approve", ["oid=1", some], [], "price, timestamp"],
    ["cards.approve", [...approval.slice(1), "oid=a&price=1", some], [], "oid"],
    ["cards.approve", [...approval, some], ["oid=1"], "too many arguments"],
  ])("takes no %s with %j and %j", async (operation, lines, args, named) => {
    const done = await verify(operation, lines, args);
    expect(done).toMatchObject({ code: 2, stdout: "" });
    expect(done.stderr).toContain(named);
  });

  it("needs the sign key in the environment", async () => {
    const done = await verify("cards.approve", [...approval, some], [], { PAYAPI_SIGN_KEY: undefined });
    expect(done.code).toBe(4);
    expect(done.stderr).toContain("PAYAPI_SIGN_KEY");
  });
});
