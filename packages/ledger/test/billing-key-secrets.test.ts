import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { Secret } from "@payapi/core";
import { expect, it, onTestFinished } from "vitest";
import { type Ledger, type LedgerGateway, memoryLedger } from "../src/index.js";
import { openTimedLedger } from "../src/internal.js";
import { databaseUrl, ownSchema, payapi, sql } from "./database.js";

const newSecret = () => randomBytes(32).toString("base64");
const canary = "BKcanary0123456789canary";

async function issued(ledger: Ledger, billkey = canary, customerId = "alice") {
  const reservation = await ledger.store.reserveKey({ customerId });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markKeySending(reservation.call);
  await ledger.store.settleKey(reservation.call, { outcome: "succeeded", billkey: new Secret(billkey) });
  return reservation.call.id;
}

/** Every row of every table, as text. */
async function dumpOf(schema: string): Promise<string> {
  const tables = await sql("SELECT tablename AS name FROM pg_tables WHERE schemaname = $1", [schema]);
  const rows = await Promise.all(
    tables.map(({ name }) => sql(`SELECT t::text AS row FROM "${schema}"."${name}" AS t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join("\n");
}

function expectNoCanary(text: string): void {
  const bytes = Buffer.from(canary);
  for (const form of [canary, bytes.toString("hex"), bytes.toString("base64url").slice(0, -2)]) {
    expect(text.toLowerCase()).not.toContain(form.toLowerCase());
  }
}

it("the ledger stores keys encrypted, and errors contain no key", async () => {
  const own = await ownSchema();
  const secrets = { current: newSecret() };
  const ledger = await own.ledger({ secrets });
  const id = await issued(ledger);
  const replacement = await ledger.store.reserveKey({ customerId: "alice", replaces: id });
  if (replacement.status !== "reserved") throw new Error("Refused");
  const { retired, key } = await ledger.store.settleKey(replacement.call, {
    outcome: "succeeded",
    billkey: new Secret(`${canary}2`),
    resultMessage: "정상",
  });
  await ledger.keys.import({ customerId: "alice", kind: "mobile", billkey: canary });

  const dump = await dumpOf(own.schema);
  expect(dump).toContain("alice");
  expectNoCanary(dump);
  expect(dump).not.toContain(secrets.current);
  const shown = { retired, key, keys: await ledger.keys.list("alice"), orphans: await ledger.keys.orphans() };
  expectNoCanary(JSON.stringify(shown) + inspect({ ...shown, ledger }, { depth: 20, showHidden: true }));
  expect(retired?.billkey.reveal()).toBe(canary);
  expect((await ledger.store.revealKey(id))?.reveal()).toBe(`${canary}2`);
});

it("the ledger erases a key that is deleted at the gateway", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: newSecret() } });
  const deletion = await ledger.store.reserveKeyDeletion(await issued(ledger));
  if (deletion.status !== "reserved") throw new Error("Refused");
  await ledger.store.settleKeyDeletion(deletion.call, { outcome: "succeeded" });
  expect(await sql(`SELECT state, encrypted_key FROM "${own.schema}".billing_keys`)).toEqual([
    { state: "deleted", encrypted_key: null },
  ]);
});

it("the ledger reports in recovery how many keys wait for a process with the secrets and the full PayApi", async () => {
  let now = Date.now();
  const clock = () => new Date(now);
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: newSecret() }, clock });
  const deleted: unknown[] = [];
  const gateway = {
    payments: {},
    billing: { deleteKey: async (request: unknown) => void deleted.push(request) },
  } as unknown as LedgerGateway;
  const place = { database: databaseUrl, schema: own.schema, clock, maxPauseMs: 60_000 };
  const bare = await openTimedLedger({ ...place, payapi: { ...payapi, ...gateway } });
  onTestFinished(() => bare.close());
  for (const customerId of ["alice", "bob"]) {
    const deletion = await ledger.store.reserveKeyDeletion(
      await issued(ledger, `${canary}${customerId}`, customerId),
    );
    if (deletion.status !== "reserved") throw new Error("Refused");
    // A key does not count as left while its own process is about to delete it.
    expect(await bare.operations.recover()).toMatchObject({ keysLeft: customerId === "alice" ? 0 : 1 });
    await ledger.store.settleKeyDeletion(deletion.call, { outcome: "unknown" });
  }
  expect(await bare.operations.recover()).toMatchObject({ keysLeft: 2, keysDeleted: 0 });
  expect(await ledger.operations.recover()).toMatchObject({ keysLeft: 2, keysDeleted: 0 });
  expect(deleted).toEqual([]);
  const [orphan] = await ledger.keys.orphans();
  await ledger.keys.closeOrphan(orphan?.callId ?? "", { actor: "kim", evidence: "console" });
  now += 24 * 60 * 60_000;
  expect(await bare.operations.recover()).toMatchObject({ keysLeft: 1 });
});

it("the ledger requires secrets for billing keys only", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger();
  expect(ledger.store.whyNoKeys?.()).toContain("openssl rand -base64 32");
  expect((await own.ledger({ secrets: { current: newSecret() } })).store.whyNoKeys?.()).toBeUndefined();
  expect(memoryLedger({ payapi }).store.whyNoKeys?.()).toBeUndefined();
  const call = { id: "a", callId: "b", customerId: "alice", billkey: new Secret("k") };
  const calls = [
    ledger.store.reserveKey({ customerId: "alice" }),
    ledger.store.markKeySending(call),
    ledger.store.settleKey(call, { outcome: "unknown" }),
    ledger.store.findKey("a"),
    ledger.store.revealKey("a"),
    ledger.store.reserveKeyDeletion("a"),
    ledger.store.settleKeyDeletion(call, { outcome: "succeeded" }),
    ledger.keys.list("alice"),
    ledger.keys.import({ customerId: "alice", kind: "card", billkey: "k" }),
    ledger.store.reserveKeyDeletionRetry("a"),
    ledger.keys.rotateSecrets(),
  ];
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({
      reason: { code: "no-secrets", message: expect.stringContaining("openssl rand -base64 32") },
    });
  }
  // An operator's machine needs no secret to see and to end what no key is read for.
  expect(await ledger.keys.orphans()).toEqual([]);
  expect(await ledger.keys.timeline("a")).toEqual([]);
  expect(await ledger.keys.secrets()).toEqual([]);
  const note = { actor: "kim", evidence: "console" };
  expect(await ledger.keys.closeOrphan("a", note)).toMatchObject({ status: "refused" });
  expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
  expect(await ledger.store.consumeRateLimit({ counters: [], windowMs: 1 })).toEqual({
    allowed: true,
    counted: [],
  });
});

it("the ledger reads keys under a previous secret, and rotates all to the current one", async () => {
  const own = await ownSchema();
  const [first, second] = [newSecret(), randomBytes(32).toString("hex")];
  const before = await own.ledger({ secrets: { current: first } });
  const ids: string[] = [];
  for (let i = 0; i < 230; i++) {
    ids.push((await before.keys.import({ customerId: `o${i}`, kind: "card", billkey: `BK${i}` })).id);
  }
  const rotating = await own.ledger({ secrets: { current: new Secret(second), previous: [first] } });
  const revealed = async (ledger: Ledger) =>
    (await Promise.all(ids.map((id) => ledger.store.revealKey(id)))).map((billkey) => billkey?.reveal());
  const keys = ids.map((_, i) => `BK${i}`);
  expect(await revealed(rotating)).toEqual(keys);

  const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
  const under = (role: "current" | "previous" | "missing") => [{ fingerprint, role, keys: 230 }];
  const without = await own.ledger();
  expect(await before.keys.secrets()).toEqual(under("current"));
  expect(await rotating.keys.secrets()).toEqual(under("previous"));
  expect(await without.keys.secrets()).toEqual(under("missing"));

  // Two at once, as after an interrupted run.
  const done = await Promise.all([rotating.keys.rotateSecrets(), rotating.keys.rotateSecrets()]);
  expect(done.map(({ rotated }) => rotated).reduce((a, b) => a + b)).toBe(230);
  expect(await rotating.keys.rotateSecrets()).toEqual({ rotated: 0 });
  expect(await rotating.keys.secrets()).toEqual(under("current"));
  expect(await before.keys.secrets()).toEqual(under("missing"));

  expect(await revealed(await own.ledger({ secrets: { current: second } }))).toEqual(keys);
  await expect(before.store.revealKey(ids[0] ?? "")).rejects.toMatchObject({ code: "unreadable-key" });
});

it("the ledger stores a replacement whose former key it can't read, and says so", async () => {
  const own = await ownSchema();
  const former = newSecret();
  const id = await issued(await own.ledger({ secrets: { current: former } }));
  const secrets = { current: newSecret() };
  const ledger = await own.ledger({ secrets });
  const replacement = await ledger.store.reserveKey({ customerId: "alice", replaces: id });
  if (replacement.status !== "reserved") throw new Error("Refused");
  await ledger.store.markKeySending(replacement.call);
  const billkey = new Secret(`${canary}2`);
  const settled = await ledger.store.settleKey(replacement.call, { outcome: "succeeded", billkey });
  expect(settled).toEqual({ key: expect.objectContaining({ id, state: "active" }) });
  expect((await ledger.store.revealKey(id))?.reveal()).toBe(billkey.reveal());
  // The former key waits for a process that can read it.
  const clock = () => new Date(Date.now() + 600_000);
  const both = await own.ledger({ clock, secrets: { ...secrets, previous: [former] } });
  const [orphan] = await both.keys.orphans();
  expect(orphan).toMatchObject({ id, state: "deleting" });
  const deletion = await both.store.reserveKeyDeletionRetry(orphan?.callId ?? "");
  if (deletion.status !== "reserved") throw new Error("Refused");
  expect(deletion.call.billkey.reveal()).toBe(canary);
});

it("the ledger rotates while keys are issued, replaced, revealed and deleted, without losing one", async () => {
  const own = await ownSchema();
  const [first, second] = [newSecret(), newSecret()];
  // During a roll-out some processes know the new secret first; all of them know both.
  const old = await own.ledger({ secrets: { current: first, previous: [second] } });
  const rotating = await own.ledger({ secrets: { current: second, previous: [first] } });
  const deleted: string[] = [];
  const expected = new Map<string, string>();
  const work = async (lane: number) => {
    for (let i = 0; i < 25; i++) {
      const [here, there] = i % 2 ? [old, rotating] : [rotating, old];
      const billkey = `BK${lane}x${i}`;
      const id = await issued(here, billkey, `customer-${lane}-${i}`);
      expect((await there.store.revealKey(id))?.reveal()).toBe(billkey);
      expected.set(id, billkey);
      if (i % 5 === 0) {
        const deletion = await there.store.reserveKeyDeletion(id);
        if (deletion.status !== "reserved") throw new Error("Refused");
        expect(deletion.call.billkey.reveal()).toBe(billkey);
        await there.store.settleKeyDeletion(deletion.call, { outcome: "succeeded" });
        expected.delete(id);
        deleted.push(id);
      } else if (i % 5 === 1) {
        const issue = await there.store.reserveKey({ customerId: `customer-${lane}-${i}`, replaces: id });
        if (issue.status !== "reserved") throw new Error("Refused");
        await there.store.markKeySending(issue.call);
        const anew = { outcome: "succeeded", billkey: new Secret(`${billkey}new`) } as const;
        const { retired } = await there.store.settleKey(issue.call, anew);
        expect(retired?.billkey.reveal()).toBe(billkey);
        expected.set(id, `${billkey}new`);
      }
    }
  };
  let working = true;
  const rotate = async () => {
    while (working) await rotating.keys.rotateSecrets();
  };
  const rotations = [rotate(), rotate()];
  await Promise.all([0, 1, 2, 3].map(work));
  working = false;
  await Promise.all(rotations);
  await rotating.keys.rotateSecrets();

  const after = await own.ledger({ secrets: { current: second } });
  for (const [id, billkey] of expected) expect((await after.store.revealKey(id))?.reveal()).toBe(billkey);
  for (const id of deleted) expect(await after.store.revealKey(id)).toBeUndefined();
  expect(expected.size).toBe(80);
});

it("the ledger rotates the keys it can read, and reports the others", async () => {
  const own = await ownSchema();
  const [lost, first, second] = [newSecret(), newSecret(), newSecret()];
  await issued(await own.ledger({ secrets: { current: lost } }));
  const readable = await issued(await own.ledger({ secrets: { current: first } }), "BK2", "bob");
  const rotating = await own.ledger({ secrets: { current: second, previous: [first] } });
  await expect(rotating.keys.rotateSecrets()).rejects.toMatchObject({
    code: "unreadable-key",
    message: expect.stringContaining("secrets.previous"),
  });
  const after = await own.ledger({ secrets: { current: second } });
  expect((await after.keys.secrets()).map(({ role, keys }) => [role, keys]).sort()).toEqual([
    ["current", 1],
    ["missing", 1],
  ]);
  expect((await after.store.revealKey(readable))?.reveal()).toBe("BK2");
});

it("the ledger throws for a key that was changed or moved to another row", async () => {
  const own = await ownSchema();
  const ledger = await own.ledger({ secrets: { current: newSecret() } });
  const [one, two] = [await issued(ledger, "BK1"), await issued(ledger, "BK2")];
  const encryptedKeyOf = async (id: string): Promise<string> =>
    (await sql(`SELECT encrypted_key FROM "${own.schema}".billing_keys WHERE key_id = $1`, [id]))[0]
      .encrypted_key;
  const store = (id: string, encryptedKey: string) =>
    sql(`UPDATE "${own.schema}".billing_keys SET encrypted_key = $2 WHERE key_id = $1`, [id, encryptedKey]);
  const original = await encryptedKeyOf(one);
  const [fingerprint = "", nonce = "", text = ""] = original.split(":");
  const flipped = (part: string) => `${part.startsWith("A") ? "B" : "A"}${part.slice(1)}`;
  for (const encryptedKey of [
    await encryptedKeyOf(two),
    `${fingerprint}:${flipped(nonce)}:${text}`,
    `${fingerprint}:${nonce}:${flipped(text)}`,
    `${fingerprint}:${nonce}:${text.slice(0, -1)}${text.endsWith("A") ? "Q" : "A"}`,
    `${"0".repeat(16)}:${nonce}:${text}`,
  ]) {
    await store(one, encryptedKey);
    await expect(ledger.store.revealKey(one)).rejects.toMatchObject({ code: "unreadable-key" });
  }
  await store(one, original);
  expect((await ledger.store.revealKey(one))?.reveal()).toBe("BK1");
  await expect(store(one, "BK1")).rejects.toMatchObject({ code: "23514" });
});

it.each(["", "short", "a".repeat(63), `${"a".repeat(44)}`, `${"é".repeat(43)}=`])(
  "the ledger rejects the secret %j without printing it",
  async (current) => {
    const own = await ownSchema();
    const error = await own.ledger({ secrets: { current } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "invalid-argument" });
    if (current !== "") expect(inspect(error)).not.toContain(current);
    expect(() => memoryLedger({ payapi, secrets: { current: newSecret(), previous: [current] } })).toThrow(
      /32 bytes/,
    );
  },
);

it("the ledger stores keys in memory without secrets", async () => {
  const ledger = memoryLedger({ payapi });
  onTestFinished(() => ledger.close());
  const id = await issued(ledger);
  expect((await ledger.store.revealKey(id))?.reveal()).toBe(canary);
  expectNoCanary(inspect(ledger, { depth: 20, showHidden: true }));
});
