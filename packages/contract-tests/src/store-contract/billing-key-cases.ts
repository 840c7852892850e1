import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import type { BillingKeyStore, KeyOutcome } from "@payapi/core";
import { Secret } from "@payapi/core";
import { assertMatches, assertRejects, atOnce } from "./assertions.js";
import { type ContractCase, defineCases, each, type OpenContract } from "./contract-case.js";
import { KeySteps, newBillkey, newCustomer } from "./key-steps.js";

/** What core's handler relies on in every `BillingKeyStore`. */
export function billingKeyCases(open: OpenContract<BillingKeyStore>): readonly ContractCase[] {
  return [...issueCases(open), ...replacementCases(open), ...deletionCases(open)];
}

function issueCases(open: OpenContract<BillingKeyStore>): readonly ContractCase[] {
  return defineCases("billing keys", open, (stores) => new KeySteps(stores), {
    "are accepted by a store that declares support for them": async ({ store, another }) => {
      for (const each of [store, another]) assert.equal(each.whyNoKeys?.(), undefined);
    },

    "are undefined before they are issued": async ({ store }) => {
      const id = randomUUID();
      assert.equal(await store.findKey(id), undefined);
      assert.equal(await store.revealKey(id), undefined);
      assertMatches(await store.reserveKeyDeletion(id), { status: "refused", reason: "no-such-key" });
    },

    "are shown as being issued, and not revealed, until the gateway confirms the issue": async (steps) => {
      const customerId = newCustomer();
      const call = await steps.reserved({ customerId });
      assert.equal(call.customerId, customerId);
      for (let step = 0; step < 2; step++) {
        assertMatches(await steps.store.findKey(call.id), { id: call.id, customerId, state: "issuing" });
        assert.equal(await steps.another.revealKey(call.id), undefined);
        if (step === 0) await steps.store.markKeySending(call);
      }
      const billkey = newBillkey();
      const settled = await steps.store.settleKey(call, {
        outcome: "succeeded",
        billkey: new Secret(billkey),
      });
      const expected = { id: call.id, customerId, kind: "card", state: "active" };
      assertMatches(settled, { key: expected, retired: undefined });
      assert(settled.key.issuedAt instanceof Date);
      assertMatches(await steps.another.findKey(call.id), expected);
      assert.equal(await steps.revealed(call.id), billkey);
    },

    "are marked as sending by one of 8 concurrent callers in two processes": async (steps) => {
      const call = await steps.reserved({ customerId: newCustomer() });
      const marks = await atOnce(8, steps, (store) =>
        store.markKeySending(call).then(
          () => "marked",
          () => "refused",
        ),
      );
      assert.equal(marks.filter((mark) => mark === "marked").length, 1);
      await assertRejects(() => steps.store.markKeySending(call));
    },

    "cannot be marked as sending after their issue was given up": async (steps) => {
      const call = await steps.reserved({ customerId: newCustomer() });
      await steps.another.settleKey(call, { outcome: "not-sent" });
      await assertRejects(() => steps.store.markKeySending(call));
      const unheardOf = { ...call, callId: randomUUID() };
      await assertRejects(() => steps.store.markKeySending(unheardOf));
      await assertRejects(() => steps.store.settleKey(unheardOf, { outcome: "unknown" }));
    },

    ...each<{ outcome: KeyOutcome; state: string }, KeySteps>(
      {
        refused: { outcome: { outcome: "refused", resultCode: "01" }, state: "failed" },
        "not sent": { outcome: { outcome: "not-sent" }, state: "failed" },
        unknown: { outcome: { outcome: "unknown" }, state: "unknown" },
        "answered with a success without a key": { outcome: { outcome: "succeeded" }, state: "unknown" },
      },
      (label) => `are undefined when the issue is ${label}`,
      async (steps, { outcome, state }) => {
        const call = await steps.sent({ customerId: newCustomer() });
        assertMatches(await steps.store.settleKey(call, outcome), { key: { id: call.id, state } });
        assertMatches(await steps.another.findKey(call.id), { state });
        assert.equal(await steps.store.revealKey(call.id), undefined);
        assertMatches(await steps.store.reserveKeyDeletion(call.id), {
          status: "refused",
          reason: "no-such-key",
        });
      },
    ),

    "stay unchanged when the same outcome is settled again": async (steps) => {
      const { call, billkey } = await steps.issued();
      const again = { outcome: "succeeded", billkey: new Secret(billkey) } as const;
      assertMatches(await steps.another.settleKey(call, again), { key: { state: "active" } });
      await steps.store.settleKey(call, { outcome: "unknown" });
      assert.equal(await steps.revealed(call.id), billkey);
    },

    "become active when a success follows an unknown outcome": async (steps) => {
      const call = await steps.sent({ customerId: newCustomer() });
      await steps.store.settleKey(call, { outcome: "unknown" });
      const billkey = newBillkey();
      const settled = await steps.store.settleKey(call, {
        outcome: "succeeded",
        billkey: new Secret(billkey),
      });
      assertMatches(settled, { key: { state: "active" }, retired: undefined });
      assert.equal(await steps.revealed(call.id), billkey);
    },

    "are redacted when they are printed": async (steps) => {
      const { id, billkey } = await steps.issued();
      const deletion = await steps.deletion(id);
      const printed = [await steps.store.findKey(id), deletion].map(
        (value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value),
      );
      for (const text of printed) assert(!text.includes(billkey), "A billing key was printed");
      assert.equal(deletion.billkey.reveal(), billkey);
    },
  });
}

