import { pageOf } from "./memory/page-of.js";
import type { MemoryTables, PlacedApproval } from "./memory-tables.js";
import {
  type Account,
  type ApprovalRow,
  type ApprovalState,
  type AttemptGroup,
  accounts,
  type CancelRow,
  type LedgerTransaction,
  type OrderRows,
  type StaleCall,
  UniqueConflict,
} from "./store.js";

/** The operations of the port over tables in memory. Whatever goes in or out is a copy. */
export function memoryTransaction(
  tables: MemoryTables,
): Omit<
  LedgerTransaction,
  "startedAt" | "attempts" | "requests" | "keys" | "links" | "inbox" | "database" | "events"
> {
  function ordersRows(mid: string, orderIds: readonly string[]): OrderRows {
    const approvals = orderIds.flatMap((orderId) => tables.attemptsOf(mid, orderId));
    return structuredClone({
      approvals: approvals.map(withoutPosition),
      cancels: approvals.flatMap((row) => tables.cancelsOf(row.id)),
    });
  }

  function changeApproval(
    id: string,
    holds: (row: ApprovalRow) => boolean,
    change: (row: ApprovalRow) => Partial<ApprovalRow>,
  ): ApprovalRow | undefined {
    const row = tables.approvals.get(id);
    if (row === undefined || !holds(row)) return undefined;
    return structuredClone(tables.putApproval(structuredClone({ ...withoutPosition(row), ...change(row) })));
  }

  return {
    ordersRows: async (mid, orderIds) => ordersRows(mid, orderIds),
    lockOrder: async (mid, orderId) => ordersRows(mid, [orderId]),
    newestOrders: async (mid, { limit, before, among }) =>
      newestOrders(tables, mid, before)
        .filter(
          ({ orderId }) =>
            among === undefined || tables.attemptsOf(mid, orderId).some((row) => groupOf(row) === among),
        )
        .slice(0, limit),
    staleCalls: async (mid, limits) =>
      openCalls(tables, mid)
        .filter(({ row }) =>
          row.state === "reserved"
            ? row.createdAt < limits.reservedBefore
            : row.deadlineAt !== null && row.deadlineAt < limits.deadlineBefore,
        )
        .map(({ stale }) => stale)
        .filter(({ id }) => limits.after === undefined || id > limits.after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limits.limit),
    dueRepeats: async (mid, page) =>
      pageOf(
        [...tables.cancels.values()].flatMap(({ id, mid: of, state, repeatAt, approvalId }) => {
          const orderId = tables.approvals.get(approvalId)?.orderId;
          return of === mid && state === "unknown" && repeatAt !== null && orderId !== undefined
            ? [{ at: repeatAt, id, orderId }]
            : [];
        }),
        page,
      ),
    dueNetworkCancels: async (mid, page) =>
      pageOf(
        [...tables.approvals.values()].flatMap(({ id, orderId, networkCancelAt, ...row }) =>
          row.mid === mid &&
          row.state === "unknown" &&
          row.openCancel === null &&
          row.contradictedAt === null &&
          networkCancelAt !== null
            ? [{ at: networkCancelAt, id, orderId }]
            : [],
        ),
        page,
      ),
    overdueOrders: async (mid, { dueSince, dueBefore, madeSince, madeBefore }) => [
      ...new Set(
        [...tables.approvals.values()]
          .filter((row) => row.mid === mid && row.state === "awaiting_deposit")
          .filter(({ accountDueAt, createdAt }) =>
            accountDueAt === null
              ? createdAt >= madeSince && createdAt < madeBefore
              : accountDueAt >= dueSince && accountDueAt < dueBefore,
          )
          .map((row) => row.orderId),
      ),
    ],
    unsettledOrders: async (mid, deadlineBefore) => [
      ...new Set(
        [...tables.approvals.values()]
          .filter((row) => row.mid === mid)
          .filter((row) => {
            const calls = [row, ...tables.cancelsOf(row.id)];
            return (
              calls.some((call) => isUnknown(call, deadlineBefore)) ||
              (calls.some(isContradictory) && !wasDealtWith(tables, row))
            );
          })
          .map((row) => row.orderId),
      ),
    ],
    transitions: async (mid, orderId) =>
      structuredClone(tables.transitions.filter((row) => row.mid === mid && row.orderId === orderId)),
    balance: async (mid, orderId) => {
      const entries = tables.postings
        .filter((posting) => posting.mid === mid && posting.orderId === orderId)
        .flatMap((posting) => posting.entries);
      return new Map(accounts.map((account) => [account, sumOf(entries, account)]));
    },
    tidIsKnown: async (mid, tid) =>
      tables.tidIsTaken("approvals_tid", mid, tid) || tables.tidIsTaken("approvals_auth_tid", mid, tid),
    orderOfOid: async (mid, oid) =>
      [...tables.approvals.values()].filter((row) => row.mid === mid && row.oid === oid).at(-1)?.orderId,
    cancelTidIsKnown: async (mid, cancelTid) => tables.tidIsTaken("cancels_tid", mid, cancelTid),
    insertApproval: async (row) =>
      unlessTaken(() => structuredClone(tables.putApproval(structuredClone({ ...newApproval, ...row })))),
    moveApproval: async (id, from, change) =>
      changeApproval(
        id,
        (row) => from.includes(row.state),
        () => change,
      ),
    markContradicted: async (approvalId, at) =>
      changeApproval(
        approvalId,
        (row) => row.contradictedAt === null,
        () => ({ contradictedAt: at }),
      ) !== undefined,
    holdForCancel: async (approvalId, cancelId, amount) =>
      changeApproval(
        approvalId,
        (row) =>
          row.state === "approved" &&
          row.contradictedAt === null &&
          row.openCancel === null &&
          row.remaining >= amount,
        () => ({ openCancel: cancelId, held: amount }),
      ),
    holdForNetworkCancel: async (approvalId, cancelId) =>
      changeApproval(
        approvalId,
        (row) =>
          row.state === "unknown" &&
          row.authTid !== null &&
          row.contradictedAt === null &&
          row.openCancel === null,
        () => ({ openCancel: cancelId }),
      ),
    completeAccount: async (approvalId, account) => {
      changeApproval(
        approvalId,
        () => true,
        (row) => ({
          accountNumber: row.accountNumber ?? account.accountNumber,
          accountBank: row.accountBank ?? account.accountBank,
          accountHolder: row.accountHolder ?? account.accountHolder,
          accountDueAt: row.accountDueAt ?? account.accountDueAt,
        }),
      );
    },
    releaseHold: async (approvalId, cancelId) =>
      changeApproval(
        approvalId,
        (row) => row.openCancel === cancelId,
        () => ({ openCancel: null, held: 0 }),
      ),
    takeHold: async (approvalId, cancelId) =>
      changeApproval(
        approvalId,
        (row) => row.openCancel === cancelId,
        (row) => ({ openCancel: null, held: 0, remaining: row.remaining - row.held }),
      ),
    insertCancel: async (row) =>
      unlessTaken(() => structuredClone(tables.putCancel(structuredClone({ ...newCancel, ...row })))),
    moveCancel: async (id, from, change) => {
      const row = tables.cancels.get(id);
      if (row === undefined || !from.includes(row.state)) return undefined;
      return structuredClone(tables.putCancel(structuredClone({ ...row, ...change })));
    },
    claimRepeat: async (id, { repeats, now, until }) => {
      const row = tables.cancels.get(id);
      if (row === undefined || row.repeats !== repeats || !isDue(row, now)) return undefined;
      const claimed = { ...row, repeats: repeats + 1, repeatAt: new Date(until) };
      return structuredClone(tables.putCancel(claimed));
    },
    addTransition: async (row) => tables.addTransition(structuredClone(row)),
    post: async (posting) => tables.addPosting(structuredClone(posting)),
  };
}

