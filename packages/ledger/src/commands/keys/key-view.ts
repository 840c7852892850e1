import type { BillingKey } from "@payapi/core";
import { LedgerError } from "../../errors.js";
import type { KeyRow, KeyState, KeyTransition } from "../../store/key-rows.js";
import type { KeyVault } from "../../store/key-vault.js";
import type { LedgerContext } from "../context.js";

const publicStates: Record<KeyState, BillingKey["state"]> = {
  reserved: "issuing",
  sending: "issuing",
  active: "active",
  failed: "failed",
  unknown: "unknown",
  deleting: "deleting",
  deleted: "deleted",
};

/** Which of the rows of one id says what the id is worth: a key that can be charged, before all else. */
const weights: readonly KeyState[] = [
  "active",
  "sending",
  "reserved",
  "deleting",
  "deleted",
  "unknown",
  "failed",
];

/** What is known about a key; `undefined` if there are no rows. */
export function viewKey(rows: readonly KeyRow[]): BillingKey | undefined {
  for (const state of weights) {
    const row = rows.findLast((each) => each.state === state);
    if (row !== undefined) return viewRow(row);
  }
  return undefined;
}

function viewRow({ keyId, owner, kind, state, issuedAt }: KeyRow): BillingKey {
  return { id: keyId, owner, kind, state: publicStates[state], ...(issuedAt === null ? {} : { issuedAt }) };
}

/** The key of rows that are there. */
export function seenKey(rows: readonly KeyRow[]): BillingKey {
  const key = viewKey(rows);
  if (key === undefined) throw new LedgerError("broken-rule", "A billing key has no rows");
  return key;
}

/** The vault, in whichever store; without one, no billing key can be kept. */
export function vaultOf({ vault }: LedgerContext): KeyVault {
  if (vault !== undefined) return vault;
  throw new LedgerError("no-secrets", noVault);
}

/** What a person must do so that keys can be kept; `undefined` if they can be. */
export function whyNoKeys({ vault }: LedgerContext): string | undefined {
  return vault === undefined ? noVault : undefined;
}

const noVault =
  "Billing keys are only stored encrypted: give openLedger `secrets: { current }`, 32 random bytes as base64 (openssl rand -base64 32)";

type Line = Pick<KeyTransition, "at" | "from"> & Partial<KeyTransition>;

/** The line of the history for one step; `row` is as it is after it. */
export function keyTransition(row: KeyRow, line: Line): KeyTransition {
  return {
    mid: row.mid,
    keyId: row.keyId,
    rowId: row.id,
    to: row.state,
    outcome: null,
    failureCode: null,
    resultCode: null,
    resultMessage: null,
    actor: null,
    evidence: null,
    ...line,
  };
}
