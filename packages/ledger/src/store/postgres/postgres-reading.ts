import type { NotificationRow } from "../../domain/notification-rows.js";
import type { ApprovalRow, CancelRow, LedgerAccount, TransitionRow } from "../../domain/rows.js";
import type {
  AttemptGroup,
  DueKind,
  LedgerReading,
  ListedOrder,
  NotificationQuestion,
  OrderQuestion,
  StaleCall,
} from "../port.js";
import {
  approvalColumns,
  cancelColumns,
  columnList,
  dueIn,
  dueValues,
  notificationColumns,
  readPlace,
  readRow,
  readWhole,
  transitionColumns,
  uuidOrNull,
} from "./columns.js";
import { milliseconds, type Queries } from "./connection.js";
import { postgresEventReading } from "./postgres-event-reading.js";
import { postgresKeyLists } from "./postgres-keys.js";

/** The condition of each group, written like the predicate of the partial index that serves it. */
const groups: Record<AttemptGroup, string> = {
  open: `(mismatch_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit'))`,
  full: "state = 'approved' AND remaining = price",
  reduced: "state = 'approved' AND remaining < price AND remaining > 0",
  returned: "state = 'approved' AND remaining < price AND remaining = 0",
  declined: "state = 'declined'",
  not_sent: "state IN ('not_sent', 'settled_not_moved')",
  net_cancelled: "state = 'net_cancelled'",
  awaiting_deposit: "state = 'awaiting_deposit'",
};

/** Where the calls of each kind are, written like the predicate of the partial index that serves it. */
const due: Record<DueKind, Record<"table" | "of" | "at" | "condition", string>> = {
  repeat: { table: "cancels", of: "order_id", at: "repeat_at", condition: "c.state = 'unknown'" },
  "net-cancel": {
    table: "approvals",
    of: "order_id",
    at: "net_cancel_at",
    condition: "c.state = 'unknown' AND c.open_cancel IS NULL AND c.mismatch_at IS NULL",
  },
  deletion: { table: "billing_keys", of: "key_id", at: "delete_at", condition: "c.state = 'deleting'" },
};

/** Groups with few orders. PostgreSQL estimates many, and would scan all orders for the newest of them. */
const rare: readonly AttemptGroup[] = ["open", "reduced", "net_cancelled"];

/** As SQL: the orders with an attempt in the group. */
function inGroup(schema: string, among: AttemptGroup | undefined): string {
  if (among === undefined) return "";
  const found = `SELECT order_id FROM ${schema}.approvals WHERE mid = $1 AND ${groups[among]}`;
  return rare.includes(among) ? `AND a.order_id = ANY(ARRAY(${found}))` : `AND a.order_id IN (${found})`;
}

export function postgresReading(schema: string, queries: Queries): LedgerReading {
  const { startedAt, query } = queries;
  return {
    now: startedAt,
    ...postgresKeyLists(schema, queries),
    ...postgresEventReading(schema, queries),
    orders: async (mid, question) => listOrders(schema, query, mid, orderIdsOf(schema, mid, question)),

    async staleCalls(mid, { reservedBefore, deadlineBefore, limit, after }) {
      // The first condition is the predicate of the partial indexes.
      const stale = (kind: string, table: string, of: string) =>
        `(SELECT '${kind}' AS kind, c.id, c.${of} AS of, c.state, ${milliseconds("c.created_at")} AS created_at
          FROM ${schema}.${table} AS c
          WHERE c.mid = $1 AND c.state IN ('reserved', 'sending')
            AND ((c.state = 'reserved' AND c.created_at < $2) OR (c.state = 'sending' AND c.deadline_at < $3))
            AND ($5::uuid IS NULL OR c.id > $5) ORDER BY c.id LIMIT $4)`;
      const rows = await query(
        `${stale("approval", "approvals", "order_id")} UNION ALL ${stale("cancel", "cancels", "order_id")}
         UNION ALL ${stale("key", "billing_keys", "key_id")} ORDER BY id LIMIT $4`,
        [mid, reservedBefore, deadlineBefore, limit, after ?? null],
      );
      return rows.map(({ kind, id, of, state, created_at }) => {
        const createdAt = new Date(readWhole(created_at));
        return { kind, id, of, state, createdAt } as StaleCall;
      });
    },

    async dueCalls(mid, kind, page) {
      const { table, of, at, condition } = due[kind];
      const rows = await query(
        `SELECT c.id, c.${of} AS of, ${milliseconds(`c.${at}`)} AS at FROM ${schema}.${table} AS c
         WHERE c.mid = $1 AND ${condition} AND ${dueIn(`c.${at}`, "c.id")}`,
        [mid, ...dueValues(page)],
      );
      return rows.map((row) => ({ ...readPlace(row), of: row.of ?? "" }));
    },

    async transitions(mid, orderId) {
      const rows = await query(
        `SELECT ${columnList(transitionColumns)} FROM ${schema}.transitions
         WHERE mid = $1 AND order_id = $2 ORDER BY id`,
        [mid, orderId],
      );
      return rows.map((row) => readRow<TransitionRow>(transitionColumns, row));
    },

    async notifications(mid, question) {
      const [condition, values] = notificationsOf(question);
      const rows = await query(
        `SELECT ${columnList(notificationColumns)} FROM ${schema}.notifications WHERE mid = $1 AND ${condition}`,
        [mid, ...values],
      );
      return rows.map((row) => readRow<NotificationRow>(notificationColumns, row));
    },

    async balance(mid, orderId) {
      const rows = await query(
        `SELECT account, sum(amount) AS amount FROM ${schema}.entries
         WHERE mid = $1 AND order_id = $2 GROUP BY account`,
        [mid, orderId],
      );
      return new Map(rows.map((row) => [row.account as LedgerAccount, readWhole(row.amount)]));
    },
  };
}

