import { createHash, timingSafeEqual } from "node:crypto";
import { type BillingKey, isSecret, Secret } from "@payapi/core";
import { LedgerError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import { checkText } from "../check-request.js";
import { type LedgerContext, newId } from "../context.js";
import { changeKeys } from "./change-keys.js";
import type { ImportedBillingKey } from "./key-types.js";
import { keyTransition, seenKey, vaultOf } from "./key-view.js";
import { isUsable } from "./settle-key.js";

/** Keeps a key that was issued elsewhere. The owner is locked, so that one key told twice is kept once. */
export function importBillingKey(context: LedgerContext, key: ImportedBillingKey): Promise<BillingKey> {
  const vault = vaultOf(context);
  const { owner, kind } = key;
  const { mid } = context;
  checkText("owner", owner, 200);
  const billkey = isSecret(key.billkey) ? key.billkey : new Secret(String(key.billkey));
  if ((kind !== "card" && kind !== "mobile") || !isUsable(billkey)) {
    throw new LedgerError("invalid-argument", "kind must be card or mobile, and billkey the gateway's key");
  }
  return changeKeys(context, async (tx) => {
    const rows = await tx.keys.lockOwner(mid, owner);
    const known = rows.find((row) => row.state === "active" && isSame(stored(row), billkey));
    if (known !== undefined) return seenKey([known]);
    const id = newId();
    const at = context.now(tx);
    const row = await tx.keys.insertKey({
      id,
      mid,
      keyId: newId(),
      owner,
      kind,
      replaces: null,
      createdAt: at,
      state: "active",
      sealed: vault.seal(billkey, { mid, rowId: id }),
      issuedAt: at,
      settledAt: at,
      settledBy: "call",
    });
    await tx.keys.addKeyTransition(keyTransition(row, { at, from: null, actor: "import" }));
    return seenKey([row]);
  });

  function stored({ sealed, id }: KeyRow): Secret | undefined {
    return sealed === null ? undefined : vault.open(sealed, { mid, rowId: id });
  }
}

function isSame(one: Secret | undefined, another: Secret): boolean {
  return one !== undefined && timingSafeEqual(digestOf(one), digestOf(another));
}

function digestOf(secret: Secret): Buffer {
  return createHash("sha256").update(secret.reveal()).digest();
}
