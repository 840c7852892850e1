import type { RequestRow, RequestRows, RunningRequest } from "../request-rows.js";
import { type Columns, columnList, readRow } from "./columns.js";
import type { Queries } from "./connection.js";

const requestColumns: Columns<RequestRow> = {
  mid: ["mid", "text"],
  id: ["id", "text"],
  fingerprint: ["fingerprint", "text"],
  answer: ["answer", "text"],
  endsAt: ["ends_at", "time"],
};

const running = "mid = $1 AND id = $2 AND answer IS NULL AND ($3::text IS NULL OR fingerprint = $3)";
const valuesOf = ({ mid, id, fingerprint }: RunningRequest) => [mid, id, fingerprint ?? null];

export function postgresRequests(schema: string, { query }: Queries): RequestRows {
  const table = `${schema}.requests`;
  return {
    async beginRequest({ mid, id, fingerprint, answer, endsAt }, now) {
      const begun = await query(
        `INSERT INTO ${table} AS request (mid, id, fingerprint, answer, ends_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (mid, id) DO UPDATE
         SET fingerprint = excluded.fingerprint, answer = excluded.answer, ends_at = excluded.ends_at
         WHERE request.ends_at <= $6
         RETURNING id`,
        [mid, id, fingerprint, answer, endsAt, now],
      );
      if (begun.length > 0) return undefined;
      // The conflict has locked the row, though it was not updated: nobody can remove it before it is read.
      const [row] = await query(
        `SELECT ${columnList(requestColumns)} FROM ${table} WHERE mid = $1 AND id = $2`,
        [mid, id],
      );
      return row && readRow(requestColumns, row);
    },

    async keepAnswer(request, answer, endsAt) {
      await query(`UPDATE ${table} SET answer = $4, ends_at = $5 WHERE ${running}`, [
        ...valuesOf(request),
        answer,
        endsAt,
      ]);
    },

    async forgetRequest(request) {
      await query(`DELETE FROM ${table} WHERE ${running}`, valuesOf(request));
    },

    async removeEndedRequests(mid, now, limit) {
      const rows = await query(
        `DELETE FROM ${table} WHERE mid = $1 AND id IN (
           SELECT id FROM ${table} WHERE mid = $1 AND ends_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
        [mid, now, limit],
      );
      return rows.length;
    },
  };
}
