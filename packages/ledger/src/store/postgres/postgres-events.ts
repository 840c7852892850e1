import type { Claim, ClaimedEvent, EventRow, EventRows } from "../event-rows.js";
import { readRow, readWhole } from "./columns.js";
import type { Queries, TextRow } from "./connection.js";
import {
  alongTheIndex,
  blocked,
  claimable,
  consumerColumns,
  eventColumns,
  eventFields,
  postgresEventReading,
  readConsumer,
} from "./postgres-event-reading.js";

const held = "mid = $1 AND consumer = $2 AND event_id = $3 AND lease = $4";
const valuesOf = ({ mid, consumer, eventId, lease }: Claim) => [mid, consumer, eventId, lease];

export function postgresEvents(schema: string, queries: Queries): EventRows {
  const { query } = queries;
  const holds = async (text: string, values: readonly unknown[]) =>
    (await query(`${text} RETURNING event_id`, values)).length > 0;

  return {
    ...postgresEventReading(schema, queries),

    async addEvent({ id, mid, kind, orderingKey, at, data }) {
      await query(
        `INSERT INTO ${schema}.events (id, mid, kind, ordering_key, at, data) VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, mid, kind, orderingKey, at, data],
      );
    },

    async holdWriters(mid) {
      // Writers of events queue behind this lock request, so the wait is short: one hanging writer must not block all others.
      await query("SET LOCAL lock_timeout = '2s'");
      await query(
        "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'payapi events', $1::text, $2::text), 0))",
        [schema.slice(1, -1), mid],
      );
      const [row] = await query(
        `SELECT coalesce(max(position), 0) AS newest FROM ${schema}.events WHERE mid = $1`,
        [mid],
      );
      return readWhole(row?.newest);
    },

    async insertConsumer(mid, name, { generation, at, fill }) {
      await query(
        `INSERT INTO ${schema}.consumers (mid, name, created_at, generation, filled_to, fill_until)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [mid, name, at, generation, fill?.filledTo ?? null, fill?.fillUntil ?? null],
      );
    },

    async lockConsumer(mid, name) {
      // Not FOR UPDATE, which would block the foreign key checks of deliveries written meanwhile.
      const [row] = await query(
        `SELECT ${consumerColumns} FROM ${schema}.consumers WHERE mid = $1 AND name = $2 FOR NO KEY UPDATE`,
        [mid, name],
      );
      return row && readConsumer(row);
    },

    async lockToClaim(mid, name, now) {
      await query(alongTheIndex);
      const [row] = await query(
        `SELECT ${consumerColumns} FROM ${schema}.consumers
         WHERE mid = $1 AND name = $2 AND (${claimable(schema, "true")} LIMIT 1) FOR NO KEY UPDATE`,
        [mid, name, now],
      );
      return row && readConsumer(row);
    },

    async fillQueue(mid, consumer, { filledTo, fillUntil, limit }) {
      // A process with an older version of this package adds new events to queues that are being filled, too.
      const [last] = await query(
        `WITH next AS MATERIALIZED (
           SELECT id, position, ordering_key, at FROM ${schema}.events
           WHERE mid = $1 AND position > $3 AND position <= $4 ORDER BY position LIMIT $5),
         filled AS (
           INSERT INTO ${schema}.deliveries (mid, consumer, event_id, position, ordering_key, due_at)
           SELECT $1, $2, id, position, ordering_key, LEAST(at, clock_timestamp()) FROM next ON CONFLICT DO NOTHING)
         SELECT position FROM next ORDER BY position OFFSET $5 - 1 LIMIT 1`,
        [mid, consumer, filledTo, fillUntil, limit],
      );
      return last === undefined ? fillUntil : readWhole(last.position);
    },

    async setFill(mid, consumer, fill) {
      await query(
        `UPDATE ${schema}.consumers SET filled_to = $3, fill_until = $4 WHERE mid = $1 AND name = $2`,
        [mid, consumer, fill?.filledTo ?? null, fill?.fillUntil ?? null],
      );
    },

    async markRemoved(mid, consumer, at) {
      await query(`UPDATE ${schema}.consumers SET removed_at = $3 WHERE mid = $1 AND name = $2`, [
        mid,
        consumer,
        at,
      ]);
    },

    async deleteDeliveries(mid, consumer, limit) {
      const rows = await query(
        `DELETE FROM ${schema}.deliveries
         WHERE mid = $1 AND consumer = $2 AND event_id IN (
           SELECT event_id FROM ${schema}.deliveries WHERE mid = $1 AND consumer = $2 LIMIT $3)
         RETURNING event_id`,
        [mid, consumer, limit],
      );
      return rows.length;
    },

    async deleteConsumer(mid, consumer) {
      await query(`DELETE FROM ${schema}.consumers WHERE mid = $1 AND name = $2`, [mid, consumer]);
    },

    async claim(mid, consumer, { id, now, until, limit }) {
      const rows = await query(
        `WITH due AS (${claimable(schema, "d.ctid")} LIMIT $6 FOR UPDATE OF d SKIP LOCKED),
         claimed AS (
           UPDATE ${schema}.deliveries SET lease = $4, leased_until = $5, tries = tries + 1
           WHERE ctid = ANY(ARRAY(SELECT ctid FROM due)) RETURNING event_id, tries)
         SELECT ${eventColumns}, c.tries FROM claimed AS c JOIN ${schema}.events AS e ON e.id = c.event_id
         ORDER BY e.position`,
        [mid, consumer, now, id, until, limit],
      );
      return rows.map((row) => claimedEvent(row, consumer, id));
    },

    extend: (claim, until) =>
      holds(`UPDATE ${schema}.deliveries SET leased_until = $5 WHERE ${held}`, [...valuesOf(claim), until]),

    finish: (claim) => holds(`DELETE FROM ${schema}.deliveries WHERE ${held}`, valuesOf(claim)),

    async postpone(claim, { dueAt, failure, deadAt }) {
      const rows = await query(
        `WITH postponed AS (
           UPDATE ${schema}.deliveries
           SET due_at = $5, failure = $6, dead_at = $7, lease = NULL, leased_until = NULL WHERE ${held}
           RETURNING event_id, ordering_key, position, dead_at),
         behind AS (
           UPDATE ${schema}.deliveries AS d SET due_at = $5 FROM postponed AS p
           WHERE d.mid = $1 AND d.consumer = $2 AND d.ordering_key = p.ordering_key AND d.position > p.position
             AND d.dead_at IS NULL AND d.due_at < $5 AND p.dead_at IS NULL)
         SELECT event_id FROM postponed`,
        [...valuesOf(claim), dueAt, failure, deadAt],
      );
      return rows.length > 0;
    },

    async putOffBlocked(mid, consumer, { now, limit }) {
      // SKIP LOCKED avoids a deadlock with `postpone`; the next call finds the skipped rows.
      await query(
        `WITH blocked AS MATERIALIZED (${blocked(schema)}),
         free AS (
           SELECT d.ctid, blocked.until FROM blocked JOIN ${schema}.deliveries AS d ON d.ctid = blocked.ctid
           WHERE blocked.until > $3 FOR UPDATE OF d SKIP LOCKED)
         UPDATE ${schema}.deliveries AS d SET due_at = free.until FROM free WHERE d.ctid = free.ctid`,
        [mid, consumer, now, limit],
      );
    },

    async revive(mid, eventId, now, consumer) {
      // Checked here, since PostgreSQL fails on text that is not a UUID.
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId)) return 0;
      // Locked in a separate statement, so that the next one sees the result of an earlier claim.
      const among = await query(
        `SELECT name FROM ${schema}.consumers AS c
         WHERE mid = $1 AND removed_at IS NULL AND ($3::text IS NULL OR name = $3) AND EXISTS (
           SELECT FROM ${schema}.deliveries AS d
           WHERE d.mid = c.mid AND d.consumer = c.name AND d.event_id = $2 AND d.dead_at IS NOT NULL)
         ORDER BY name FOR NO KEY UPDATE OF c`,
        [mid, eventId, consumer ?? null],
      );
      const rows = await query(
        `UPDATE ${schema}.deliveries SET dead_at = NULL, tries = 0, due_at = $3
         WHERE mid = $1 AND event_id = $2 AND dead_at IS NOT NULL AND consumer = ANY($4)
         RETURNING consumer`,
        [mid, eventId, now, among.map(({ name }) => name)],
      );
      return rows.length;
    },
  };
}

function claimedEvent(row: TextRow, consumer: string, lease: string): ClaimedEvent {
  const event = readRow<EventRow>(eventFields, row);
  return {
    event,
    claim: { mid: event.mid, consumer, eventId: event.id, lease },
    tries: readWhole(row.tries),
  };
}
