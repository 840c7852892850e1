import type { CallOutcome, OrderPayment, OrderStatus } from "@payapi/core";
import { checkLimit } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import { accountDueAt, madeBefore, madeSince } from "../domain/deadlines.js";
import { given, speakingAttempt, viewOrder } from "../domain/order-status.js";
import type { ApprovalRow, CancelRow, OrderRows, TransitionRow } from "../domain/rows.js";
import { LedgerError } from "../errors.js";
import type { Balance, ListedPayment, ListOptions, TimelineLine, UnknownCall } from "../public-types.js";
import type { AttemptGroup, OrderPosition } from "../store/port.js";

export function findOrder(context: LedgerContext, orderId: string): Promise<OrderPayment | undefined> {
  return context.store.read(async (tx) => viewOrder(orderId, await tx.ordersRows(context.mid, [orderId])));
}

/** Where orders in each state are to be found. Which state an order is in follows from all its rows, in one place. */
const groupOf = {
  "in-progress": "open",
  unknown: "open",
  "needs-attention": "open",
  paid: "full",
  "partially-cancelled": "reduced",
  cancelled: "returned",
  declined: "declined",
  "not-sent": "not_sent",
  "network-cancelled": "net_cancelled",
  "awaiting-deposit": "awaiting_deposit",
} as const satisfies Record<OrderStatus, AttemptGroup>;

export async function listPayments(
  context: LedgerContext,
  options: ListOptions = {},
): Promise<readonly ListedPayment[]> {
  const { limit = 50, status } = options;
  checkLimit(limit);
  return context.store.read(async (tx) => {
    const found: ListedPayment[] = [];
    let from = options.before;
    const among = status && groupOf[status];
    while (found.length < limit) {
      const page = await tx.newestOrders(context.mid, {
        limit,
        ...(from === undefined ? {} : { before: from }),
        ...(among === undefined ? {} : { among }),
      });
      const rows = await tx.ordersRows(
        context.mid,
        page.map(({ orderId }) => orderId),
      );
      const byOrder = groupByOrder(rows);
      found.push(
        ...page
          .map((place) => listed(place, byOrder.get(place.orderId)))
          .filter((payment) => payment !== undefined)
          .filter((payment) => status === undefined || payment.status === status),
      );
      from = page.at(-1)?.position;
      if (page.length < limit) break;
    }
    return found.slice(0, limit);
  });
}

function listed({ orderId, position }: OrderPosition, rows?: OrderRows): ListedPayment | undefined {
  const payment = rows && viewOrder(orderId, rows);
  const attempt = rows && speakingAttempt(rows.approvals);
  if (payment === undefined || attempt === undefined) return undefined;
  const { oid, payType, createdAt } = attempt;
  return { ...payment, position, oid, payType, createdAt, attempts: rows?.approvals.length ?? 0 };
}

export function timeline(context: LedgerContext, orderId: string): Promise<readonly TimelineLine[]> {
  return context.store.read(async (tx) => (await tx.transitions(context.mid, orderId)).map(lineOf));
}

function lineOf(row: TransitionRow): TimelineLine {
  return {
    at: row.at,
    what: row.what,
    callId: row.cancelId ?? row.approvalId,
    to: row.to,
    ...given({
      from: row.from,
      actor: row.actor,
      evidence: row.evidence,
      outcome: row.outcome as CallOutcome["outcome"] | null,
      price: row.price,
      tid: row.tid,
      failureCode: row.failureCode,
      resultCode: row.resultCode,
      resultMessage: row.resultMessage,
    }),
  };
}

export function unknowns(context: LedgerContext): Promise<readonly UnknownCall[]> {
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const orderIds = await tx.unsettledOrders(context.mid, now);
    const rows = await tx.ordersRows(context.mid, orderIds);
    return [...groupByOrder(rows)]
      .flatMap(([orderId, order]) => unknownCalls(orderId, order, now))
      .sort((a, b) => a.since.getTime() - b.since.getTime());
  });
}