const nothingYet = {
  state: "reserved",
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  reportedPrice: null,
  settledBy: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
} as const;

const newApproval = {
  ...nothingYet,
  tid: null,
  authTid: null,
  accountNumber: null,
  accountBank: null,
  accountHolder: null,
  accountDueAt: null,
  applNum: null,
  approvedAt: null,
  remaining: 0,
  held: 0,
  openCancel: null,
  contradictedAt: null,
  networkCancelAt: null,
} as const;

const newCancel = {
  ...nothingYet,
  network: false,
  cancelTid: null,
  reportedRemaining: null,
  cancelledAt: null,
  repeats: 0,
  repeatAt: null,
} as const;

function withoutPosition({ position: _, ...row }: PlacedApproval): ApprovalRow {
  return row;
}

function unlessTaken<T>(insert: () => T): T | undefined {
  try {
    return insert();
  } catch (error) {
    if (error instanceof UniqueConflict) return undefined;
    throw error;
  }
}

function newestOrders(tables: MemoryTables, mid: string, before = Number.POSITIVE_INFINITY) {
  const newest = new Map<string, number>();
  for (const row of tables.approvals.values()) {
    if (row.mid === mid) newest.set(row.orderId, Math.max(row.position, newest.get(row.orderId) ?? 0));
  }
  return [...newest]
    .map(([orderId, position]) => ({ orderId, position }))
    .filter(({ position }) => position < before)
    .sort((a, b) => b.position - a.position);
}

function groupOf(row: ApprovalRow): AttemptGroup {
  if (row.contradictedAt !== null || row.openCancel !== null) return "open";
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

function openCalls(tables: MemoryTables, mid: string) {
  const approvals = [...tables.approvals.values()].filter((row) => row.mid === mid);
  return [
    ...approvals.map((row) => ({ kind: "approval" as const, row, orderId: row.orderId })),
    ...approvals.flatMap((payment) =>
      tables.cancelsOf(payment.id).map((row) => ({ kind: "cancel" as const, row, orderId: payment.orderId })),
    ),
  ].flatMap(({ kind, row, orderId }) => {
    if (row.state !== "reserved" && row.state !== "sending") return [];
    const stale: StaleCall = { kind, id: row.id, orderId, state: row.state };
    return [{ row, stale }];
  });
}

const contradictory: readonly string[] = ["approved_mismatch", "approved_no_tid", "conflict", "drift"];

function isContradictory(row: ApprovalRow | CancelRow): boolean {
  return ("contradictedAt" in row && row.contradictedAt !== null) || contradictory.includes(row.state);
}

function isUnknown({ state, deadlineAt }: ApprovalRow | CancelRow, deadlineBefore: Date): boolean {
  if (state === "sending") return deadlineAt !== null && deadlineAt < deadlineBefore;
  return state === "unknown";
}

function wasDealtWith({ transitions }: MemoryTables, { mid, orderId }: ApprovalRow): boolean {
  const newest = transitions.findLast((line) => line.mid === mid && line.orderId === orderId);
  return newest !== undefined && newest.evidence !== null && newest.from === newest.to;
}

function isDue({ state, repeatAt }: CancelRow, now: Date): boolean {
  return state === "unknown" && repeatAt !== null && repeatAt <= now;
}

function sumOf(entries: readonly { account: Account; amount: number }[], account: Account): number {
  return entries.filter((entry) => entry.account === account).reduce((sum, { amount }) => sum + amount, 0);
}