/** As SQL: the ids of the orders that a question asks for, as `order_id`. */
function orderIdsOf(schema: string, mid: string, question: OrderQuestion): [text: string, values: unknown[]] {
  if ("newest" in question) {
    const { limit, before, among } = question.newest;
    const text = `SELECT order_id FROM ${schema}.approvals AS a
      WHERE mid = $1 AND position < $2 ${inGroup(schema, among)} AND NOT EXISTS (
        SELECT FROM ${schema}.approvals AS newer
        WHERE newer.mid = a.mid AND newer.order_id = a.order_id AND newer.attempt_no > a.attempt_no)
      ORDER BY position DESC LIMIT $3`;
    return [text, [mid, before ?? Number.MAX_SAFE_INTEGER, limit]];
  }
  if ("overdue" in question) {
    const { dueSince, dueBefore, madeSince, madeBefore } = question.overdue;
    const text = `SELECT DISTINCT order_id FROM ${schema}.approvals
      WHERE mid = $1 AND state = 'awaiting_deposit'
        AND ((account_due_at >= $2 AND account_due_at < $3)
          OR (account_due_at IS NULL AND created_at >= $4 AND created_at < $5))`;
    return [text, [mid, dueSince, dueBefore, madeSince, madeBefore]];
  }
  const late = "c.state = 'sending' AND c.deadline_at < $2";
  const isOpen = `NOT EXISTS (SELECT FROM ${schema}.orders AS o
    WHERE o.mid = $1 AND o.order_id = c.order_id AND o.reviewed)`;
  const text = `SELECT c.order_id FROM ${schema}.approvals AS c
    WHERE c.mid = $1 AND ((${late}) OR c.state = 'unknown'
      OR ((c.mismatch_at IS NOT NULL OR c.state IN ('approved_mismatch', 'approved_no_tid', 'mismatch'))
        AND ${isOpen}))
    UNION
    SELECT c.order_id FROM ${schema}.cancels AS c
    WHERE c.mid = $1 AND ((${late}) OR c.state = 'unknown' OR (c.state = 'mismatch' AND ${isOpen}))`;
  return [text, [mid, question.unsettled.deadlineBefore]];
}

async function listOrders(
  schema: string,
  query: Queries["query"],
  mid: string,
  [text, values]: [text: string, values: unknown[]],
): Promise<ListedOrder[]> {
  const orderIds = (await query(text, values)).map((row) => row.order_id);
  if (orderIds.length === 0) return [];
  const approvals = await query(
    `SELECT ${columnList(approvalColumns)}, position FROM ${schema}.approvals
     WHERE mid = $1 AND order_id = ANY($2) ORDER BY order_id, attempt_no`,
    [mid, orderIds],
  );
  const cancels = await query(
    `SELECT ${columnList(cancelColumns)} FROM ${schema}.cancels
     WHERE approval_id = ANY($1) ORDER BY approval_id, seq`,
    [approvals.map((row) => row.id)],
  );
  const cancelsOf = groupBy(
    cancels.map((row) => readRow<CancelRow>(cancelColumns, row)),
    ({ approvalId }) => approvalId,
  );
  return [...groupBy(approvals, (row) => row.order_id ?? "")]
    .map(([orderId, rows]) => {
      const attempts = rows.map((row) => readRow<ApprovalRow>(approvalColumns, row));
      return {
        orderId,
        position: Math.max(...rows.map((row) => readWhole(row.position))),
        approvals: attempts,
        cancels: attempts.flatMap(({ id }) => cancelsOf.get(id) ?? []),
      };
    })
    .sort((a, b) => b.position - a.position);
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

/** As SQL: a condition, the order and the limit, with their values from `$2` on. */
function notificationsOf(question: NotificationQuestion): [condition: string, values: unknown[]] {
  if ("id" in question) return ["id = $2::uuid", [uuidOrNull(question.id)]];
  const { limit, before = Number.MAX_SAFE_INTEGER, effect } = question.newest;
  const ofEffect = effect === undefined ? "" : "AND effect = $4";
  return [
    `position < $2 ${ofEffect} ORDER BY position DESC LIMIT $3`,
    [before, limit, ...(effect === undefined ? [] : [effect])],
  ];
}