function replacementCases(open: OpenContract<BillingKeyStore>): readonly ContractCase[] {
  return defineCases("replacing a billing key", open, (stores) => new KeySteps(stores), {
    "keeps the id, stops the old key immediately and returns it for deletion": async (steps) => {
      const old = await steps.issued();
      const { settled, billkey, call } = await steps.replaced(old.id, old.customerId);
      assert.equal(call.id, old.id);
      assertMatches(settled.key, { id: old.id, customerId: old.customerId, state: "active" });
      assert.equal(await steps.revealed(old.id), billkey);
      assert(settled.retired !== undefined, "The old key was not given back");
      assert.equal(settled.retired.billkey.reveal(), old.billkey);
      const key = await steps.store.settleKeyDeletion(settled.retired, { outcome: "succeeded" });
      assertMatches(key, { id: old.id, state: "active" });
      assert.equal(await steps.revealed(old.id), billkey);
    },

    "leaves the old key in use until the replacement succeeds": async (steps) => {
      const { id, customerId, billkey } = await steps.issued();
      await steps.sent({ customerId, replaces: id });
      assertMatches(await steps.another.findKey(id), { state: "active" });
      assert.equal(await steps.revealed(id), billkey);
    },

    ...each<KeyOutcome, KeySteps>(
      {
        refused: { outcome: "refused" },
        "not sent": { outcome: "not-sent" },
        unknown: { outcome: "unknown" },
      },
      (label) => `leaves the old key in use when it is ${label}, and may be tried again`,
      async (steps, outcome) => {
        const { id, customerId, billkey } = await steps.issued();
        const settled = await steps.store.settleKey(await steps.sent({ customerId, replaces: id }), outcome);
        assertMatches(settled, { key: { id, state: "active" }, retired: undefined });
        assert.equal(await steps.revealed(id), billkey);
        assertMatches(await steps.store.reserveKey({ customerId, replaces: id }), { status: "reserved" });
      },
    ),

    "is reserved by one of 16 concurrent callers in two processes": async (steps) => {
      const { id, customerId } = await steps.issued();
      const results = await atOnce(16, steps, (store) => store.reserveKey({ customerId, replaces: id }));
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
      for (const result of results) {
        if (result.status === "refused") assert.equal(result.reason, "in-progress");
      }
    },

    "is refused for a key that does not exist, is not active or belongs to another owner": async (steps) => {
      const { id, customerId } = await steps.issued();
      const noSuchKey = { status: "refused", reason: "no-such-key" };
      assertMatches(await steps.store.reserveKey({ customerId, replaces: randomUUID() }), noSuchKey);
      assertMatches(await steps.store.reserveKey({ customerId: newCustomer(), replaces: id }), noSuchKey);
      await steps.deletion(id);
      assertMatches(await steps.store.reserveKey({ customerId, replaces: id }), noSuchKey);
    },

    "leaves one key in use and returns the other for deletion when its success comes late": async (steps) => {
      const { id, customerId, billkey: old } = await steps.issued();
      const call = await steps.sent({ customerId, replaces: id });
      await steps.store.settleKey(call, { outcome: "unknown" });
      const late = newBillkey();
      const { key, retired } = await steps.store.settleKey(call, {
        outcome: "succeeded",
        billkey: new Secret(late),
      });
      assert.equal(key.state, "active");
      const both = [await steps.revealed(id), retired?.billkey.reveal()];
      assert.deepEqual(both.sort(), [late, old].sort());
    },
  });
}

