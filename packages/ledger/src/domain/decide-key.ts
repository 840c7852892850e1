import type { BillingKey, KeyDeletionReservation, KeyReservation } from "@payapi/core";
import { LedgerError } from "../errors.js";
import {
  type ClosedOrphanKey,
  deletionOf,
  isLeft,
  isRunning,
  type KeyChanges,
  KeyDraft,
  type KeyRow,
  type KeyTransition,
  nextDeletionAt,
  orphanStateOf,
  stop,
  type When,
} from "./billing-key.js";
import { isLate, provedBySilence, silentSince } from "./deadlines.js";
import { factsOf, type SettledFacts } from "./facts.js";
import type { SettledBy } from "./rows.js";
import { notYours, type SilentOutcome } from "./sending.js";

type OfRow = Pick<KeyTransition, "rowId">;
type InRow = OfRow & When;

/** Everything that can change a billing key. Each fact carries its own time; nothing here has a clock. */
export type KeyFact =
  | {
      readonly kind: "reserve-issue";
      readonly issue: Pick<KeyRow, "id" | "mid" | "keyId" | "customerId">;
      /** Whether it replaces the active key of this id. */
      readonly isReplacement: boolean;
      readonly at: Date;
    }
  | ({ readonly kind: "mark-sending"; readonly at: Date; readonly deadlineAt: Date } & OfRow)
  | (InRow & {
      readonly kind: "issue-outcome";
      readonly facts: SettledFacts;
      /** The encrypted key, if one was issued. */
      readonly encryptedKey: string | null;
    })
  /** Nothing was heard for too long of an issue in this state. */
  | (InRow & {
      readonly kind: "silence";
      readonly state: "reserved" | "sending";
      readonly outcome: SilentOutcome;
    })
  /** Of the active key, or of one stopped key. */
  | ({ readonly kind: "reserve-deletion" } & Partial<OfRow> & When)
  | (InRow & { readonly kind: "claim-deletion" })
  | (OfRow & {
      readonly kind: "deletion-outcome";
      readonly facts: SettledFacts;
      readonly by: "call" | "recovery";
      readonly at: Date;
    })
  | (InRow & {
      readonly kind: "close-orphan";
      /** A sent issue with an earlier deadline is silent. */
      readonly deadlineBefore: Date;
      readonly actor: string;
      readonly evidence: string;
    })
  | {
      readonly kind: "import";
      readonly key: Pick<KeyRow, "id" | "mid" | "keyId" | "customerId" | "kind" | "encryptedKey">;
      /** Whether a row holds the key that is imported. */
      readonly isSame: (row: KeyRow) => boolean;
      readonly at: Date;
    }
  | ({ readonly kind: "reencrypt"; readonly from: string; readonly to: string } & OfRow);

/** What a decision answers, beside the changes it makes. */
export interface KeyAnswers {
  readonly "reserve-issue": KeyReservation;
  readonly "mark-sending": undefined;
  /** `retired` is to be deleted at the gateway. */
  readonly "issue-outcome": { readonly key: BillingKey; readonly retired: KeyRow | undefined };
  /** `undefined` if another report had ended the issue already. */
  readonly silence: SilentOutcome | undefined;
  readonly "reserve-deletion":
    | { readonly status: "reserved"; readonly row: KeyRow }
    | Extract<KeyDeletionReservation, { readonly status: "refused" }>;
  /** `undefined` if no deletion is due. */
  readonly "claim-deletion": KeyRow | undefined;
  readonly "deletion-outcome": BillingKey;
  readonly "close-orphan": ClosedOrphanKey;
  readonly import: BillingKey;
  readonly reencrypt: boolean;
}

type Kind = KeyFact["kind"];
type FactOf<K extends Kind> = Extract<KeyFact, { readonly kind: K }>;

const noIssue = "The ledger has no such key issue: pass the call that reserveKey returned";
const noDeletion = "The ledger has no such key deletion: pass the call that reserveKeyDeletion returned";

