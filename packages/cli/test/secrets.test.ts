import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openShop, type Shop } from "./support/shop.js";
import { issuedKey, stoppedKey } from "./support/states.js";
import { previousSecret, run, secret } from "./support/tool.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const deletions = () =>
  shop.sandbox.book.requests.filter(({ operation }) => operation === "billing.deleteKey");

describe("the secret of billing keys", () => {
  it.each([
    ["is the current one", { LEDGER_SECRET: secret }],
    [
      "is one before the current one",
      { LEDGER_SECRET: previousSecret, LEDGER_PREVIOUS_SECRETS: `${"0".repeat(64)}, ${secret}` },
    ],
  ])("lets the worker delete stopped keys, if it %s", async (_, secrets) => {
    const { id } = await stoppedKey(shop);
    const asked = deletions().length;
    const without = await shop.tool(["worker", "--once", "--json"], {
      LEDGER_SECRET: undefined,
      LEDGER_PREVIOUS_SECRETS: undefined,
    });
    expect(without.json()).toMatchObject({ exitCode: 0, result: { keysDeleted: 0, keysLeft: 1 } });
    expect(deletions()).toHaveLength(asked);
    const result = await shop.tool(["worker", "--once"], {
      LEDGER_SECRET: undefined,
      LEDGER_PREVIOUS_SECRETS: undefined,
    });
    expect(result.stdout).toContain("1 (LEDGER_SECRET is not set)");
    const done = await shop.tool(["worker", "--once", "--json"], secrets);
    expect(done.json()).toMatchObject({ exitCode: 0, result: { keysDeleted: 1, keysLeft: 0 } });
    expect(deletions()).toHaveLength(asked + 1);
    expect(await shop.ledger.store.findKey(id)).toMatchObject({ state: "deleted" });
  });

  const strange = randomBytes(24).toString("base64");
  it.each([
    ["LEDGER_SECRET", strange],
    ["LEDGER_SECRET", `${secret}\n`],
    ["LEDGER_SECRET", `${secret},${secret}`],
    ["LEDGER_PREVIOUS_SECRETS", `${previousSecret};${strange}`],
    ["LEDGER_PREVIOUS_SECRETS", `${previousSecret},`],
  ])("is refused if %s is malformed, without printing it", async (name, value) => {
    for (const command of ["worker --once", "review", "journal", "doctor"]) {
      const refused = await shop.tool(command.split(" "), { [name]: value });
      expect(refused.code).toBe(4);
      const said = refused.stdout + refused.stderr;
      expect(said).toContain(name);
      expect(said).toContain("openssl rand -base64 32");
      for (const piece of [strange, secret, previousSecret]) expect(said).not.toContain(piece.slice(0, 8));
    }
  });

  it("is refused where only those before it are given", async () => {
    const refused = await shop.tool(["review"], { LEDGER_SECRET: undefined });
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toContain("LEDGER_SECRET");
  });

  it("is never taken from the command line", async () => {
    for (const option of ["--secret", "--ledger-secret"]) {
      const wrong = await run(["worker", option, secret], shop.env);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain("no secret is taken from the command line");
    }
  });
});