function unknownCalls(orderId: string, rows: OrderRows, now: Date): UnknownCall[] {
  const order = viewOrder(orderId, rows);
  if (order === undefined) return [];
  const approvals = rows.approvals.filter((row) => isUnsettled(row, now) || row.contradictedAt !== null);
  const cancels = rows.cancels.filter((row) => isUnsettled(row, now));
  return [
    ...approvals.map((row) => ({
      orderId,
      kind: "approval" as const,
      state: row.state,
      contradicted: row.contradictedAt !== null || row.state === "conflict",
      since: row.contradictedAt ?? row.sendingAt ?? row.createdAt,
      oid: row.oid,
      price: row.price,
      ...given({ tid: row.tid ?? row.authTid }),
      order,
    })),
    ...cancels.flatMap((row) => {
      const payment = rows.approvals.find(({ id }) => id === row.approvalId);
      return payment === undefined ? [] : [unknownCancel(row, payment, order)];
    }),
  ];
}

function unknownCancel(row: CancelRow, payment: ApprovalRow, order: OrderPayment): UnknownCall {
  return {
    orderId: payment.orderId,
    kind: "cancel",
    state: row.state,
    contradicted: row.state === "drift",
    since: row.sendingAt ?? row.createdAt,
    oid: payment.oid,
    price: row.cancelPrice,
    ...given({ tid: row.network ? payment.authTid : payment.tid }),
    order,
  };
}

const unsettled: readonly string[] = ["unknown", "approved_mismatch", "approved_no_tid", "conflict", "drift"];

/** A call past its deadline is as unknown as it will be once `recover()` has said so. */
function isUnsettled(row: Pick<ApprovalRow | CancelRow, "state" | "deadlineAt">, now: Date): boolean {
  if (row.state === "sending") return row.deadlineAt !== null && row.deadlineAt < now;
  return unsettled.includes(row.state);
}

export function balance(context: LedgerContext, orderId: string): Promise<Balance> {
  return context.store.read(async (tx) => {
    const sums = await tx.balance(context.mid, orderId);
    // The counterparts of what the gateway took are negative in the books; nobody wants to read them that way.
    return {
      gateway: sums.get("gateway") ?? 0,
      paid: 0 - (sums.get("paid") ?? 0),
      unexplained: 0 - (sums.get("unexplained") ?? 0),
    };
  });
}

export function groupByOrder(rows: OrderRows): Map<string, OrderRows> {
  const cancels = groupBy(rows.cancels, (row) => row.approvalId);
  return new Map(
    [...groupBy(rows.approvals, (row) => row.orderId)].map(([orderId, approvals]) => [
      orderId,
      { approvals, cancels: approvals.flatMap((row) => cancels.get(row.id) ?? []) },
    ]),
  );
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/**
 * A virtual account that was to be paid by now. Mostly the buyer did not; but a deposit is only told for about a day, and
 * whoever could not be reached that long has missed it.
 */
export interface OverdueAccount {
  readonly orderId: string;
  /** What to search the gateway's console for. */
  readonly oid: string;
  readonly tid: string;
  /** Won it waits for. */
  readonly price: number;
  /** Where the gateway told no time: the end of the tenth day after it was made, in Korea. */
  readonly dueAt: Date;
  readonly order: OrderPayment;
}

export interface OverdueOptions {
  /**
   * Only accounts that were due at this time or later: one whose deposit was never notified is among them for ever, and so is every
   * one that no buyer ever paid.
   */
  readonly dueSince?: Date;
}

const everything = new Date(0);

/** The longest due first. Orders that were paid otherwise meanwhile are not among them. */
export async function overdueAccounts(
  context: LedgerContext,
  { dueSince = everything }: OverdueOptions = {},
): Promise<readonly OverdueAccount[]> {
  if (!Number.isFinite(dueSince.getTime())) {
    throw new LedgerError("invalid-argument", "dueSince must be a moment");
  }
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const limits = {
      dueSince,
      dueBefore: now,
      madeSince: madeSince(dueSince),
      madeBefore: madeBefore(now),
    };
    const rows = await tx.ordersRows(context.mid, await tx.overdueOrders(context.mid, limits));
    return [...groupByOrder(rows)]
      .flatMap(([orderId, of]) => {
        const order = viewOrder(orderId, of);
        const speaks = speakingAttempt(of.approvals);
        if (order === undefined || speaks?.state !== "awaiting_deposit") return [];
        return of.approvals.flatMap((row) => {
          const { state, oid, authTid, price } = row;
          const dueAt = accountDueAt(row);
          return state === "awaiting_deposit" && authTid !== null && dueAt >= dueSince && dueAt < now
            ? [{ orderId, oid, tid: authTid, price, dueAt, order }]
            : [];
        });
      })
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  });
}
