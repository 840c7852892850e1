import { type KeyRow, orphanStateOf } from "../../domain/billing-key.js";
import type { ApprovalRow, ApprovalState, CancelRow } from "../../domain/rows.js";
import { type LedgerAccount, ledgerAccounts } from "../../domain/rows.js";
import type { EventReading } from "../event-rows.js";
import type { AttemptGroup, DueCall, DueKind, LedgerReading, OrderQuestion, StaleCall } from "../port.js";
import type { MemoryKeys } from "./memory-keys.js";
import type { MemoryOrders } from "./memory-orders.js";
import type { KeptOrder } from "./memory-tables.js";
import { pageOf } from "./memory-tables.js";

/** Queries of lists and recovery. */
export function memoryLists(
  orders: MemoryOrders,
  keys: MemoryKeys,
): Omit<LedgerReading, "now" | keyof EventReading> {
  return {
    orders: async (mid, question) =>
      structuredClone(
        select(orders.of(mid), question)
          .map(({ orderId, positions, approvals, cancels }) => {
            return { orderId, position: Math.max(0, ...positions.values()), approvals, cancels };
          })
          .filter(({ position }) => position > 0)
          .sort((a, b) => b.position - a.position)
          .slice(0, "newest" in question ? question.newest.limit : undefined),
      ),
    staleCalls: async (mid, { reservedBefore, deadlineBefore, after, limit }) =>
      [...orders.of(mid).flatMap(callsOf), ...keys.of(mid).map(issueOf)]
        .flatMap(({ kind, of, row: { id, state, createdAt, deadlineAt } }): StaleCall[] => {
          const isStale =
            state === "reserved"
              ? createdAt < reservedBefore
              : deadlineAt !== null && deadlineAt < deadlineBefore;
          return (state === "reserved" || state === "sending") && isStale
            ? [{ kind, id, of, state, createdAt }]
            : [];
        })
        .filter(({ id }) => after === undefined || id > after)
        .sort(byId)
        .slice(0, limit),
    dueCalls: async (mid, kind, page) => pageOf(due[kind](orders.of(mid), keys.of(mid)), page),
    transitions: async (mid, orderId) => structuredClone([...(orders.get(mid, orderId)?.audit ?? [])]),
    balance: async (mid, orderId) => {
      const entries = (orders.get(mid, orderId)?.postings ?? []).flatMap((posting) => posting.entries);
      return new Map(ledgerAccounts.map((account) => [account, sumOf(entries, account)]));
    },
    notifications: async (mid, question) => {
      const all = orders.notificationsOf(mid);
      if ("id" in question) return structuredClone(all.filter(({ id }) => id === question.id));
      const { limit, before = Number.POSITIVE_INFINITY, effect } = question.newest;
      return structuredClone(
        all
          .filter((row) => row.position < before && (effect === undefined || row.effect === effect))
          .reverse()
          .slice(0, limit),
      );
    },
    keys: async (mid, question) => {
      const all = keys.of(mid);
      if ("orphans" in question) {
        const { now, limit, before = Number.POSITIVE_INFINITY, state } = question.orphans;
        const isWanted = (row: KeyRow) => {
          const found = orphanStateOf(row, now);
          return found !== undefined && (state === undefined || found === state);
        };
        return structuredClone(
          all
            .filter((row) => row.position < before && isWanted(row))
            .reverse()
            .slice(0, limit),
        );
      }
      const { prefix, after, limit } = question.encryptedOtherwise;
      return structuredClone(
        all
          .filter(({ encryptedKey }) => encryptedKey !== null && !encryptedKey.startsWith(prefix))
          .filter(({ id }) => after === undefined || id > after)
          .sort(byId)
          .slice(0, limit),
      );
    },
    countEncrypted: async (mid) => {
      const counts = new Map<string, number>();
      for (const { encryptedKey } of keys.of(mid)) {
        const [fingerprint] = encryptedKey?.split(":") ?? [];
        if (fingerprint !== undefined) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
      }
      return [...counts]
        .map(([fingerprint, count]) => ({ fingerprint, keys: count }))
        .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    },
    keyTransitions: async (mid, keyId) => structuredClone([...keys.get(mid, keyId).history]),
  };
}

