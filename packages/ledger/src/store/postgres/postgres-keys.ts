import { LedgerError } from "../../errors.js";
import type { KeyReading, KeyRow, KeyRows, KeyTransition } from "../key-rows.js";
import {
  assignments,
  type Columns,
  columnList,
  dueIn,
  dueValues,
  insertion,
  readPlace,
  readRow,
  readWhole,
} from "./columns.js";
import { milliseconds, type Queries } from "./connection.js";

const keyColumns: Columns<KeyRow> = {
  id: ["id", "text"],
  position: ["position", "whole"],
  mid: ["mid", "text"],
  keyId: ["key_id", "text"],
  customerId: ["customer_id", "text"],
  kind: ["kind", "text"],
  state: ["state", "text"],
  encryptedKey: ["encrypted_key", "text"],
  replaces: ["replaces", "text"],
  resultCode: ["result_code", "text"],
  resultMessage: ["result_message", "text"],
  failureCode: ["failure_code", "text"],
  settledBy: ["settled_by", "text"],
  createdAt: ["created_at", "time"],
  sendingAt: ["sending_at", "time"],
  deadlineAt: ["deadline_at", "time"],
  settledAt: ["settled_at", "time"],
  issuedAt: ["issued_at", "time"],
  deletionEndsAt: ["deletion_ends_at", "time"],
  deleteAt: ["delete_at", "time"],
};

const transitionColumns: Columns<KeyTransition> = {
  at: ["at", "time"],
  mid: ["mid", "text"],
  keyId: ["key_id", "text"],
  rowId: ["row_id", "text"],
  from: ["from_state", "text"],
  to: ["to_state", "text"],
  outcome: ["outcome", "text"],
  failureCode: ["failure_code", "text"],
  resultCode: ["result_code", "text"],
  resultMessage: ["result_message", "text"],
  actor: ["actor", "text"],
  evidence: ["evidence", "text"],
};

export function postgresKeyReading(schema: string, { query }: Queries): KeyReading {
  const select = selection(schema, query);
  return {
    rowsOfKey: (mid, keyId) => select("mid = $1 AND key_id = $2 ORDER BY position", [mid, keyId]),
    rowsOfCustomer: (mid, customerId) =>
      select("mid = $1 AND customer_id = $2 ORDER BY position", [mid, customerId]),

    async findRow(mid, rowId) {
      // Checked here, since PostgreSQL fails on text that is not a UUID.
      const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(rowId);
      return isId ? (await select("mid = $1 AND id = $2", [mid, rowId]))[0] : undefined;
    },

    staleIssues: (mid, { reservedBefore, deadlineBefore, limit, after }) =>
      select(
        `mid = $1 AND ((state = 'reserved' AND created_at < $2) OR (state = 'sending' AND deadline_at < $3))
           AND ($5::uuid IS NULL OR id > $5)
         ORDER BY id LIMIT $4`,
        [mid, reservedBefore, deadlineBefore, limit, after ?? null],
      ),

    async dueDeletions(mid, page) {
      const rows = await query(
        `SELECT k.id, ${milliseconds("k.delete_at")} AS at FROM ${schema}.billing_keys AS k
         WHERE k.mid = $1 AND k.state = 'deleting' AND ${dueIn("k.delete_at", "k.id")}`,
        [mid, ...dueValues(page)],
      );
      return rows.map(readPlace);
    },

    async countDueDeletions(mid, now) {
      const [row] = await query(
        `SELECT count(*) AS count FROM ${schema}.billing_keys
         WHERE mid = $1 AND state = 'deleting' AND delete_at <= $2`,
        [mid, now],
      );
      return readWhole(row?.count);
    },

    orphans: (mid, { now, limit, before, state }) =>
      select(
        `mid = $1 AND state IN ('unknown', 'sending', 'deleting')
           AND (state <> 'sending' OR deadline_at < $2)
           AND (state <> 'deleting' OR deletion_ends_at IS NULL OR deletion_ends_at <= $2)
           AND ($3::bigint IS NULL OR position < $3) AND ($4::text IS NULL OR (state = 'deleting') = ($4 = 'deleting'))
         ORDER BY position DESC LIMIT $5`,
        [mid, now, before ?? null, state ?? null, limit ?? null],
      ),

    encryptedOtherwise: (mid, prefix, { after, limit }) =>
      select(
        `mid = $1 AND encrypted_key IS NOT NULL AND NOT starts_with(encrypted_key, $2) AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id LIMIT $4`,
        [mid, prefix, after ?? null, limit],
      ),

    async countEncrypted(mid) {
      const rows = await query(
        `SELECT split_part(encrypted_key, ':', 1) AS fingerprint, count(*) AS keys FROM ${schema}.billing_keys
         WHERE mid = $1 AND encrypted_key IS NOT NULL GROUP BY 1 ORDER BY 1`,
        [mid],
      );
      return rows.map(({ fingerprint, keys }) => ({
        fingerprint: String(fingerprint),
        keys: readWhole(keys),
      }));
    },

    async keyTransitions(mid, keyId) {
      const rows = await query(
        `SELECT ${columnList(transitionColumns)} FROM ${schema}.billing_key_transitions
         WHERE mid = $1 AND key_id = $2 ORDER BY id`,
        [mid, keyId],
      );
      return rows.map((row) => readRow(transitionColumns, row));
    },
  };
}

