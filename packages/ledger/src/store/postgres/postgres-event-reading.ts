import type { ConsumerRow, DeadDelivery, EventReading, EventRow } from "../event-rows.js";
import { type Columns, readRow, readWhole } from "./columns.js";
import { milliseconds, type Queries, type TextRow } from "./connection.js";

export const eventFields: Columns<EventRow> = {
  id: ["id", "text"],
  position: ["position", "whole"],
  mid: ["mid", "text"],
  kind: ["kind", "text"],
  orderingKey: ["ordering_key", "text"],
  at: ["at", "time"],
  data: ["data", "text"],
};

/** The same columns of a table that is joined as `e`. */
export const eventColumns = `e.id, e.position, e.mid, e.kind, e.ordering_key, ${milliseconds("e.at")} AS at, e.data`;

export const consumerColumns = `generation, filled_to, fill_until, ${milliseconds("removed_at")} AS removed_at`;

export function readConsumer(row: TextRow): ConsumerRow {
  const { filled_to: to, fill_until: until } = row;
  return {
    generation: row.generation ?? "",
    fill: to == null ? null : { filledTo: readWhole(to), fillUntil: readWhole(until) },
    removedAt: timeOrNull(row.removed_at),
  };
}

export async function consumerOf(
  schema: string,
  { query }: Queries,
  mid: string,
  name: string,
): Promise<ConsumerRow | undefined> {
  const [row] = await query(
    `SELECT ${consumerColumns} FROM ${schema}.consumers WHERE mid = $1 AND name = $2`,
    [mid, name],
  );
  return row && readConsumer(row);
}

function timeOrNull(value: string | null | undefined): Date | null {
  return value == null ? null : new Date(readWhole(value));
}

/**
 * The deliveries that can be claimed at `$3` in the queue of `$1` and `$2`, as `d`, longest due first. Written so that PostgreSQL scans the index
 * `deliveries_due`, looks up the first delivery of each ordering key, and stops at the limit. A condition with EXISTS would become a join
 * over the whole queue.
 */
export function claimable(schema: string, columns: string): string {
  const sameKey = waitingBehindSameKey(schema);
  return `SELECT ${columns} FROM ${dueAndFree(schema)}
      AND d.event_id = (SELECT s.event_id FROM ${sameKey} ORDER BY s.position LIMIT 1)
      AND (SELECT true FROM ${sameKey} AND s.leased_until > $3 ORDER BY s.position LIMIT 1) IS NULL
    ORDER BY d.due_at, d.position`;
}

/** Of the first `$4` deliveries that are due and unclaimed at `$3`: which wait behind one that is due later, and until when. */
export function blocked(schema: string): string {
  return `SELECT d.ctid, (
      SELECT CASE WHEN s.leased_until > $3 THEN NULL ELSE s.due_at END
      FROM ${waitingBehindSameKey(schema)} ORDER BY s.position LIMIT 1) AS until
    FROM ${dueAndFree(schema)} ORDER BY d.due_at, d.position LIMIT $4`;
}

const dueAndFree = (schema: string) => `${schema}.deliveries AS d
    WHERE d.mid = $1 AND d.consumer = $2 AND d.dead_at IS NULL AND d.due_at <= $3
      AND (d.leased_until IS NULL OR d.leased_until <= $3)`;

const waitingBehindSameKey = (schema: string) => `${schema}.deliveries AS s
    WHERE s.mid = d.mid AND s.consumer = d.consumer AND s.ordering_key = d.ordering_key AND s.dead_at IS NULL`;

/**
 * Makes PostgreSQL use the index. Its statistics of a queue are always out of date, so it would sort all due deliveries, and JIT-compile the
 * statement first.
 */
export const alongTheIndex = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

export function postgresEventReading(schema: string, { query }: Queries): EventReading {
  return {
    async consumerCounts(mid, atMost) {
      const queued = `${schema}.deliveries AS d WHERE d.mid = c.mid AND d.consumer = c.name`;
      const unfilled = `${schema}.events AS e WHERE e.mid = c.mid AND e.position > c.filled_to`;
      const count = (rows: string) => `(SELECT count(*) FROM (SELECT FROM ${rows} LIMIT $2) AS counted)`;
      const rows = await query(
        `SELECT c.name, ${milliseconds("c.created_at")} AS created_at,
           c.fill_until IS NOT NULL AS filling, c.removed_at IS NOT NULL AS removing,
           ${count(`${queued} AND d.dead_at IS NULL`)} + ${count(unfilled)} AS waiting,
           ${count(`${queued} AND d.dead_at IS NOT NULL`)} AS dead,
           ${milliseconds(`coalesce(
             (SELECT e.at FROM ${schema}.events AS e WHERE e.mid = c.mid AND e.position = (
               SELECT min(counted.position) FROM (
                 SELECT d.position FROM ${queued} AND d.dead_at IS NULL ORDER BY d.due_at LIMIT $2) AS counted)),
             (SELECT e.at FROM ${unfilled} ORDER BY e.position LIMIT 1))`)} AS oldest
         FROM ${schema}.consumers AS c WHERE c.mid = $1 ORDER BY c.name`,
        [mid, atMost],
      );
      return rows.map((row) => ({
        consumer: row.name ?? "",
        createdAt: new Date(readWhole(row.created_at)),
        waiting: readWhole(row.waiting),
        dead: readWhole(row.dead),
        oldestWaitingAt: timeOrNull(row.oldest),
        filling: row.filling === "t",
        removing: row.removing === "t",
      }));
    },

    async deadDeliveries(mid, { limit, consumer }) {
      const rows = await query(
        `SELECT ${eventColumns}, d.consumer, d.tries, d.failure, ${milliseconds("d.dead_at")} AS dead_at
         FROM ${schema}.deliveries AS d JOIN ${schema}.events AS e ON e.id = d.event_id
         WHERE d.mid = $1 AND d.dead_at IS NOT NULL AND ($3::text IS NULL OR d.consumer = $3)
         ORDER BY d.position LIMIT $2`,
        [mid, limit, consumer ?? null],
      );
      return rows.map(
        (row): DeadDelivery => ({
          event: readRow<EventRow>(eventFields, row),
          consumer: row.consumer ?? "",
          tries: readWhole(row.tries),
          failure: row.failure ?? null,
          deadAt: new Date(readWhole(row.dead_at)),
        }),
      );
    },
  };
}
