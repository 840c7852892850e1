import type { BillingKey, CallOutcome } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { isLate, nextTryAt } from "./deadlines.js";
import type { KeyEventKind } from "./event-types.js";
import { type DecidedEvent, writeData } from "./events.js";
import type { SettledBy } from "./rows.js";

/** The states of an issue of a billing key, and of the issued key. */
export const keyStates = [
  "reserved",
  "sending",
  "active",
  "failed",
  "unknown",
  "deleting",
  "deleted",
] as const;
export type KeyState = (typeof keyStates)[number];

/** One issue of a key, or an imported key. An id has several rows if its key was replaced. */
export interface KeyRow {
  readonly id: string;
  readonly mid: string;
  /** The id that the shop knows. */
  readonly keyId: string;
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly state: KeyState;
  /** The encrypted key; `null` unless the row is `active` or `deleting`. */
  readonly encryptedKey: string | null;
  /** The row whose key this one replaces. */
  readonly replaces: string | null;
  /** Counts the imported keys of the customer from 1; `null` for an issued key. */
  readonly importNo: number | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  readonly settledBy: SettledBy | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  /** When the key became active; `null` if it never did. */
  readonly issuedAt: Date | null;
  /** The latest end of a running deletion at the gateway; `null` without one. */
  readonly deletionEndsAt: Date | null;
  /** When `recover()` deletes the key at the gateway next; `null` for never. */
  readonly deleteAt: Date | null;
  /** How often `recover()` tried to delete the key at the gateway. */
  readonly deletions: number;
  /** How many of these tries were certainly not sent. */
  readonly unsentDeletions: number;
}

/** What a key is made with: a save of a row that is there leaves it as it is. */
export const fixedKeyFields = [
  "id",
  "mid",
  "keyId",
  "customerId",
  "kind",
  "replaces",
  "importNo",
  "createdAt",
] as const satisfies readonly (keyof KeyRow)[];

/** One entry of a key's history. Append-only. */
export interface KeyTransition {
  readonly at: Date;
  readonly mid: string;
  readonly keyId: string;
  readonly rowId: string;
  readonly from: KeyState | null;
  readonly to: KeyState;
  readonly outcome: CallOutcome["outcome"] | null;
  readonly failureCode: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly actor: string | null;
  /** An operator's evidence. */
  readonly evidence: string | null;
}

export function isRunning({ state }: KeyRow): boolean {
  return state === "reserved" || state === "sending";
}

/** States of an unused key that may still be chargeable at the gateway. */
export const orphanStates = ["unknown", "deleting"] as const satisfies readonly KeyState[];
export type OrphanState = (typeof orphanStates)[number];

/**
 * The state of an orphan: an unused key that may still be chargeable at the gateway, without a running deletion. An issue past its deadline counts
 * as unknown already. `undefined` if the row is not an orphan.
 */
export function orphanStateOf(row: KeyRow, now: Date): OrphanState | undefined {
  if (row.state === "unknown" || isLate(row, now)) return "unknown";
  return isLeft(row, now) ? "deleting" : undefined;
}