const deciders: { readonly [K in Kind]: (draft: KeyDraft, fact: FactOf<K>) => KeyAnswers[K] } = {
  "reserve-issue"(draft, { issue, isReplacement, at }) {
    const { id: callId, keyId: id, customerId } = issue;
    const active = draft.rows.find((row) => row.state === "active" && row.customerId === customerId);
    if (isReplacement && active === undefined) return { status: "refused", reason: "no-such-key" };
    if (draft.rows.some(isRunning)) return { status: "refused", reason: "in-progress" };
    const replaces = active?.id ?? null;
    draft.add({ ...issue, kind: "card", replaces, createdAt: at }, { at });
    return { status: "reserved", call: { id, callId, customerId } };
  },

  "mark-sending"(draft, { rowId, at, deadlineAt }) {
    const row = draft.find(rowId);
    if (row === undefined) throw new LedgerError("may-not-send", noIssue);
    if (row.state !== "reserved") throw notYours();
    draft.move(row, { state: "sending", sendingAt: at, deadlineAt }, { at });
    return undefined;
  },

  "issue-outcome"(draft, fact) {
    const { rowId, encryptedKey } = fact;
    const row = draft.find(rowId);
    if (row === undefined) throw new LedgerError("no-such-call", noIssue);
    settleIssue(draft, row, { ...fact, by: "call" });
    return { key: draft.view(), retired: encryptedKey === null ? undefined : retiredBy(draft, rowId) };
  },

  silence(draft, { rowId, state, outcome, ...when }) {
    const row = draft.find(rowId);
    if (row?.state !== state) return undefined;
    settleIssue(draft, row, { ...silent(outcome), ...when });
    return outcome;
  },

  "reserve-deletion"(draft, { rowId, ...when }) {
    const { rows } = draft;
    // A replacement that succeeds after this would bring the key back.
    if (rowId === undefined && rows.some(isRunning)) return { status: "refused", reason: "in-progress" };
    const among = rowId === undefined ? rows : rows.filter(({ id }) => id === rowId);
    const active = rowId === undefined ? rows.find(({ state }) => state === "active") : undefined;
    const row = active ?? among.find((each) => isLeft(each, when.at));
    if (row !== undefined) return { status: "reserved", row: stop(draft, row, when) };
    if (among.some(({ state }) => state === "deleting")) return { status: "refused", reason: "in-progress" };
    const isDeleted = among.some(({ state }) => state === "deleted");
    return { status: "refused", reason: isDeleted ? "already-deleted" : "no-such-key" };
  },

  "claim-deletion"(draft, { rowId, ...when }) {
    const row = draft.find(rowId);
    const isDue = row !== undefined && row.deleteAt !== null && row.deleteAt <= when.at;
    return isDue && isLeft(row, when.at)
      ? stop(draft, { ...row, deletions: row.deletions + 1 }, when, "recovery")
      : undefined;
  },

  "deletion-outcome"(draft, { rowId, facts, by, at }) {
    const row = draft.find(rowId);
    if (row === undefined || (row.state !== "deleting" && row.state !== "deleted")) {
      throw new LedgerError("no-such-call", noDeletion);
    }
    const isDone = facts.outcome === "succeeded";
    // Settled before: a repeat that was refused, for example because the key is gone, changes nothing.
    if (row.state === "deleting" && (isDone || row.deletionEndsAt !== null)) {
      const reply = replyOf(facts);
      const isUnsent = by === "recovery" && facts.outcome === "not-sent";
      const counted = isUnsent ? { ...row, unsentDeletions: row.unsentDeletions + 1 } : row;
      draft.move(
        counted,
        isDone
          ? { state: "deleted", encryptedKey: null, deletionEndsAt: null, deleteAt: null, ...reply }
          : { deletionEndsAt: null, deleteAt: nextDeletionAt(counted, at), ...reply },
        { at, outcome: facts.outcome, ...reply },
      );
    }
    return draft.view();
  },

  "close-orphan"(draft, { rowId, deadlineBefore, actor, evidence, ...when }) {
    const { at } = when;
    const found = draft.find(rowId);
    // An operator may be faster than recovery, or recovery may not run.
    if (found !== undefined && isLate(found, deadlineBefore)) {
      settleIssue(draft, found, { ...silent("unknown"), ...when });
    }
    const row = draft.find(rowId);
    const state = row && orphanStateOf(row, at);
    if (row === undefined || state === undefined) return { status: "refused", reason: "no-such-orphan" };
    if (state === "unknown") {
      // Before that, the gateway may still issue the key after the operator looked.
      const notBefore = provedBySilence(silentSince(row));
      if (at < notBefore || row.state === "sending") {
        return { status: "refused", reason: "too-early", notBefore };
      }
    }
    draft.move(
      row,
      state === "unknown"
        ? { state: "failed", settledBy: "operator", settledAt: at }
        : { state: "deleted", encryptedKey: null, deletionEndsAt: null, deleteAt: null },
      { at, actor, evidence },
    );
    return { status: "closed", key: draft.view() };
  },

  import(draft, { key, isSame, at }) {
    const known = draft.rows.find((row) => row.state === "active" && isSame(row));
    // The number makes a concurrent import of the same key run into a unique constraint.
    const importNo = Math.max(0, ...draft.rows.map((row) => row.importNo ?? 0)) + 1;
    const settled = { createdAt: at, issuedAt: at, settledAt: at, settledBy: "call" } as const;
    const row =
      known ?? draft.add({ ...key, ...settled, state: "active", importNo }, { at, actor: "import" });
    return new KeyDraft([row]).view();
  },

  reencrypt(draft, { rowId, from, to }) {
    const row = draft.find(rowId);
    if (row?.encryptedKey !== from) return false;
    draft.put({ ...row, encryptedKey: to });
    return true;
  },
};