describe("doctor", () => {
  interface Check {
    readonly check: string;
    readonly status: string;
    readonly message: string;
    readonly advice: string | null;
  }
  const find = async (check: string, env: Record<string, string | undefined>) => {
    const done = await shop.tool(["doctor", "--json"], env);
    const found = done.json<{ checks: Check[] }>().result.checks.find((each) => each.check === check);
    return { code: done.code, found };
  };

  it("says whether the secret is there", async () => {
    expect((await find("ledger-secret", {})).found).toMatchObject({
      status: "ok",
      message: expect.stringContaining("with 1 before it"),
    });
    const none = await find("ledger-secret", {
      LEDGER_SECRET: undefined,
      LEDGER_PREVIOUS_SECRETS: undefined,
    });
    expect(none).toMatchObject({
      code: 0,
      found: { status: "ok", message: expect.stringContaining("not set") },
    });
    expect(await find("ledger-secret", { LEDGER_SECRET: "none" })).toMatchObject({
      code: 4,
      found: { status: "fail" },
    });
  });

  it("says how many stored keys the secrets cannot read, before a rotation and after it", async () => {
    const own = await openShop();
    onTestFinished(() => own.close());
    const keysOf = async (env: Record<string, string | undefined>, ...args: string[]) => {
      const done = await own.tool(["doctor", "--json", ...args], {
        LEDGER_PREVIOUS_SECRETS: undefined,
        ...env,
      });
      const { checks } = done.json<{ checks: Check[] }>().result;
      return { code: done.code, found: checks.find(({ check }) => check === "ledger-keys") };
    };
    expect(await keysOf({})).toMatchObject({
      code: 0,
      found: { status: "ok", message: "No billing key is stored." },
    });
    const billkeys = [await issuedKey(own), await issuedKey(own, own.ledger, "bob")];
    expect(await keysOf({})).toMatchObject({
      code: 0,
      found: { status: "ok", message: "All stored billing keys can be read: 2." },
    });

    const changed = randomBytes(32).toString("base64");
    const wrong = await keysOf({ LEDGER_SECRET: changed });
    expect(wrong).toMatchObject({
      code: 4,
      found: {
        status: "fail",
        message: expect.stringMatching(
          /^2 of 2 stored billing keys cannot be read: 2 under secret [0-9a-f]{16}\.$/,
        ),
        advice: expect.stringContaining("LEDGER_PREVIOUS_SECRETS"),
      },
    });
    const korean = await own.tool(["doctor", "--lang", "ko"], {
      LEDGER_SECRET: changed,
      LEDGER_PREVIOUS_SECRETS: undefined,
    });
    expect(korean.code).toBe(4);
    expect(korean.stdout).toMatch(/FAIL {3}ledger-keys: 저장된 빌키 2건 중 2건을 읽을 수 없습니다/);
    for (const text of [JSON.stringify(wrong), korean.stdout]) {
      for (const { billkey } of billkeys) expect(text).not.toContain(billkey);
    }
    expect(await keysOf({ LEDGER_SECRET: undefined })).toMatchObject({
      code: 0,
      found: { status: "warn", advice: expect.stringContaining("LEDGER_SECRET is not set") },
    });

    const both = { LEDGER_SECRET: changed, LEDGER_PREVIOUS_SECRETS: secret };
    expect(await keysOf(both)).toMatchObject({
      code: 0,
      found: {
        status: "ok",
        message: expect.stringContaining("2 of them with a secret in LEDGER_PREVIOUS"),
      },
    });
    const rotating = await own.ledgerWith({ secrets: { current: changed, previous: [secret] } });
    await issuedKey(own, rotating, "carol");
    expect((await keysOf({})).found?.message).toMatch(/^1 of 3 stored billing keys cannot be read: 1 under /);
    expect(await rotating.keys.rotateSecrets()).toEqual({ rotated: 2 });
    expect(await keysOf({ LEDGER_SECRET: changed })).toMatchObject({
      code: 0,
      found: { status: "ok", message: "All stored billing keys can be read: 3." },
    });
    expect((await keysOf({})).found).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/^3 of 3 stored/),
    });
    // Another merchant's are not its business, and a secret that can be none is said elsewhere.
    expect((await keysOf({ PAYAPI_MID: "canary0002" })).found?.message).toBe("No billing key is stored.");
    expect((await keysOf({ LEDGER_SECRET: "none" })).found).toBeUndefined();
    expect((await keysOf({ PAYAPI_MID: undefined })).found).toBeUndefined();
  });

  it("says whether the journal is there", async () => {
    const folder = shop.env.LEDGER_JOURNAL ?? "";
    expect(await find("ledger-journal", { LEDGER_JOURNAL: undefined })).toMatchObject({
      code: 0,
      found: { status: "warn", message: expect.stringContaining("not set") },
    });
    expect(await find("ledger-journal", { LEDGER_JOURNAL: join(folder, "none") })).toMatchObject({
      code: 0,
      found: { status: "warn", message: expect.stringContaining("does not exist") },
    });
    const file = join(folder, "file");
    await writeFile(file, "");
    expect(await find("ledger-journal", { LEDGER_JOURNAL: file })).toMatchObject({
      code: 4,
      found: { status: "fail" },
    });
  });
});
