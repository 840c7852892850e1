import type { LinkReading, LinkRow, LinkRows } from "../payment-page/link-rows.js";
import type { Queries } from "./connection.js";
import { assignments, type Columns, columnList, insertion, readRow } from "./rows.js";

const columns: Columns<LinkRow> = {
  token: ["token", "text"],
  mid: ["mid", "text"],
  orderId: ["order_id", "text"],
  linkNo: ["link_no", "whole"],
  oid: ["oid", "text"],
  payType: ["pay_type", "text"],
  price: ["price", "whole"],
  state: ["state", "text"],
  url: ["url", "text"],
  createdAt: ["created_at", "time"],
  openUntil: ["open_until", "time"],
  closedAt: ["closed_at", "time"],
};

export function postgresLinkReading(schema: string, { query }: Queries): LinkReading {
  const find = async (column: string, mid: string, value: string) => {
    const [row] = await query(
      `SELECT ${columnList(columns)} FROM ${schema}.links WHERE mid = $1 AND ${column} = $2`,
      [mid, value],
    );
    return row && readRow<LinkRow>(columns, row);
  };
  return {
    byToken: (mid, token) => find("token", mid, token),
    byOid: (mid, oid) => find("oid", mid, oid),
  };
}

export function postgresLinks(schema: string, queries: Queries): LinkRows {
  const { query } = queries;
  const write = async (text: string, values: readonly unknown[]) => {
    const [row] = await query(`${text} RETURNING ${columnList(columns)}`, values);
    return row && readRow<LinkRow>(columns, row);
  };
  return {
    ...postgresLinkReading(schema, queries),

    async lock(mid, orderId) {
      const rows = await query(
        `SELECT ${columnList(columns)} FROM ${schema}.links
         WHERE mid = $1 AND order_id = $2 ORDER BY link_no FOR NO KEY UPDATE`,
        [mid, orderId],
      );
      return rows.map((row) => readRow<LinkRow>(columns, row));
    },

    insert(row) {
      const { sql, values } = insertion<LinkRow>(columns, row);
      return write(`INSERT INTO ${schema}.links ${sql} ON CONFLICT DO NOTHING`, values);
    },

    move(token, from, change) {
      const { sql, values } = assignments<LinkRow>(columns, change, 3);
      return write(`UPDATE ${schema}.links SET ${sql} WHERE token = $1 AND state = ANY($2)`, [
        token,
        from,
        ...values,
      ]);
    },
  };
}
