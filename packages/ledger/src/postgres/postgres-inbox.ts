import {
  type InboxReading,
  type InboxRow,
  type InboxRows,
  reasonsOfMoney,
} from "../notifications/inbox-rows.js";
import type { Queries } from "./connection.js";
import { type Columns, columnList, insertion, readRow } from "./rows.js";

const columns: Columns<InboxRow> = {
  id: ["id", "text"],
  position: ["position", "whole"],
  mid: ["mid", "text"],
  dedupeKey: ["dedupe_key", "text"],
  beside: ["beside", "flag"],
  fingerprint: ["fingerprint", "text"],
  kind: ["kind", "text"],
  event: ["event", "text"],
  oid: ["oid", "text"],
  tid: ["tid", "text"],
  price: ["price", "whole"],
  account: ["account", "text"],
  occurredAt: ["occurred_at", "time"],
  fields: ["fields", "json"],
  source: ["source", "text"],
  listed: ["listed", "flag"],
  effect: ["effect", "text"],
  reason: ["reason", "text"],
  orderId: ["order_id", "text"],
  receivedAt: ["received_at", "time"],
  repeats: ["repeats", "whole"],
  releasedAt: ["released_at", "time"],
  releasedBy: ["released_by", "text"],
  releaseEvidence: ["release_evidence", "text"],
};

const byKey = "mid = $1 AND dedupe_key = $2 AND listed = $3";

export function postgresInboxReading(schema: string, { query }: Queries): InboxReading {
  return {
    async newest(mid, { limit, before, effect }) {
      const among = effect === undefined ? "" : "AND effect = $4";
      const rows = await query(
        `SELECT ${columnList(columns)} FROM ${schema}.inbox
         WHERE mid = $1 AND position < $2 ${among} ORDER BY position DESC LIMIT $3`,
        [mid, before ?? Number.MAX_SAFE_INTEGER, limit, ...(effect === undefined ? [] : [effect])],
      );
      return rows.map((row) => readRow<InboxRow>(columns, row));
    },
  };
}

export function postgresInbox(schema: string, queries: Queries): InboxRows {
  const { query } = queries;
  return {
    ...postgresInboxReading(schema, queries),

    async insert(row) {
      const { sql, values } = insertion<InboxRow>(columns, row);
      const [inserted] = await query(
        `INSERT INTO ${schema}.inbox ${sql} ON CONFLICT DO NOTHING RETURNING ${columnList(columns)}`,
        values,
      );
      return inserted && readRow<InboxRow>(columns, inserted);
    },

    async first({ mid, dedupeKey, listed }) {
      const [row] = await query(
        `SELECT ${columnList(columns)} FROM ${schema}.inbox WHERE ${byKey} AND NOT beside`,
        [mid, dedupeKey, listed],
      );
      return row && readRow<InboxRow>(columns, row);
    },

    async countRepeat({ mid, dedupeKey, listed }, fingerprint) {
      await query(`UPDATE ${schema}.inbox SET repeats = repeats + 1 WHERE ${byKey} AND fingerprint = $4`, [
        mid,
        dedupeKey,
        listed,
        fingerprint,
      ]);
    },

    async release(mid, id, { actor, evidence, at }) {
      // What is no UUID is no row, but would be an error of the database.
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
      const [row] = await query(
        `UPDATE ${schema}.inbox SET released_at = $3, released_by = $4, release_evidence = $5
         WHERE mid = $1 AND id = $2 AND effect = 'quarantined' RETURNING ${columnList(columns)}`,
        [mid, id, at, actor, evidence],
      );
      return row && readRow<InboxRow>(columns, row);
    },

    async judge(id, { effect, reason, orderId }) {
      await query(`UPDATE ${schema}.inbox SET effect = $2, reason = $3, order_id = $4 WHERE id = $1`, [
        id,
        effect,
        reason,
        orderId,
      ]);
    },

    async recogniseTid(id, tid) {
      await query(`UPDATE ${schema}.inbox SET tid = $2 WHERE id = $1`, [id, tid]);
    },

    async reportedOtherwise({ mid, kind, event, tid, dedupeKey }, orderId) {
      const [row] = await query(
        `SELECT bool_or((listed OR released_at IS NOT NULL)
           AND (effect IN ('applied', 'known') OR coalesce(reason = ANY($7), false))) AS believed
         FROM ${schema}.inbox
         WHERE mid = $1 AND order_id = $2 AND tid = $3 AND kind = $4 AND event = $5 AND dedupe_key <> $6`,
        [mid, orderId, tid, kind, event, dedupeKey, reasonsOfMoney],
      );
      if (row?.believed == null) return undefined;
      return row.believed === "t" ? "believed" : "kept";
    },
  };
}
