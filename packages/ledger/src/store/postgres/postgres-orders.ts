import type { Pool } from "pg";
import type { NotificationRow, Notified } from "../../domain/notification-rows.js";
import type { ApprovalRow, CancelRow, LinkRow } from "../../domain/rows.js";
import type { ComparedDatabase, LedgerStore, LoadedOrder } from "../port.js";
import {
  approvalColumns,
  arrayOf,
  cancelColumns,
  columnList,
  linkColumns,
  notificationColumns,
  readArray,
  readRow,
} from "./columns.js";
import { milliseconds, runAlone, type TextRow } from "./connection.js";
import { comparison, type DatabaseIdentity, explainRefused, readComparison } from "./postgres-database.js";

import { saveOrder } from "./save-order.js";

type OrderStore = Pick<LedgerStore, "load" | "save" | "notified" | "link">;

/** Loads an order with one statement, and saves it with one. */
export function postgresOrders(pool: Pool, schema: string, identity: DatabaseIdentity): OrderStore {
  const read = (text: string, values: readonly unknown[]) =>
    runAlone(pool, { text, values, readsOnly: true });
  const loading = loadStatement(schema);
  const comparing = loadStatement(schema, identity);
  return {
    async load(
      mid,
      orderId,
      { tids = [], cancelTids = [], comparesDatabase = false, limits = new Map() } = {},
    ) {
      const values = [mid, orderId, tids, cancelTids, [...limits.keys()], [...limits.values()]];
      if (!comparesDatabase) return readLoaded(mid, orderId, await read(loading, values), undefined);
      const row = await read(comparing, values).catch(explainRefused);
      return readLoaded(mid, orderId, row, readComparison(row));
    },
    save: (save) => saveOrder(pool, schema, identity, save),
    async notified(mid, { oid, tid, maskedTid, row: { kind, event, listed, dedupeKey } }) {
      const row = await read(notifiedStatement(schema), [
        mid,
        oid ?? null,
        tid,
        [tid, maskedTid],
        kind,
        event,
        listed,
        dedupeKey,
      ]);
      return readNotified(row);
    },
    async link(mid, token) {
      const text = `SELECT ${columnList(linkColumns)} FROM ${schema}.links WHERE mid = $1 AND token = $2`;
      const row = await read(text, [mid, token]);
      return row && readRow<LinkRow>(linkColumns, row);
    },
  };
}

/** With `identity`, it also compares the database with the accepted one. */
function loadStatement(schema: string, identity?: DatabaseIdentity): string {
  const own = "mid = $1 AND order_id = $2";
  const rows = (table: string, array: string, order: string) =>
    `(SELECT json_agg(${array} ORDER BY ${order}) FROM ${schema}.${table} AS r WHERE ${own})`;
  const [compared, from] =
    identity === undefined ? ["", ""] : ["d.*,", `FROM (${comparison(schema, identity)}) AS d`];
  return `SELECT ${compared} ${milliseconds("clock_timestamp()")} AS now,
    (SELECT json_build_array(version, entries, reviewed) FROM ${schema}.orders WHERE ${own}) AS head,
    ${rows("approvals", arrayOf(approvalColumns, "r"), "attempt_no")} AS approvals,
    ${rows("cancels", arrayOf(cancelColumns, "r"), "created_at, seq")} AS cancels,
    ${rows("links", arrayOf(linkColumns, "r"), "link_no")} AS links,
    (SELECT json_agg(tid) FROM unnest($3::text[]) AS asked (tid)
     WHERE EXISTS (SELECT FROM ${schema}.approvals AS a WHERE a.mid = $1 AND a.tid = asked.tid AND a.order_id <> $2)
        OR EXISTS (SELECT FROM ${schema}.approvals AS a
                   WHERE a.mid = $1 AND a.auth_tid = asked.tid AND a.order_id <> $2)) AS taken,
    (SELECT json_agg(tid) FROM unnest($4::text[]) AS asked (tid)
     WHERE EXISTS (SELECT FROM ${schema}.cancels AS c
                   WHERE c.mid = $1 AND c.cancel_tid = asked.tid AND c.order_id <> $2)) AS taken_cancels,
    (SELECT max(${milliseconds("counter.ends_at")}) FROM unnest($5::text[], $6::bigint[]) AS given (key, most)
     JOIN ${schema}.rate_limits AS counter ON counter.mid = $1 AND counter.key = given.key
     WHERE counter.count >= given.most) AS full_until
    ${from}`;
}

function readLoaded(
  mid: string,
  orderId: string,
  row: TextRow | undefined,
  database: ComparedDatabase | undefined,
): LoadedOrder {
  const list = <T>(name: string): readonly T[] => JSON.parse(row?.[name] ?? "[]");
  const [version = 0, entries = 0, reviewed = false] = JSON.parse(row?.head ?? "[]");
  return {
    now: new Date(Number(row?.now)),
    database,
    fullUntil: row?.full_until == null ? undefined : new Date(Number(row.full_until)),
    order: {
      mid,
      orderId,
      version,
      entries,
      reviewed,
      approvals: list<unknown[]>("approvals").map((each) => readArray<ApprovalRow>(approvalColumns, each)),
      cancels: list<unknown[]>("cancels").map((each) => readArray<CancelRow>(cancelColumns, each)),
      links: list<unknown[]>("links").map((each) => readArray<LinkRow>(linkColumns, each)),
      taken: { tids: list("taken"), cancelTids: list("taken_cancels") },
    },
  };
}

function notifiedStatement(schema: string): string {
  return `SELECT ${milliseconds("clock_timestamp()")} AS now, named.order_id,
    CASE WHEN EXISTS (SELECT FROM ${schema}.approvals WHERE mid = $1 AND tid = $3)
           OR EXISTS (SELECT FROM ${schema}.approvals WHERE mid = $1 AND auth_tid = $3) THEN 'attempt'
         WHEN EXISTS (SELECT FROM ${schema}.cancels WHERE mid = $1 AND cancel_tid = $3) THEN 'cancel' END AS tid,
    (SELECT ${arrayOf(notificationColumns, "i")} FROM ${schema}.notifications AS i
     WHERE i.mid = $1 AND i.dedupe_key = $8 AND i.listed = $7 AND NOT i.beside) AS first,
    EXISTS (SELECT FROM ${schema}.notifications AS i WHERE i.mid = $1 AND i.order_id = named.order_id AND i.tid = ANY($4)
            AND i.kind = $5 AND i.event = $6 AND i.dedupe_key <> $8) AS otherwise
    FROM (SELECT coalesce(
      (SELECT order_id FROM ${schema}.links WHERE mid = $1 AND oid = $2),
      (SELECT order_id FROM ${schema}.approvals WHERE mid = $1 AND oid = $2 ORDER BY position DESC LIMIT 1)
    ) AS order_id) AS named`;
}

function readNotified(row: TextRow | undefined): Notified {
  const first =
    row?.first == null ? undefined : readArray<NotificationRow>(notificationColumns, JSON.parse(row.first));
  return {
    now: new Date(Number(row?.now)),
    orderId: row?.order_id ?? undefined,
    tid: (row?.tid ?? undefined) as Notified["tid"],
    first,
    reportedOtherwise: row?.otherwise === "t",
  };
}
