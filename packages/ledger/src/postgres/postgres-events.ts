import type {
  Claim,
  ClaimedEvent,
  DeadDelivery,
  EventReading,
  EventRow,
  EventRows,
} from "../events/event-rows.js";
import { milliseconds, type Queries, type TextRow } from "./connection.js";
import { type Columns, readRow, readWhole } from "./rows.js";

const columns: Columns<EventRow> = {
  id: ["id", "text"],
  position: ["position", "whole"],
  mid: ["mid", "text"],
  kind: ["kind", "text"],
  stream: ["stream", "text"],
  at: ["at", "time"],
  data: ["data", "text"],
};

/** The same of events that are joined as `e`. */
const eventColumns = `e.id, e.position, e.mid, e.kind, e.stream, ${milliseconds("e.at")} AS at, e.data`;

const held = "mid = $1 AND consumer = $2 AND event_id = $3 AND lease = $4";
const valuesOf = ({ mid, consumer, eventId, lease }: Claim) => [mid, consumer, eventId, lease];

export function postgresEventReading(schema: string, { query }: Queries): EventReading {
  return {
    async hasConsumer(mid, consumer) {
      const rows = await query(`SELECT FROM ${schema}.consumers WHERE mid = $1 AND name = $2`, [
        mid,
        consumer,
      ]);
      return rows.length > 0;
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
          event: readRow<EventRow>(columns, row),
          consumer: row.consumer ?? "",
          tries: readWhole(row.tries),
          failure: row.failure ?? null,
          deadAt: new Date(readWhole(row.dead_at)),
        }),
      );
    },
  };
}

export function postgresEvents(schema: string, queries: Queries): EventRows {
  const { query } = queries;
  const lockName = (mid: string) => JSON.stringify(["payapi events", schema, mid]);
  const holds = async (text: string, values: readonly unknown[]) =>
    (await query(`${text} RETURNING event_id`, values)).length > 0;

  return {
    ...postgresEventReading(schema, queries),

    async addEvent({ id, mid, kind, stream, at, data }) {
      // Shared with other writers: only a consumer that begins its queue waits for them, and they for it.
      await query("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", [lockName(mid)]);
      await query(
        `WITH event AS (
           INSERT INTO ${schema}.events (id, mid, kind, stream, at, data) VALUES ($1, $2, $3, $4, $5, $6)
           RETURNING position)
         INSERT INTO ${schema}.deliveries (mid, consumer, event_id, position, stream, due_at)
         SELECT mid, name, $1, event.position, $4, $5 FROM ${schema}.consumers, event WHERE mid = $2`,
        [id, mid, kind, stream, at, data],
      );
    },

    async addConsumer(mid, consumer, now) {
      await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [lockName(mid)]);
      const added = await query(
        `INSERT INTO ${schema}.consumers (mid, name, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING name`,
        [mid, consumer, now],
      );
      if (added.length === 0) return;
      await query(
        `INSERT INTO ${schema}.deliveries (mid, consumer, event_id, position, stream, due_at)
         SELECT mid, $2, id, position, stream, at FROM ${schema}.events WHERE mid = $1`,
        [mid, consumer],
      );
    },

    async claim(mid, consumer, { id, now, until, limit }) {
      const rows = await query(
        `WITH due AS (
           SELECT event_id FROM ${schema}.deliveries AS d
           WHERE mid = $1 AND consumer = $2 AND dead_at IS NULL AND due_at <= $3
             AND (leased_until IS NULL OR leased_until <= $3)
             AND NOT EXISTS (
               SELECT FROM ${schema}.deliveries AS earlier
               WHERE earlier.mid = d.mid AND earlier.consumer = d.consumer AND earlier.stream = d.stream
                 AND earlier.position < d.position AND earlier.dead_at IS NULL)
           ORDER BY position LIMIT $6 FOR UPDATE SKIP LOCKED),
         claimed AS (
           UPDATE ${schema}.deliveries AS d SET lease = $4, leased_until = $5, tries = tries + 1
           FROM due WHERE d.mid = $1 AND d.consumer = $2 AND d.event_id = due.event_id
           RETURNING d.event_id, d.tries)
         SELECT ${eventColumns}, c.tries FROM claimed AS c JOIN ${schema}.events AS e ON e.id = c.event_id
         ORDER BY e.position`,
        [mid, consumer, now, id, until, limit],
      );
      return rows.map((row) => claimedEvent(row, consumer, id));
    },

    extend: (claim, until) =>
      holds(`UPDATE ${schema}.deliveries SET leased_until = $5 WHERE ${held}`, [...valuesOf(claim), until]),

    finish: (claim) => holds(`DELETE FROM ${schema}.deliveries WHERE ${held}`, valuesOf(claim)),

    postpone: (claim, { dueAt, failure, deadAt }) =>
      holds(
        `UPDATE ${schema}.deliveries
         SET due_at = $5, failure = $6, dead_at = $7, lease = NULL, leased_until = NULL WHERE ${held}`,
        [...valuesOf(claim), dueAt, failure, deadAt],
      ),

    async revive(mid, eventId, now, consumer) {
      // What is no UUID is no event, but would be an error of the database.
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId)) return 0;
      const rows = await query(
        `UPDATE ${schema}.deliveries SET dead_at = NULL, tries = 0, due_at = $3
         WHERE mid = $1 AND event_id = $2 AND dead_at IS NOT NULL AND ($4::text IS NULL OR consumer = $4)
         RETURNING consumer`,
        [mid, eventId, now, consumer ?? null],
      );
      return rows.length;
    },
  };
}

function claimedEvent(row: TextRow, consumer: string, lease: string): ClaimedEvent {
  const event = readRow<EventRow>(columns, row);
  return {
    event,
    claim: { mid: event.mid, consumer, eventId: event.id, lease },
    tries: readWhole(row.tries),
  };
}
