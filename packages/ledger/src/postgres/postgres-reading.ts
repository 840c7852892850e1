import type {
  Account,
  ApprovalRow,
  AttemptGroup,
  CancelRow,
  LedgerReading,
  OrderRows,
  StaleCall,
  TransitionRow,
} from "../store.js";
import type { Queries } from "./connection.js";
import { type DatabaseIdentity, postgresDatabaseReading } from "./postgres-database.js";
import { postgresEventReading } from "./postgres-event-reading.js";
import { postgresInboxReading } from "./postgres-inbox.js";
import { postgresKeyReading } from "./postgres-keys.js";
import { postgresLinkReading } from "./postgres-links.js";
import { approvalColumns, cancelColumns, columnList, readRow, readWhole, transitionColumns } from "./rows.js";

/** Each in the words of the index that finds it. */
const groups: Record<AttemptGroup, string> = {
  open: `(contradicted_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit'))`,
  full: "state = 'approved' AND remaining = price",
  reduced: "state = 'approved' AND remaining < price",
  declined: "state = 'declined'",
  not_sent: "state IN ('not_sent', 'settled_not_moved')",
  net_cancelled: "state = 'net_cancelled'",
  awaiting_deposit: "state = 'awaiting_deposit'",
};

export function postgresReading(
  schema: string,
  queries: Queries,
  databaseIdentity: DatabaseIdentity,
): LedgerReading {
  const { startedAt, query } = queries;
  return {
    startedAt,
    links: postgresLinkReading(schema, queries),
    inbox: postgresInboxReading(schema, queries),
    keys: postgresKeyReading(schema, queries),
    database: postgresDatabaseReading(schema, queries, databaseIdentity),
    events: postgresEventReading(schema, queries),
    ordersRows: (mid, orderIds) => selectOrders(schema, query, mid, orderIds),

    async newestOrders(mid, { limit, before, among }) {
      const group =
        among === undefined
          ? ""
          : `AND a.order_id IN (SELECT order_id FROM ${schema}.approvals WHERE mid = $1 AND ${groups[among]})`;
      const rows = await query(
        `SELECT order_id, position FROM ${schema}.approvals AS a
         WHERE mid = $1 AND position < $2 ${group} AND NOT EXISTS (
           SELECT FROM ${schema}.approvals AS newer
           WHERE newer.mid = a.mid AND newer.order_id = a.order_id AND newer.attempt_no > a.attempt_no)
         ORDER BY position DESC LIMIT $3`,
        [mid, before ?? Number.MAX_SAFE_INTEGER, limit],
      );
      return rows.map((row) => ({ orderId: row.order_id ?? "", position: readWhole(row.position) }));
    },

    async staleCalls(mid, { reservedBefore, deadlineBefore, limit }) {
      const stale = `((c.state = 'reserved' AND c.created_at < $2) OR (c.state = 'sending' AND c.deadline_at < $3))`;
      const rows = await query(
        `(SELECT 'approval' AS kind, c.id, c.order_id, c.state FROM ${schema}.approvals AS c
          WHERE c.mid = $1 AND ${stale} LIMIT $4)
         UNION ALL
         (SELECT 'cancel', c.id, a.order_id, c.state FROM ${schema}.cancels AS c
          JOIN ${schema}.approvals AS a ON a.id = c.approval_id WHERE c.mid = $1 AND ${stale} LIMIT $4)
         LIMIT $4`,
        [mid, reservedBefore, deadlineBefore, limit],
      );
      return rows.map(
        (row) => ({ kind: row.kind, id: row.id, orderId: row.order_id, state: row.state }) as StaleCall,
      );
    },

    async dueRepeats(mid, now, limit) {
      const rows = await query(
        `SELECT c.id, a.order_id FROM ${schema}.cancels AS c JOIN ${schema}.approvals AS a ON a.id = c.approval_id
         WHERE c.mid = $1 AND c.state = 'unknown' AND c.repeat_at <= $2 ORDER BY c.repeat_at LIMIT $3`,
        [mid, now, limit],
      );
      return rows.map((row) => ({ id: row.id ?? "", orderId: row.order_id ?? "" }));
    },

    async overdueOrders(mid, dueBefore) {
      const rows = await query(
        `SELECT DISTINCT order_id FROM ${schema}.approvals
         WHERE mid = $1 AND state = 'awaiting_deposit' AND account_due_at < $2`,
        [mid, dueBefore],
      );
      return rows.map((row) => row.order_id ?? "");
    },

    async unsettledOrders(mid, deadlineBefore) {
      const late = "c.state = 'sending' AND c.deadline_at < $2";
      const rows = await query(
        `SELECT c.order_id FROM ${schema}.approvals AS c
         WHERE c.mid = $1 AND (c.contradicted_at IS NOT NULL OR (${late})
           OR c.state IN ('unknown', 'approved_mismatch', 'approved_no_tid', 'conflict'))
         UNION
         SELECT a.order_id FROM ${schema}.cancels AS c JOIN ${schema}.approvals AS a ON a.id = c.approval_id
         WHERE c.mid = $1 AND ((${late}) OR c.state IN ('unknown', 'drift'))`,
        [mid, deadlineBefore],
      );
      return rows.map((row) => row.order_id ?? "");
    },

    async transitions(mid, orderId) {
      const rows = await query(
        `SELECT ${columnList(transitionColumns)} FROM ${schema}.transitions
         WHERE mid = $1 AND order_id = $2 ORDER BY id`,
        [mid, orderId],
      );
      return rows.map((row) => readRow<TransitionRow>(transitionColumns, row));
    },

    async balance(mid, orderId) {
      const rows = await query(
        `SELECT account, sum(amount) AS amount FROM ${schema}.entries
         WHERE mid = $1 AND order_id = $2 GROUP BY account`,
        [mid, orderId],
      );
      return new Map(rows.map((row) => [row.account as Account, readWhole(row.amount)]));
    },
  };
}

/** With `lock`, the rows stay as they are until the transaction ends; always attempts first, then cancels. */
export async function selectOrders(
  schema: string,
  query: Queries["query"],
  mid: string,
  orderIds: readonly string[],
  lock = "",
): Promise<OrderRows> {
  const approvals = await query(
    `SELECT ${columnList(approvalColumns)} FROM ${schema}.approvals
     WHERE mid = $1 AND order_id = ANY($2) ORDER BY order_id, attempt_no ${lock}`,
    [mid, orderIds],
  );
  const ids = approvals.map((row) => row.id);
  const cancels =
    ids.length === 0
      ? []
      : await query(
          `SELECT ${columnList(cancelColumns)} FROM ${schema}.cancels
           WHERE approval_id = ANY($1) ORDER BY approval_id, seq ${lock}`,
          [ids],
        );
  return {
    approvals: approvals.map((row) => readRow<ApprovalRow>(approvalColumns, row)),
    cancels: cancels.map((row) => readRow<CancelRow>(cancelColumns, row)),
  };
}
