import type { Pool } from "pg";
import type { Claim, ClaimChange, ClaimedEvent, ConsumerRow, EventQueues, EventRow } from "../event-rows.js";
import { isOfQueue } from "../event-rows.js";
import { readRow, readWhole } from "./columns.js";
import { type Queries, type TextRow, transact } from "./connection.js";
import {
  alongTheIndex,
  blocked,
  claimable,
  consumerColumns,
  consumerOf,
  eventColumns,
  eventFields,
  readConsumer,
} from "./postgres-event-reading.js";

const held = "mid = $1 AND consumer = $2 AND event_id = $3 AND lease = $4";
const valuesOf = ({ mid, consumer, eventId, lease }: Claim) => [mid, consumer, eventId, lease];

/** Changes of a claimed event, as SQL. */
const changes: Record<ClaimChange["to"], (schema: string) => string> = {
  held: (schema) => `UPDATE ${schema}.deliveries SET leased_until = $5 WHERE ${held} RETURNING event_id`,
  delivered: (schema) => `DELETE FROM ${schema}.deliveries WHERE ${held} RETURNING event_id`,
  dead: (schema) =>
    `UPDATE ${schema}.deliveries SET due_at = $5, dead_at = $5, failure = $6, lease = NULL, leased_until = NULL
     WHERE ${held} RETURNING event_id`,
  waiting: (schema) =>
    `WITH postponed AS (
       UPDATE ${schema}.deliveries SET due_at = $5, failure = $6, lease = NULL, leased_until = NULL
       WHERE ${held} RETURNING event_id, ordering_key, position),
     behind AS (
       UPDATE ${schema}.deliveries AS d SET due_at = $5 FROM postponed AS p
       WHERE d.mid = $1 AND d.consumer = $2 AND d.ordering_key = p.ordering_key AND d.position > p.position
         AND d.dead_at IS NULL AND d.due_at < $5)
     SELECT event_id FROM postponed`,
};

/** Their values from `$5` on. */
function valuesOfChange(change: ClaimChange, at: Date): readonly unknown[] {
  switch (change.to) {
    case "held":
      return [later(at, change.leaseMs)];
    case "delivered":
      return [];
    case "dead":
      return [at, change.failure];
    case "waiting":
      return [later(at, change.afterMs), change.failure];
  }
}