/** What a fact means for a key: the rows to write, and what to answer. It is a function of its arguments and nothing else. */
export function decideKey<K extends Kind>(
  rows: readonly KeyRow[],
  fact: FactOf<K>,
): { readonly changes: KeyChanges; readonly answer: KeyAnswers[K] } {
  const draft = new KeyDraft(rows);
  // The kind picks the decider of exactly this fact, which the compiler cannot follow through the table.
  const decider = deciders[fact.kind] as (draft: KeyDraft, fact: FactOf<K>) => KeyAnswers[K];
  const answer = decider(draft, fact);
  return { changes: draft.changes(), answer };
}

/** What was learnt about an issue, and from whom. */
interface IssueReport extends When {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly encryptedKey: string | null;
}

function silent(outcome: SilentOutcome) {
  return { facts: factsOf({ outcome }), by: "recovery", encryptedKey: null } as const;
}

/** Moves an issue to the state that a report proves. A report without news changes nothing. */
function settleIssue(draft: KeyDraft, row: KeyRow, report: IssueReport): void {
  const to = nextState(row, draft.rows, report);
  if (to === undefined) return;
  const { at, facts, by, encryptedKey } = report;
  if (to === "active") {
    const old = draft.rows.find(({ state }) => state === "active");
    if (old !== undefined) stop(draft, old, report, "replacement");
  }
  const reply = replyOf(facts);
  draft.move(
    row,
    {
      state: to,
      ...reply,
      settledBy: by,
      settledAt: at,
      ...(to === "active" ? { encryptedKey, issuedAt: at } : {}),
      ...(to === "deleting" ? { encryptedKey, ...deletionOf(row, report) } : {}),
    },
    { at, outcome: facts.outcome, ...reply, actor: by === "recovery" ? by : null },
  );
}

function nextState(
  row: KeyRow,
  rows: readonly KeyRow[],
  { facts, by, encryptedKey }: IssueReport,
): KeyRow["state"] | undefined {
  const provesNone = facts.outcome === "refused" || facts.outcome === "not-sent";
  switch (row.state) {
    case "reserved":
    case "sending":
      if (encryptedKey !== null) return "active";
      return provesNone ? "failed" : "unknown";
    case "unknown": {
      // This id got another key meanwhile, which may have been charged or stopped. The late key must not replace it.
      const wasUsed = rows.some((other) => other.id !== row.id && other.issuedAt !== null);
      if (encryptedKey !== null) return wasUsed ? "deleting" : "active";
      return row.settledBy === "recovery" && by === "call" && provesNone ? "failed" : undefined;
    }
    case "failed":
      // The issue was reported as failed, and yet the gateway issued a key: delete it.
      return encryptedKey === null ? undefined : "deleting";
    default:
      return undefined;
  }
}

/** The key to delete at the gateway after this issue: the one it replaced, or its own key if that came too late. */
function retiredBy(draft: KeyDraft, rowId: string): KeyRow | undefined {
  const issued = draft.find(rowId);
  const retired = issued?.issuedAt === null ? issued : draft.find(issued?.replaces ?? "");
  return retired?.state === "deleting" ? retired : undefined;
}

function replyOf({ failureCode, resultCode, resultMessage }: SettledFacts) {
  return { failureCode, resultCode, resultMessage };
}