export function postgresKeys(schema: string, queries: Queries): KeyRows {
  const { query } = queries;
  const table = `${schema}.billing_keys`;
  const select = selection(schema, query);
  const reading = postgresKeyReading(schema, queries);

  return {
    ...reading,

    // Not FOR UPDATE, which would block the foreign key checks of transitions written meanwhile.
    async lockKey(mid, keyId) {
      await select("mid = $1 AND key_id = $2 ORDER BY position FOR NO KEY UPDATE", [mid, keyId]);
      // Read again: a row that was inserted while this waited for the lock is missing from the first result.
      return reading.rowsOfKey(mid, keyId);
    },

    async lockCustomer(mid, customerId) {
      await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
        JSON.stringify(["payapi billing keys", schema, mid, customerId]),
      ]);
      return select("mid = $1 AND customer_id = $2 ORDER BY position", [mid, customerId]);
    },

    async insertKey(row) {
      const { sql, values } = insertion<KeyRow>(keyColumns, row);
      const [inserted] = await query(
        `INSERT INTO ${table} ${sql} RETURNING ${columnList(keyColumns)}`,
        values,
      );
      if (inserted === undefined)
        throw new LedgerError("broken-rule", "INSERT INTO billing_keys returned no row");
      return readRow(keyColumns, inserted);
    },

    async moveKey(rowId, from, change) {
      const { sql, values } = assignments<KeyRow>(keyColumns, change, 3);
      const [row] = await query(
        `UPDATE ${table} SET ${sql} WHERE id = $1 AND state = ANY($2) RETURNING ${columnList(keyColumns)}`,
        [rowId, from, ...values],
      );
      return row && readRow(keyColumns, row);
    },

    async reencrypt(rowId, from, to) {
      const rows = await query(
        `UPDATE ${table} SET encrypted_key = $3 WHERE id = $1 AND encrypted_key = $2 RETURNING id`,
        [rowId, from, to],
      );
      return rows.length > 0;
    },

    async addKeyTransition(line) {
      const { sql, values } = insertion<KeyTransition>(transitionColumns, line);
      await query(`INSERT INTO ${schema}.billing_key_transitions ${sql}`, values);
    },
  };
}

function selection(schema: string, query: Queries["query"]) {
  return async (where: string, values: readonly unknown[]): Promise<KeyRow[]> => {
    const rows = await query(
      `SELECT ${columnList(keyColumns)} FROM ${schema}.billing_keys WHERE ${where}`,
      values,
    );
    return rows.map((row) => readRow(keyColumns, row));
  };
}
