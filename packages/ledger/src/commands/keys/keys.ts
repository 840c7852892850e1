import type { BillingKey, CallOutcome, Secret } from "@payapi/core";
import type { KeyEventKind } from "../../domain/event-types.js";
import { writeData } from "../../domain/events.js";
import { LedgerError } from "../../errors.js";
import type { KeyRow, KeyState, KeyTransition, KeyVault, OrphanState } from "../../store/key-rows.js";
import type { LedgerTransaction, TransactionOptions } from "../../store/port.js";
import { type LedgerContext, newId } from "../context.js";

/** What is known about billing keys, and what operators do with them. */
export interface LedgerKeys {
  /** All keys of an customer, whatever became of them; the oldest first. */
  list(customerId: string): Promise<readonly BillingKey[]>;
  /** Keeps a key that the gateway's payment window issued. A key that the customer has already is given back as it is. */
  import(key: ImportedBillingKey): Promise<BillingKey>;
  /** Everything that ever happened to a key, in order. */
  timeline(id: string): Promise<readonly KeyTimelineEntry[]>;
  /**
   * What may be alive at the gateway though nobody uses it: issues of unknown outcome, and keys whose deletion was not
   * confirmed; the newest first. Needs no `secrets`.
   */
  orphans(options?: OrphanListOptions): Promise<readonly OrphanKey[]>;
  /**
   * Ends an orphan with the word of an operator: no key is alive at the gateway (any more). A yes that comes after all is kept, and
   * its key deleted. Needs no `secrets`.
   *
   * @throws LedgerError `invalid-argument`
   */
  closeOrphan(callId: string, word: OperatorNote): Promise<ClosedOrphanKey>;
  /**
   * Encrypts every stored key under `secrets.current`. May be stopped and run again, and run while the shop is open; once it
   * resolves, `secrets.previous` is needed no more.
   */
  rotateSecrets(): Promise<SecretRotation>;
  /**
   * Under how many secrets the stored keys are encrypted, and which of them this ledger has. Needs no `secrets`: then it has none
   * of them.
   */
  secrets(): Promise<readonly KeySecret[]>;
}

/** A key of the gateway's payment window. */
export interface ImportedBillingKey {
  /** The account whose key it is, in the merchant's own terms. */
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly billkey: Secret | string;
}

export interface OrphanListOptions {
  /** Only those: issues of unknown outcome, or keys to be deleted. */
  readonly state?: OrphanState;
  /** At most this many, and at most 500; all of them when left out. */
  readonly limit?: number;
  /** The `position` of the last orphan of the page before. */
  readonly before?: number;
}

/** A key that may be alive at the gateway. */
export interface OrphanKey {
  readonly id: string;
  /** The one call it is about. */
  readonly callId: string;
  /** Where it stands in the list: rises with every issue of any key. */
  readonly position: number;
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly state: OrphanState;
  /** When the issue was reserved. */
  readonly createdAt: Date;
  /** `true` while `recover()` still asks the gateway by itself to delete it. */
  readonly retrying: boolean;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** Who looked an orphan up at the gateway, and what it was seen in; kept for ever. Not for keys or card data. */
export interface OperatorNote {
  readonly actor: string;
  readonly evidence: string;
}

/** What came of such a word. */
export type ClosedOrphanKey =
  /** The key is what its id is worth now: another issue may have made it active. */
  | { readonly status: "closed"; readonly key: BillingKey }
  | {
      readonly status: "refused";
      /** No orphan goes by this call: there is none, it is in use or being deleted, or it was closed before. */
      readonly reason: "no-such-orphan";
    }
  | {
      readonly status: "refused";
      /** The gateway may still make the key of an unknown issue: nobody can have seen that there is none. */
      readonly reason: "too-early";
      /** When it may be closed: 10 minutes after the deadline. */
      readonly notBefore: Date;
    };

/** One line of a key's history. */
export interface KeyTimelineEntry {
  readonly at: Date;
  /** Several issues may share an id. */
  readonly callId: string;
  /** Missing on the first line of a call. */
  readonly from?: KeyState;
  readonly to: KeyState;
  readonly outcome?: CallOutcome["outcome"];
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /** An operator, `recovery` when `recover()` ended the call, `replacement` when another key took its place. */
  readonly actor?: string;
  readonly evidence?: string;
}

/** A secret that stored keys are encrypted under. */
export interface KeySecret {
  /** A hash of it, as it stands before each key: tells secrets apart, and nothing of the secret. */
  readonly fingerprint: string;
  /** `missing`: it is not among this ledger's `secrets`, and its keys cannot be read. */
  readonly role: "current" | "previous" | "missing";
  /** How many keys are encrypted under it. */
  readonly keys: number;
}

/** What `keys.rotateSecrets()` did. */
export interface SecretRotation {
  /** Keys that were encrypted anew. */
  readonly rotated: number;
}

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

function viewRow({ keyId, customerId, kind, state, issuedAt }: KeyRow): BillingKey {
  return {
    id: keyId,
    customerId,
    kind,
    state: publicStates[state],
    ...(issuedAt === null ? {} : { issuedAt }),
  };
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

/** Runs `work` as one transaction, in which an event is written for each key that was issued, changed or deleted by it. */
export function changeKeys<T>(
  { store, mid }: Pick<LedgerContext, "store" | "mid">,
  work: (tx: LedgerTransaction) => Promise<T>,
  options?: TransactionOptions,
): Promise<T> {
  return store.transaction(async (tx) => {
    const lines: KeyTransition[] = [];
    const keys = {
      ...tx.keys,
      async addKeyTransition(line: KeyTransition) {
        await tx.keys.addKeyTransition(line);
        lines.push(line);
      },
    };
    const result = await work({ ...tx, keys });
    for (const line of lines) await addEvent(mid, tx, line);
    return result;
  }, options);
}

async function addEvent(mid: string, tx: LedgerTransaction, line: KeyTransition): Promise<void> {
  const { keyId, rowId, to, at } = line;
  if (to !== "active" && to !== "deleted") return;
  const rows = await tx.keys.rowsOfKey(mid, keyId);
  const row = rows.find(({ id }) => id === rowId);
  // The gateway has deleted the key of an old card; that of the new one lives.
  if (row === undefined || (to === "deleted" && viewKey(rows)?.state !== "deleted")) return;
  const issued: KeyEventKind = row.replaces === null ? "key-issued" : "key-changed";
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: to === "active" ? issued : ("key-deleted" satisfies KeyEventKind),
    orderingKey: `key:${keyId}`,
    at,
    data: writeData({ keyId, customerId: row.customerId, keyKind: row.kind }),
  });
}