export function postgresEvents(pool: Pool, schema: string): EventQueues {
  const write = <T>(work: (queries: Queries) => Promise<T>) => transact(pool, "write", work);
  /** Locks a consumer, for changes to its queue without a claim. Writers of events do not wait for this lock. */
  async function lock({ query }: Queries, mid: string, name: string): Promise<ConsumerRow | undefined> {
    // Not FOR UPDATE, which would block the foreign key checks of deliveries written meanwhile.
    const [row] = await query(
      `SELECT ${consumerColumns} FROM ${schema}.consumers WHERE mid = $1 AND name = $2 FOR NO KEY UPDATE`,
      [mid, name],
    );
    return row && readConsumer(row);
  }

  /** Locks a consumer only if there is an event to claim. A lock is a write, and an idle worker should not write every second. */
  async function lockToClaim({ query }: Queries, mid: string, name: string, now: Date) {
    await query(alongTheIndex);
    const [row] = await query(
      `SELECT ${consumerColumns} FROM ${schema}.consumers
       WHERE mid = $1 AND name = $2 AND (${claimable(schema, "true")} LIMIT 1) FOR NO KEY UPDATE`,
      [mid, name, now],
    );
    return row && readConsumer(row);
  }

  /**
   * Waits for transactions that write events, and blocks further ones until this transaction ends. Resolves to the newest position (0 without
   * events); during the hold no earlier event can become visible.
   */
  async function holdWriters({ query }: Queries, mid: string): Promise<number> {
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
  }

  async function deleteDeliveries({ query }: Queries, mid: string, consumer: string, limit: number) {
    const rows = await query(
      `DELETE FROM ${schema}.deliveries
       WHERE mid = $1 AND consumer = $2 AND event_id IN (
         SELECT event_id FROM ${schema}.deliveries WHERE mid = $1 AND consumer = $2 LIMIT $3)
       RETURNING event_id`,
      [mid, consumer, limit],
    );
    return rows.length;
  }

  return {
    openQueue: (mid, name, { generation, clock, fill }) =>
      write(async (queries) => {
        await queries.query(
          `INSERT INTO ${schema}.consumers (mid, name, created_at, generation, filled_to, fill_until)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
          [
            mid,
            name,
            clock?.() ?? queries.startedAt,
            generation,
            fill?.filledTo ?? null,
            fill?.fillUntil ?? null,
          ],
        );
        const row = await consumerOf(schema, queries, mid, name);
        return row ?? { generation, fill, removedAt: clock?.() ?? queries.startedAt };
      }),

    fillQueue: (queue, { clock, step, lastStep, most }) =>
      write(async (queries) => {
        const { mid, consumer: name } = queue;
        const { query, startedAt } = queries;
        const consumer = await lock(queries, mid, name);
        if (!isOfQueue(consumer, queue)) return { consumer, mayClaim: false };
        const { fill } = consumer;
        // Another process may have filled it meanwhile.
        if (fill === null || (await lockToClaim(queries, mid, name, clock?.() ?? startedAt))) {
          return { consumer, mayClaim: true };
        }
        const [counted] = await query(
          `SELECT count(*) AS waiting FROM (
             SELECT FROM ${schema}.deliveries
             WHERE mid = $1 AND consumer = $2 AND dead_at IS NULL LIMIT $3) AS counted`,
          [mid, name, most],
        );
        if (readWhole(counted?.waiting) >= most) return { consumer, mayClaim: false };
        const atLimit = fill.filledTo === fill.fillUntil;
        const fillUntil = atLimit ? await holdWriters(queries, mid) : fill.fillUntil;
        const limit = atLimit ? lastStep : step;
        // A process with an older version of this package adds new events to queues that are being filled, too.
        const [last] = await query(
          `WITH next AS MATERIALIZED (
             SELECT id, position, ordering_key, at FROM ${schema}.events
             WHERE mid = $1 AND position > $3 AND position <= $4 ORDER BY position LIMIT $5),
           filled AS (
             INSERT INTO ${schema}.deliveries (mid, consumer, event_id, position, ordering_key, due_at)
             SELECT $1, $2, id, position, ordering_key, LEAST(at, clock_timestamp()) FROM next ON CONFLICT DO NOTHING)
           SELECT position FROM next ORDER BY position OFFSET $5 - 1 LIMIT 1`,
          [mid, name, fill.filledTo, fillUntil, limit],
        );
        const filledTo = last === undefined ? fillUntil : readWhole(last.position);
        const isWhole = atLimit && filledTo === fillUntil;
        await query(
          `UPDATE ${schema}.consumers SET filled_to = $3, fill_until = $4 WHERE mid = $1 AND name = $2`,
          [mid, name, isWhole ? null : filledTo, isWhole ? null : fillUntil],
        );
        return { consumer, mayClaim: true };
      }),

    claim: (queue, { id, clock, leaseMs, limit, blocked: most }) =>
      write(async (queries) => {
        const { mid, consumer: name } = queue;
        const { query, startedAt } = queries;
        const at = clock?.() ?? startedAt;
        const locked = await lockToClaim(queries, mid, name, at);
        const consumer = locked ?? (await consumerOf(schema, queries, mid, name));
        if (!isOfQueue(consumer, queue)) return { consumer, claimed: [] };
        if (locked === undefined) {
          // SKIP LOCKED avoids a deadlock with `postpone`; the next call finds the skipped rows.
          await query(
            `WITH blocked AS MATERIALIZED (${blocked(schema)}),
             free AS (
               SELECT d.ctid, blocked.until FROM blocked JOIN ${schema}.deliveries AS d ON d.ctid = blocked.ctid
               WHERE blocked.until > $3 FOR UPDATE OF d SKIP LOCKED)
             UPDATE ${schema}.deliveries AS d SET due_at = free.until FROM free WHERE d.ctid = free.ctid`,
            [mid, name, at, most],
          );
          return { consumer, claimed: [] };
        }
        const rows = await query(
          `WITH due AS (${claimable(schema, "d.ctid")} LIMIT $6 FOR UPDATE OF d SKIP LOCKED),
           claimed AS (
             UPDATE ${schema}.deliveries SET lease = $4, leased_until = $5, tries = tries + 1
             WHERE ctid = ANY(ARRAY(SELECT ctid FROM due)) RETURNING event_id, tries)
           SELECT ${eventColumns}, c.tries FROM claimed AS c JOIN ${schema}.events AS e ON e.id = c.event_id
           ORDER BY e.position`,
          [mid, name, at, id, later(at, leaseMs), limit],
        );
        return { consumer, claimed: rows.map((row) => claimedEvent(row, name, id)) };
      }),

    updateClaim: (claim, change) =>
      write(async ({ query, startedAt }) => {
        const at = change.clock?.() ?? startedAt;
        const rows = await query(changes[change.to](schema), [
          ...valuesOf(claim),
          ...valuesOfChange(change, at),
        ]);
        return rows.length > 0;
      }),

    removeQueue: (mid, name, { clock, limit, generation }) =>
      write(async (queries) => {
        const { query, startedAt } = queries;
        const row = await lock(queries, mid, name);
        // Another process removed it meanwhile, and it may exist again as a new consumer.
        if (row === undefined || (generation !== undefined && row.generation !== generation))
          return undefined;
        const gone = (isGone: boolean) => ({ generation: row.generation, isGone });
        if (row.removedAt === null) {
          await query(`UPDATE ${schema}.consumers SET removed_at = $3 WHERE mid = $1 AND name = $2`, [
            mid,
            name,
            clock?.() ?? startedAt,
          ]);
        }
        if ((await deleteDeliveries(queries, mid, name, limit)) === limit) return gone(false);
        // A writer that began before the mark may still have added an event to the queue.
        await holdWriters(queries, mid);
        if ((await deleteDeliveries(queries, mid, name, limit)) === limit) return gone(false);
        await query(`DELETE FROM ${schema}.consumers WHERE mid = $1 AND name = $2`, [mid, name]);
        return gone(true);
      }),

    async revive(mid, eventId, { clock, consumer }) {
      // Checked here, since PostgreSQL fails on text that is not a UUID.
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId)) return 0;
      return write(async ({ query, startedAt }) => {
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
          [mid, eventId, clock?.() ?? startedAt, among.map(({ name }) => name)],
        );
        return rows.length;
      });
    },
  };
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

function claimedEvent(row: TextRow, consumer: string, lease: string): ClaimedEvent {
  const event = readRow<EventRow>(eventFields, row);
  return {
    event,
    claim: { mid: event.mid, consumer, eventId: event.id, lease },
    tries: readWhole(row.tries),
  };
}
