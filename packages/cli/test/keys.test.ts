import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./support/shop.js";
import { givenUpKey, issuedKey, restoreDatabase, stoppedKey, unknownIssue } from "./support/states.js";

let shop: Shop;
const note = ["--actor", "kim", "--evidence", "console, seen 03:10"];
const json = (...args: string[]) => shop.tool(["keys", ...args, "--json"]);
const deletions = () =>
  shop.sandbox.book.requests.filter(({ operation }) => operation === "billing.deleteKey");

describe("keys", () => {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });

  it("lists keys that may exist at the gateway, without showing or needing a key", async () => {
    const inUse = await issuedKey(shop);
    expect(await shop.tool(["keys"])).toMatchObject({ code: 0, stderr: "" });
    expect((await shop.tool(["review"])).stdout).not.toContain("payapi keys");
    const gone = await givenUpKey(shop, "carol");
    const stopped = await stoppedKey(shop);
    const issue = await unknownIssue(shop);

    // The list needs neither the secret of the keys nor the merchant's keys.
    const bare = {
      LEDGER_SECRET: undefined,
      LEDGER_PREVIOUS_SECRETS: undefined,
      PAYAPI_SIGN_KEY: undefined,
      PAYAPI_FIELD_KEY: undefined,
      PAYAPI_FIELD_IV: undefined,
    };
    const listed = await shop.tool(["keys"], bare);
    expect(listed).toMatchObject({ code: 3, stderr: "" });
    const lineOf = (text: string) => listed.stdout.split("\n").find((line) => line.endsWith(text));
    expect(lineOf(issue.callId)).toMatch(
      /^\d{4}-\S+ \S+ +bob +card \(카드\) +issue unknown \(발급 결과 확인 중\) +- +- /,
    );
    expect(lineOf(stopped.callId)).toMatch(/alice .* deletion not confirmed \(삭제 확인 중\) +tries again /);
    expect(lineOf(gone.callId)).toMatch(/carol .* deletion not confirmed \(삭제 확인 중\) +gave up /);
    for (const text of ["payapi keys close <callId>", "payapi keys delete <callId>", "payapi worker"]) {
      expect(listed.stdout).toContain(text);
    }
    const korean = await shop.tool(["keys", "--lang", "ko"], bare);
    for (const text of ["발급 결과 확인 중 (unknown)", "삭제 확인 중 (deleting)", "재시도 중", "재시도 끝"]) {
      expect(korean.stdout).toContain(text);
    }
    const programs = await json();
    expect(programs.json()).toMatchObject({
      exitCode: 3,
      error: { code: "orphan-keys" },
      result: {
        keys: [
          {
            callId: issue.callId,
            id: issue.id,
            customerId: "bob",
            kind: "card",
            state: "unknown",
            retrying: false,
          },
          { callId: stopped.callId, state: "deleting", retrying: true, resultCode: null },
          { callId: gone.callId, state: "deleting", retrying: false },
        ],
      },
    });
    for (const { billkey } of [inUse, gone, stopped]) {
      for (const { stdout } of [listed, korean, programs]) expect(stdout).not.toContain(billkey);
    }

    const begin = await shop.tool(["review"], bare);
    expect(begin).toMatchObject({ code: 0, stderr: "" });
    expect(begin.stdout).toContain(
      "Unused billing keys that may still exist at the gateway: 3 (payapi keys)",
    );
    expect((await shop.tool(["review", "--lang", "ko"])).stdout).toContain("빌키: 3건 (payapi keys)");
    expect((await shop.tool(["review", "--json"])).json()).toMatchObject({
      result: { also: { orphanKeys: 3 } },
    });
  });

  it("lists them newest first, page by page and by state", async () => {
    const [first, second] = [await unknownIssue(shop), await unknownIssue(shop)];
    const stopped = await stoppedKey(shop);
    const page = await shop.tool(["keys", "--state", "unknown", "--limit", "1"]);
    expect(page.stdout).toContain(second.callId);
    expect(page.stdout).not.toContain(first.callId);
    const older = /^Older ones: payapi (keys --state unknown --limit 1 --before \d+)$/m.exec(page.stdout);
    const last = await shop.tool((older?.[1] ?? "").split(" "));
    expect(last).toMatchObject({ code: 3, stderr: "" });
    expect(last.stdout).toContain(first.callId);
    expect(last.stdout).not.toContain("--before");
    const deleting = (await json("--state", "deleting")).json<{ keys: { callId: string }[] }>();
    expect(deleting.result.keys.map(({ callId }) => callId)).toEqual([stopped.callId]);
    const all = (await json("--limit", "2")).json<{ keys: { callId: string; position: number }[] }>();
    expect(all.result.keys.map(({ callId }) => callId)).toEqual([stopped.callId, second.callId]);
    const rest = await json("--before", String(all.result.keys[1]?.position));
    expect(rest.json()).toMatchObject({ result: { keys: [{ callId: first.callId }] } });
  });

  it("closes an unknown issue ten minutes after its deadline, and stores the evidence", async () => {
    const early = await unknownIssue(shop, shop.ledger);
    const refused = await json("close", early.callId, ...note);
    const { error } = refused.json<never, { code: string; notBefore: string }>();
    expect(refused.code).toBe(1);
    expect(error.code).toBe("too-early");
    const wait = new Date(error.notBefore).getTime() - Date.now();
    expect(wait).toBeGreaterThan(9 * 60_000);
    expect(wait).toBeLessThan(12 * 60_000);
    const result = await shop.tool(["keys", "close", early.callId, ...note]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /nothing was changed\. Check again, and close it, from \d{4}-\S+ \S+ KST on/,
    );

    const { id, callId } = await unknownIssue(shop);
    const closed = await shop.tool(["keys", "close", callId, ...note], {
      LEDGER_SECRET: undefined,
      LEDGER_PREVIOUS_SECRETS: undefined,
    });
    expect(closed).toMatchObject({ code: 0, stderr: "" });
    expect(closed.stdout).toMatch(/^Closed: /);
    expect(closed.stdout).toMatch(/state +not issued \(발급되지 않음\)/);
    expect((await shop.ledger.keys.timeline(id)).at(-1)).toMatchObject({
      from: "unknown",
      to: "failed",
      actor: "kim",
      evidence: "console, seen 03:10",
    });
    for (const each of [callId, "nothing", crypto.randomUUID(), (await issuedKey(shop)).id]) {
      expect((await json("close", each, ...note)).json()).toMatchObject({
        exitCode: 1,
        error: { code: "no-such-orphan" },
      });
    }
    expect((await json()).json()).toMatchObject({ result: { keys: [{ callId: early.callId }] } });
  });

  it("closes an issue whose process died, even before recovery", async () => {
    const earlier = await shop.ledgerWith({ clock: () => new Date(Date.now() - 3_600_000) });
    const reservation = await earlier.store.reserveKey({ customerId: "dave" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await earlier.store.markKeySending(reservation.call);
    expect((await json()).json()).toMatchObject({
      result: { keys: [{ customerId: "dave", state: "unknown" }] },
    });
    expect((await json("close", reservation.call.callId, ...note)).json()).toMatchObject({
      exitCode: 0,
      result: { key: { id: reservation.call.id, customerId: "dave", kind: "card", state: "failed" } },
    });
    expect((await shop.tool(["keys"])).code).toBe(0);
  });

  it("has the gateway delete a key that recovery gave up, once", async () => {
    const { id, callId, billkey } = await givenUpKey(shop);
    const asked = deletions().length;
    const done = await shop.tool(["keys", "delete", callId]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/^Deleted\.\n/);
    expect(done.stdout).toMatch(/state +deleted \(삭제됨\)/);
    expect(done.stdout).not.toContain(billkey);
    expect(deletions()).toHaveLength(asked + 1);
    expect(shop.sandbox.book.billingKeys.every(({ deletedAt }) => deletedAt !== undefined)).toBe(true);
    expect(await shop.ledger.store.findKey(id)).toMatchObject({ state: "deleted" });
    expect((await json("delete", callId)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "already-deleted" },
    });
    expect((await json("delete", (await unknownIssue(shop)).callId)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "no-such-orphan" },
    });
    expect(deletions()).toHaveLength(asked + 1);
  });

  it("distinguishes a refusal, a missing answer and an unreachable gateway, and keeps the key listed", async () => {
    const { callId, billkey } = await givenUpKey(shop);
    const unreached = await shop.tool(["keys", "delete", callId, "--json"], {
      PAYAPI_URL: "http://127.0.0.1:1",
    });
    expect(unreached.json()).toMatchObject({ exitCode: 5, error: { code: "deletion-not-sent" } });
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "billing.deleteKey" });
    const lost = await json("delete", callId);
    expect(lost.json()).toMatchObject({
      exitCode: 3,
      result: { outcome: "unknown", key: { state: "deleting" } },
      error: { code: "deletion-unknown" },
    });
    // The gateway has deleted it by now, and says no to a second time.
    const refused = await json("delete", callId);
    expect(refused.json()).toMatchObject({
      exitCode: 1,
      result: { outcome: "refused", resultCode: expect.any(String) },
      error: { code: "deletion-refused" },
    });
    const listed = await shop.tool(["keys"]);
    const { resultCode } = refused.json<{ resultCode: string }>().result;
    expect(listed.stdout).toContain(` ${resultCode} `);
    expect((await shop.tool(["keys", "close", callId, ...note])).code).toBe(0);
    expect((await shop.tool(["keys"])).code).toBe(0);
    for (const { stdout } of [unreached, lost, refused, listed]) expect(stdout).not.toContain(billkey);
  });

  it("sends nothing without the right secret, or while the database is not accepted", async () => {
    const { callId } = await givenUpKey(shop);
    const asked = deletions().length;
    const tries = [
      [{ LEDGER_SECRET: undefined, LEDGER_PREVIOUS_SECRETS: undefined }, 4, "no-secrets", "LEDGER_SECRET"],
      [
        { LEDGER_SECRET: "0".repeat(64), LEDGER_PREVIOUS_SECRETS: undefined },
        4,
        "unreadable-key",
        "LEDGER_PREVIOUS_SECRETS",
      ],
      [{ PAYAPI_SIGN_KEY: undefined }, 4, "invalid-config", "PAYAPI_SIGN_KEY"],
    ] as const;
    for (const [env, exitCode, code, named] of tries) {
      const refused = await shop.tool(["keys", "delete", callId, "--json"], env);
      expect(refused.json()).toMatchObject({ exitCode, error: { code } });
      const result = await shop.tool(["keys", "delete", callId, "--lang", "ko"], env);
      expect(result).toMatchObject({ code: exitCode, stdout: "" });
      expect(result.stderr).toContain(named);
    }
    await restoreDatabase(shop);
    expect((await json("delete", callId)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "database-changed" },
    });
    expect(deletions()).toHaveLength(asked);
    expect((await json()).json()).toMatchObject({ result: { keys: [{ callId, state: "deleting" }] } });
  });
});

describe("a wrong command line", () => {
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it.each([
    [["close"], "<callId>, --actor, --evidence are missing."],
    [["close", "x"], "usage: payapi keys close <callId> --actor NAME --evidence TEXT"],
    [["close", "x", "--actor", "kim"], "--evidence"],
    [["close", "x", ...note, "--state", "unknown"], "--state"],
    [["delete"], "usage: payapi keys delete <callId>"],
    [["delete", "x", ...note], "--actor"],
    [["remove", "x"], "delete, close"],
    [["--actor", "kim"], "--actor"],
    [["--state", "active"], "--state"],
    [["--limit", "501"], "--limit"],
    [["--before", "x"], "--before"],
  ])("is refused: keys %j", async (args, named) => {
    const wrong = await shop.tool(["keys", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });
});
