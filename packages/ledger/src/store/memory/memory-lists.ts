import { type KeyRow, orphanStateOf } from "../../domain/billing-key.js";
import type { ApprovalRow, ApprovalState, CancelRow } from "../../domain/rows.js";
import { type LedgerAccount, ledgerAccounts } from "../../domain/rows.js";
import type { EventReading } from "../event-rows.js";
import type { AttemptGroup, DueCall, DueKind, LedgerReading, StaleCall } from "../port.js";
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
    ordersRows: async (mid, orderIds) => {
      const found = orderIds.flatMap((orderId) => orders.get(mid, orderId) ?? []);
      return structuredClone({
        approvals: found.flatMap(({ approvals }) => approvals),
        cancels: found.flatMap(({ cancels }) => cancels),
      });
    },
    newestOrders: async (mid, { limit, before = Number.POSITIVE_INFINITY, among }) =>
      orders
        .of(mid)
        .flatMap(({ orderId, positions, approvals }) => {
          const position = Math.max(0, ...positions.values());
          const isAmong = among === undefined || approvals.some((row) => groupOf(row) === among);
          return position > 0 && position < before && isAmong ? [{ orderId, position }] : [];
        })
        .sort((a, b) => b.position - a.position)
        .slice(0, limit),
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
    overdueOrders: async (mid, { dueSince, dueBefore, madeSince, madeBefore }) =>
      orders
        .of(mid)
        .filter(({ approvals }) =>
          approvals.some(
            ({ state, accountDueAt, createdAt }) =>
              state === "awaiting_deposit" &&
              (accountDueAt === null
                ? createdAt >= madeSince && createdAt < madeBefore
                : accountDueAt >= dueSince && accountDueAt < dueBefore),
          ),
        )
        .map(({ orderId }) => orderId),
    unsettledOrders: async (mid, deadlineBefore) =>
      orders
        .of(mid)
        .filter((order) => {
          const calls = callsOf(order).map(({ row }) => row);
          const isOpen = calls.some((row) => isUnknown(row, deadlineBefore));
          return isOpen || (!order.reviewed && calls.some(isContradictory));
        })
        .map(({ orderId }) => orderId),
    transitions: async (mid, orderId) => structuredClone([...(orders.get(mid, orderId)?.audit ?? [])]),
    balance: async (mid, orderId) => {
      const entries = (orders.get(mid, orderId)?.postings ?? []).flatMap((posting) => posting.entries);
      return new Map(ledgerAccounts.map((account) => [account, sumOf(entries, account)]));
    },
    newestNotifications: async (mid, { limit, before = Number.POSITIVE_INFINITY, effect }) =>
      structuredClone(
        orders
          .notificationsOf(mid)
          .filter((row) => row.position < before && (effect === undefined || row.effect === effect))
          .reverse()
          .slice(0, limit),
      ),
    orphans: async (mid, { now, limit, before = Number.POSITIVE_INFINITY, state }) =>
      structuredClone(
        keys
          .of(mid)
          .filter((row) => {
            const found = orphanStateOf(row, now);
            return row.position < before && found !== undefined && (state === undefined || found === state);
          })
          .reverse()
          .slice(0, limit),
      ),
    encryptedOtherwise: async (mid, prefix, { after, limit }) =>
      structuredClone(
        keys
          .of(mid)
          .filter(({ id, encryptedKey }) => {
            const isOther = encryptedKey !== null && !encryptedKey.startsWith(prefix);
            return isOther && (after === undefined || id > after);
          })
          .sort(byId)
          .slice(0, limit),
      ),
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