function deletionCases(open: OpenContract<BillingKeyStore>): readonly ContractCase[] {
  return defineCases("deleting a billing key", open, (stores) => new KeySteps(stores), {
    "stops the key immediately and ends with the gateway's success": async (steps) => {
      const { id, billkey } = await steps.issued();
      const call = await steps.deletion(id);
      assert.equal(call.id, id);
      assert.equal(call.billkey.reveal(), billkey);
      assertMatches(await steps.another.findKey(id), { state: "deleting" });
      assert.equal(await steps.another.revealKey(id), undefined);
      assertMatches(await steps.store.settleKeyDeletion(call, { outcome: "succeeded" }), {
        id,
        state: "deleted",
      });
      assert.equal(await steps.store.revealKey(id), undefined);
      assertMatches(await steps.another.reserveKeyDeletion(id), {
        status: "refused",
        reason: "already-deleted",
      });
    },

    ...each<KeyOutcome, KeySteps>(
      {
        refused: { outcome: "refused" },
        "not sent": { outcome: "not-sent" },
        unknown: { outcome: "unknown" },
      },
      (label) => `leaves it stopped when it is ${label}, and may be repeated`,
      async (steps, outcome) => {
        const { id, billkey } = await steps.issued();
        const key = await steps.store.settleKeyDeletion(await steps.deletion(id), outcome);
        assertMatches(key, { id, state: "deleting" });
        assert.equal(await steps.store.revealKey(id), undefined);
        const again = await steps.deletion(id);
        assert.equal(again.billkey.reveal(), billkey);
        assertMatches(await steps.store.settleKeyDeletion(again, { outcome: "succeeded" }), {
          state: "deleted",
        });
      },
    ),

    "can be repeated by its call after another key took the id, and leaves that key in use": async (
      steps,
    ) => {
      const { id, customerId, billkey } = await steps.issued();
      const { settled, billkey: newer } = await steps.replaced(id, customerId);
      const { retired } = settled;
      assert(retired !== undefined, "Nothing was retired");
      await steps.store.settleKeyDeletion(retired, { outcome: "unknown" });
      const again = await steps.store.reserveKeyDeletionRetry(retired.callId);
      assert(again.status === "reserved", "The deletion may not be repeated");
      assert.equal(again.call.billkey.reveal(), billkey);
      const inProgress = { status: "refused", reason: "in-progress" };
      assertMatches(await steps.another.reserveKeyDeletionRetry(retired.callId), inProgress);
      await steps.store.settleKeyDeletion(again.call, { outcome: "succeeded" });
      const deleted = { status: "refused", reason: "already-deleted" };
      assertMatches(await steps.another.reserveKeyDeletionRetry(retired.callId), deleted);
      assert.equal(await steps.revealed(id), newer);
    },

    "is reserved by one of 16 concurrent callers in two processes": async (steps) => {
      const { id } = await steps.issued();
      const results = await atOnce(16, steps, (store) => store.reserveKeyDeletion(id));
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
      for (const result of results) {
        if (result.status === "refused") assert.equal(result.reason, "in-progress");
      }
    },

    "is refused while the key is being issued or replaced": async (steps) => {
      const inProgress = { status: "refused", reason: "in-progress" };
      const first = await steps.sent({ customerId: newCustomer() });
      assertMatches(await steps.store.reserveKeyDeletion(first.id), inProgress);
      const { id, customerId } = await steps.issued();
      await steps.reserved({ customerId, replaces: id });
      assertMatches(await steps.store.reserveKeyDeletion(id), inProgress);
      assertMatches(await steps.store.findKey(id), { state: "active" });
    },

    "is not undone by a replacement whose success comes late": async (steps) => {
      const { id, customerId } = await steps.issued();
      const call = await steps.sent({ customerId, replaces: id });
      await steps.store.settleKey(call, { outcome: "unknown" });
      await steps.deletion(id);
      const late = newBillkey();
      const { retired } = await steps.store.settleKey(call, {
        outcome: "succeeded",
        billkey: new Secret(late),
      });
      assert.equal(retired?.billkey.reveal(), late);
      assert.equal(await steps.store.revealKey(id), undefined);
    },

    "is refused for a call that was not reserved": async (steps) => {
      const { id, billkey } = await steps.issued();
      const call = { id, callId: randomUUID(), billkey: new Secret(billkey) };
      await assertRejects(() => steps.store.settleKeyDeletion(call, { outcome: "succeeded" }));
      assert.equal(await steps.revealed(id), billkey);
    },
  });
}