/** Whether a key is stopped, not deleted, and without a running deletion. */
export function isLeft({ state, deletionEndsAt }: KeyRow, now: Date): boolean {
  return state === "deleting" && (deletionEndsAt === null || deletionEndsAt <= now);
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

/** The state of an id is that of its first row in this order: an active key counts before all others. */
const precedence: readonly KeyState[] = [
  "active",
  "sending",
  "reserved",
  "deleting",
  "deleted",
  "unknown",
  "failed",
];

/** The public view of an id's rows; `undefined` without rows. */
export function viewKey(rows: readonly KeyRow[]): BillingKey | undefined {
  for (const state of precedence) {
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

/** The result of `keys.closeOrphan`. */
export type ClosedOrphanKey =
  /** `key` is the current state of the id, which may be active through another issue. */
  | { readonly status: "closed"; readonly key: BillingKey }
  | {
      readonly status: "refused";
      /** The call has no orphan: its key is in use, is being deleted, or was closed before. */
      readonly reason: "no-such-orphan";
    }
  | {
      readonly status: "refused";
      /** The gateway may still issue the key, so its absence in the console proves nothing yet. */
      readonly reason: "too-early";
      /** From when on it can be closed: 10 minutes after the deadline. */
      readonly notBefore: Date;
    };

/** What a decision changes of a key: rows to add or replace, and what is added to its history. */
export interface KeyChanges {
  readonly rows: readonly KeyRow[];
  readonly history: readonly KeyTransition[];
  readonly events: readonly DecidedEvent[];
}

type Step = Pick<KeyTransition, "at"> & Partial<KeyTransition>;

/** The rows of a key while it is decided about, and the changes so far. */
export class KeyDraft {
  readonly #rows: Map<string, KeyRow>;
  readonly #changed = new Set<string>();
  readonly #history: KeyTransition[] = [];

  constructor(rows: readonly KeyRow[]) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  get rows(): readonly KeyRow[] {
    return [...this.#rows.values()];
  }

  find(rowId: string): KeyRow | undefined {
    return this.#rows.get(rowId);
  }

  /** The public view of the key. */
  view(): BillingKey {
    const key = viewKey(this.rows);
    if (key === undefined) throw new LedgerError("broken-rule", "A billing key has no rows");
    return key;
  }

  put(row: KeyRow): KeyRow {
    this.#rows.set(row.id, row);
    this.#changed.add(row.id);
    return row;
  }

  /** Adds a row with its first entry in the history. */
  add(row: NewRow, step: Step): KeyRow {
    return this.#note(this.put({ ...newRow, ...row }), { from: null, ...step });
  }

  /** Changes a row, with an entry in the history. */
  move(row: KeyRow, change: Partial<KeyRow>, step: Step): KeyRow {
    return this.#note(this.put({ ...row, ...change }), { from: row.state, ...step });
  }

  #note(row: KeyRow, step: Step & Pick<KeyTransition, "from">): KeyRow {
    const { mid, keyId, id: rowId, state: to } = row;
    this.#history.push({ mid, keyId, rowId, to, ...nothingMore, ...step });
    return row;
  }

  changes(): KeyChanges {
    return {
      rows: this.rows.filter(({ id }) => this.#changed.has(id)),
      history: this.#history,
      events: this.#history.flatMap((entry) => eventOf(entry, this.rows)),
    };
  }
}

type NewRow = Pick<KeyRow, "id" | "mid" | "keyId" | "customerId" | "kind" | "createdAt"> & Partial<KeyRow>;

const newRow = {
  state: "reserved",
  encryptedKey: null,
  replaces: null,
  importNo: null,
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  settledBy: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
  issuedAt: null,
  deletionEndsAt: null,
  deleteAt: null,
  deletions: 0,
  unsentDeletions: 0,
} as const;

const noReply = { outcome: null, failureCode: null, resultCode: null, resultMessage: null };
const nothingMore = { ...noReply, actor: null, evidence: null };

function eventOf({ keyId, rowId, to, at }: KeyTransition, all: readonly KeyRow[]): DecidedEvent[] {
  if (to !== "active" && to !== "deleted") return [];
  const rows = all.filter((row) => row.keyId === keyId);
  const row = rows.find(({ id }) => id === rowId);
  // The deletion of a replaced key is not reported while the id has another key.
  if (row === undefined || (to === "deleted" && viewKey(rows)?.state !== "deleted")) return [];
  const issued: KeyEventKind = row.replaces === null ? "key-issued" : "key-changed";
  const kind: KeyEventKind = to === "active" ? issued : "key-deleted";
  const data = writeData({ keyId, customerId: row.customerId, keyKind: row.kind });
  return [{ kind, orderingKey: `key:${keyId}`, at, data }];
}

/** When something happens to a key, and when a deletion that is reserved then ends at the latest. */
export interface When {
  readonly at: Date;
  readonly deletionEndsAt: Date;
}

/** Stops a key, if it is not stopped yet, and reserves its deletion at the gateway. */
export function stop(draft: KeyDraft, row: KeyRow, when: When, actor: string | null = null): KeyRow {
  return draft.move(row, { state: "deleting", ...deletionOf(row, when) }, { at: when.at, actor });
}

export function deletionOf(row: KeyRow, { at, deletionEndsAt }: When) {
  const next = nextDeletionAt(row, at);
  return { deletionEndsAt, deleteAt: next !== null && next < deletionEndsAt ? deletionEndsAt : next };
}

/** When recovery deletes a key next, after something happened to it; `null` when no try is left. */
export function nextDeletionAt({ deletions: all, unsentDeletions }: KeyRow, at: Date): Date | null {
  return nextTryAt({ sent: all - unsentDeletions, all }, at);
}
