import type { ApprovalRow, CancelRow, LedgerTransaction, TransitionRow } from "../store.js";
import type { Queries, TextRow } from "./connection.js";
import { postgresAttempts } from "./postgres-attempts.js";
import { type DatabaseIdentity, postgresDatabase } from "./postgres-database.js";
import { postgresEvents } from "./postgres-events.js";
import { postgresInbox } from "./postgres-inbox.js";
import { postgresKeys } from "./postgres-keys.js";
import { postgresLinks } from "./postgres-links.js";
import { postgresReading, selectOrders } from "./postgres-reading.js";
import { postgresRequests } from "./postgres-requests.js";
import {
  approvalColumns,
  assignments,
  cancelColumns,
  columnList,
  insertion,
  readRow,
  transitionColumns,
} from "./rows.js";

export function postgresTransaction(
  schema: string,
  queries: Queries,
  databaseIdentity: DatabaseIdentity,
): LedgerTransaction {
  const { query } = queries;

  async function approval(text: string, values: readonly unknown[]): Promise<ApprovalRow | undefined> {
    return firstRow(await query(`${text} RETURNING ${columnList(approvalColumns)}`, values), (row) =>
      readRow<ApprovalRow>(approvalColumns, row),
    );
  }

  async function cancel(text: string, values: readonly unknown[]): Promise<CancelRow | undefined> {
    return firstRow(await query(`${text} RETURNING ${columnList(cancelColumns)}`, values), (row) =>
      readRow<CancelRow>(cancelColumns, row),
    );
  }

  return {
    ...postgresReading(schema, queries, databaseIdentity),
    links: postgresLinks(schema, queries),
    inbox: postgresInbox(schema, queries),
    attempts: postgresAttempts(schema, queries),
    requests: postgresRequests(schema, queries),
    keys: postgresKeys(schema, queries),
    database: postgresDatabase(schema, queries, databaseIdentity),
    events: postgresEvents(schema, queries),

    // Not FOR UPDATE: the foreign keys of lines written meanwhile must be able to look at the rows.
    lockOrder: (mid, orderId) => selectOrders(schema, query, mid, [orderId], "FOR NO KEY UPDATE"),

    async tidIsKnown(mid, tid) {
      return (
        (
          await query(
            `SELECT FROM ${schema}.approvals WHERE mid = $1 AND tid = $2
             UNION ALL SELECT FROM ${schema}.approvals WHERE mid = $1 AND auth_tid = $2`,
            [mid, tid],
          )
        ).length > 0
      );
    },

    async orderOfOid(mid, oid) {
      const [row] = await query(
        `SELECT order_id FROM ${schema}.approvals WHERE mid = $1 AND oid = $2 ORDER BY position DESC LIMIT 1`,
        [mid, oid],
      );
      return row?.order_id ?? undefined;
    },

    async cancelTidIsKnown(mid, cancelTid) {
      const rows = await query(`SELECT FROM ${schema}.cancels WHERE mid = $1 AND cancel_tid = $2`, [
        mid,
        cancelTid,
      ]);
      return rows.length > 0;
    },

    insertApproval(row) {
      const { sql, values } = insertion<ApprovalRow>(approvalColumns, row);
      return approval(`INSERT INTO ${schema}.approvals ${sql} ON CONFLICT DO NOTHING`, values);
    },

    moveApproval(id, from, change) {
      const { sql, values } = assignments<ApprovalRow>(approvalColumns, change, 3);
      return approval(`UPDATE ${schema}.approvals SET ${sql} WHERE id = $1 AND state = ANY($2)`, [
        id,
        from,
        ...values,
      ]);
    },

    async markContradicted(approvalId, at) {
      const rows = await query(
        `UPDATE ${schema}.approvals SET contradicted_at = $2 WHERE id = $1 AND contradicted_at IS NULL
         RETURNING id`,
        [approvalId, at],
      );
      return rows.length > 0;
    },

    holdForCancel: (approvalId, cancelId, amount) =>
      approval(
        `UPDATE ${schema}.approvals SET open_cancel = $2, held = $3
         WHERE id = $1 AND state = 'approved' AND contradicted_at IS NULL
           AND open_cancel IS NULL AND remaining >= $3`,
        [approvalId, cancelId, amount],
      ),

    holdForNetworkCancel: (approvalId, cancelId) =>
      approval(
        `UPDATE ${schema}.approvals SET open_cancel = $2
         WHERE id = $1 AND state = 'unknown' AND auth_tid IS NOT NULL AND contradicted_at IS NULL
           AND open_cancel IS NULL`,
        [approvalId, cancelId],
      ),

    async completeAccount(approvalId, { accountNumber, accountBank, accountHolder, accountDueAt }) {
      await query(
        `UPDATE ${schema}.approvals SET account_number = coalesce(account_number, $2),
           account_bank = coalesce(account_bank, $3), account_holder = coalesce(account_holder, $4),
           account_due_at = coalesce(account_due_at, $5)
         WHERE id = $1`,
        [approvalId, accountNumber, accountBank, accountHolder, accountDueAt],
      );
    },

    releaseHold: (approvalId, cancelId) =>
      approval(
        `UPDATE ${schema}.approvals SET open_cancel = NULL, held = 0 WHERE id = $1 AND open_cancel = $2`,
        [approvalId, cancelId],
      ),

    takeHold: (approvalId, cancelId) =>
      approval(
        `UPDATE ${schema}.approvals SET open_cancel = NULL, held = 0, remaining = remaining - held
         WHERE id = $1 AND open_cancel = $2`,
        [approvalId, cancelId],
      ),

    insertCancel(row) {
      const { sql, values } = insertion<CancelRow>(cancelColumns, row);
      return cancel(`INSERT INTO ${schema}.cancels ${sql} ON CONFLICT DO NOTHING`, values);
    },

    moveCancel(id, from, change) {
      const { sql, values } = assignments<CancelRow>(cancelColumns, change, 3);
      return cancel(`UPDATE ${schema}.cancels SET ${sql} WHERE id = $1 AND state = ANY($2)`, [
        id,
        from,
        ...values,
      ]);
    },

    claimRepeat: (id, { repeats, now, until }) =>
      cancel(
        `UPDATE ${schema}.cancels SET repeats = repeats + 1, repeat_at = $4
         WHERE id = $1 AND state = 'unknown' AND repeats = $2 AND repeat_at <= $3`,
        [id, repeats, now, until],
      ),

    async addTransition(row) {
      const { sql, values } = insertion<TransitionRow>(transitionColumns, row);
      await query(`INSERT INTO ${schema}.transitions ${sql}`, values);
    },

    async post({ id, at, mid, orderId, approvalId, cancelId, entries }) {
      await query(
        `INSERT INTO ${schema}.entries (posting, at, mid, order_id, approval_id, cancel_id, account, amount)
         SELECT $1, $2, $3, $4, $5, $6, entry.account, entry.amount
         FROM unnest($7::text[], $8::bigint[]) AS entry (account, amount)`,
        [
          id,
          at,
          mid,
          orderId,
          approvalId,
          cancelId,
          entries.map(({ account }) => account),
          entries.map(({ amount }) => amount),
        ],
      );
    },
  };
}

function firstRow<T>(rows: readonly TextRow[], read: (row: TextRow) => T): T | undefined {
  const [row] = rows;
  return row && read(row);
}
