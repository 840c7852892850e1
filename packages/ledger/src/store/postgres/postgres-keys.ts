import type { Pool } from "pg";
import type { KeyRow, KeyTransition } from "../../domain/billing-key.js";
import type { KeyListQuestion, KeyQuestion, LedgerReading, LedgerStore } from "../port.js";
import { arrayOf, type Columns, columnList, readArray, readRow, readWhole, uuidOrNull } from "./columns.js";
import { milliseconds, type Queries, runAlone } from "./connection.js";
import { comparison, type DatabaseIdentity, explainRefused, readComparison } from "./postgres-database.js";

export const keyColumns: Columns<KeyRow> = {
  id: ["id", "id"],
  mid: ["mid", "text"],
  keyId: ["key_id", "text"],
  customerId: ["customer_id", "text"],
  kind: ["kind", "text"],
  state: ["state", "text"],
  encryptedKey: ["encrypted_key", "text"],
  replaces: ["replaces", "id"],
  importNo: ["import_no", "whole"],
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
  deletions: ["deletions", "whole"],
  unsentDeletions: ["unsent_deletions", "whole"],
};

export const keyTransitionColumns: Columns<KeyTransition> = {
  at: ["at", "time"],
  mid: ["mid", "text"],
  keyId: ["key_id", "text"],
  rowId: ["row_id", "id"],
  from: ["from_state", "text"],
  to: ["to_state", "text"],
  outcome: ["outcome", "text"],
  failureCode: ["failure_code", "text"],
  resultCode: ["result_code", "text"],
  resultMessage: ["result_message", "text"],
  actor: ["actor", "text"],
  evidence: ["evidence", "text"],
};

/** Loads a billing key with one statement. */
export function postgresKeys(
  pool: Pool,
  schema: string,
  identity: DatabaseIdentity,
): Pick<LedgerStore, "loadKey"> {
  return {
    async loadKey(mid, question, { comparesDatabase = false } = {}) {
      const [condition, value] = conditionOf(schema, question);
      const [compared, from] = comparesDatabase
        ? ["d.*,", `FROM (${comparison(schema, identity)}) AS d`]
        : ["", ""];
      const rows = `${schema}.billing_keys AS r WHERE r.mid = $1 AND ${condition}`;
      const text = `SELECT ${compared} ${milliseconds("clock_timestamp()")} AS now,
        (SELECT json_agg(${arrayOf(keyColumns, "r")} ORDER BY r.position) FROM ${rows}) AS rows,
        (SELECT v.version FROM ${schema}.key_versions AS v
         WHERE v.mid = $1 AND v.key_id = (SELECT r.key_id FROM ${rows} LIMIT 1)) AS version ${from}`;
      const loading = runAlone(pool, { text, values: [mid, value], readsOnly: true });
      const row = await (comparesDatabase ? loading.catch(explainRefused) : loading);
      const all: unknown[][] = JSON.parse(row?.rows ?? "[]");
      return {
        rows: all.map((each) => readArray<KeyRow>(keyColumns, each)),
        version: "customerId" in question ? 0 : Number(row?.version ?? 0),
        now: new Date(Number(row?.now)),
        database: comparesDatabase ? readComparison(row) : undefined,
      };
    },
  };
}

function conditionOf(schema: string, question: KeyQuestion): [condition: string, value: string | null] {
  if ("keyId" in question) return ["r.key_id = $2", question.keyId];
  if ("customerId" in question) return ["r.customer_id = $2", question.customerId];
  const ofRow = `r.key_id = (SELECT key_id FROM ${schema}.billing_keys WHERE mid = $1 AND id = $2::uuid)`;
  return [ofRow, uuidOrNull(question.rowId)];
}

type KeyLists = Pick<LedgerReading, "keys" | "countEncrypted" | "keyTransitions">;

export function postgresKeyLists(schema: string, { query }: Queries): KeyLists {
  const table = `${schema}.billing_keys`;
  return {
    async keys(mid, question) {
      const [condition, values] = listed(question);
      const rows = await query(
        `SELECT ${columnList(keyColumns)}, position FROM ${table} WHERE mid = $1 AND ${condition}`,
        [mid, ...values],
      );
      return rows.map((row) => ({
        ...readRow<KeyRow>(keyColumns, row),
        position: readWhole(row.position),
      }));
    },

    async countEncrypted(mid) {
      const rows = await query(
        `SELECT split_part(encrypted_key, ':', 1) AS fingerprint, count(*) AS keys FROM ${table}
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
        `SELECT ${columnList(keyTransitionColumns)} FROM ${schema}.billing_key_transitions
         WHERE mid = $1 AND key_id = $2 ORDER BY id`,
        [mid, keyId],
      );
      return rows.map((row) => readRow<KeyTransition>(keyTransitionColumns, row));
    },
  };
}

/** As SQL: a condition, the order and the limit, with their values from `$2` on. */
function listed(question: KeyListQuestion): [condition: string, values: unknown[]] {
  if ("orphans" in question) {
    const { now, limit, before, state } = question.orphans;
    const condition = `state IN ('unknown', 'sending', 'deleting')
      AND (state <> 'sending' OR deadline_at < $2)
      AND (state <> 'deleting' OR deletion_ends_at IS NULL OR deletion_ends_at <= $2)
      AND ($3::bigint IS NULL OR position < $3) AND ($4::text IS NULL OR (state = 'deleting') = ($4 = 'deleting'))
      ORDER BY position DESC LIMIT $5`;
    return [condition, [now, before ?? null, state ?? null, limit ?? null]];
  }
  const { prefix, after, limit } = question.encryptedOtherwise;
  const condition = `encrypted_key IS NOT NULL AND NOT starts_with(encrypted_key, $2)
    AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`;
  return [condition, [prefix, after ?? null, limit]];
}