function select(all: readonly KeptOrder[], question: OrderQuestion): readonly KeptOrder[] {
  if ("newest" in question) {
    const { before = Number.POSITIVE_INFINITY, among } = question.newest;
    return all.filter(
      ({ positions, approvals }) =>
        Math.max(0, ...positions.values()) < before &&
        (among === undefined || approvals.some((row) => groupOf(row) === among)),
    );
  }
  if ("overdue" in question) {
    const { dueSince, dueBefore, madeSince, madeBefore } = question.overdue;
    const isOverdue = ({ state, accountDueAt, createdAt }: ApprovalRow) =>
      state === "awaiting_deposit" &&
      (accountDueAt === null
        ? createdAt >= madeSince && createdAt < madeBefore
        : accountDueAt >= dueSince && accountDueAt < dueBefore);
    return all.filter(({ approvals }) => approvals.some(isOverdue));
  }
  const { deadlineBefore } = question.unsettled;
  return all.filter((order) => {
    const calls = callsOf(order).map(({ row }) => row);
    const isOpen = calls.some((row) => isUnknown(row, deadlineBefore));
    return isOpen || (!order.reviewed && calls.some(isContradictory));
  });
}

function callsOf({ orderId: of, approvals, cancels }: KeptOrder) {
  return [
    ...approvals.map((row) => ({ kind: "approval" as const, row, of })),
    ...cancels.map((row) => ({ kind: "cancel" as const, row, of })),
  ];
}

function issueOf(row: KeyRow) {
  return { kind: "key" as const, row, of: row.keyId };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** The calls that recovery may make once they are due. */
const due: Record<DueKind, (orders: readonly KeptOrder[], keys: readonly KeyRow[]) => DueCall[]> = {
  repeat: (orders) =>
    orders.flatMap(({ orderId: of, cancels }) =>
      cancels.flatMap(({ id, state, repeatAt: at }) =>
        state === "unknown" && at !== null ? [{ at, id, of }] : [],
      ),
    ),
  "net-cancel": (orders) =>
    orders.flatMap(({ orderId: of, approvals }) =>
      approvals.flatMap(({ id, netCancelAt: at, state, openCancel, mismatchAt }) =>
        state === "unknown" && openCancel === null && mismatchAt === null && at !== null
          ? [{ at, id, of }]
          : [],
      ),
    ),
  deletion: (_, keys) =>
    keys.flatMap(({ id, keyId: of, state, deleteAt: at }) =>
      state === "deleting" && at !== null ? [{ at, id, of }] : [],
    ),
};

function groupOf(row: ApprovalRow): AttemptGroup {
  if (row.mismatchAt !== null || row.openCancel !== null) return "open";
  if (isSettledAsSuch(row.state)) return row.state;
  if (row.state === "settled_not_moved") return "not_sent";
  if (row.state !== "approved") return "open";
  if (row.remaining === 0) return "returned";
  return row.remaining === row.price ? "full" : "reduced";
}

function isSettledAsSuch(
  state: ApprovalState,
): state is "declined" | "not_sent" | "net_cancelled" | "awaiting_deposit" {
  return ["declined", "not_sent", "net_cancelled", "awaiting_deposit"].includes(state);
}

const contradictory: readonly string[] = ["approved_mismatch", "approved_no_tid", "mismatch", "mismatch"];

function isContradictory(row: ApprovalRow | CancelRow): boolean {
  return ("mismatchAt" in row && row.mismatchAt !== null) || contradictory.includes(row.state);
}

function isUnknown({ state, deadlineAt }: ApprovalRow | CancelRow, deadlineBefore: Date): boolean {
  if (state === "sending") return deadlineAt !== null && deadlineAt < deadlineBefore;
  return state === "unknown";
}

function sumOf(
  entries: readonly { account: LedgerAccount; amount: number }[],
  account: LedgerAccount,
): number {
  return entries.filter((entry) => entry.account === account).reduce((sum, { amount }) => sum + amount, 0);
}
