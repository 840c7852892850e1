import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { fixedKeyFields, type KeyRow, type KeyTransition } from "../../domain/billing-key.js";
import type { NewNotificationRow, NotificationRow } from "../../domain/notification-rows.js";
import type { Changes } from "../../domain/order.js";
import type { ApprovalRow, CancelRow, LinkRow, TransitionRow } from "../../domain/rows.js";
import { fixedFields } from "../../domain/rows.js";
import { LedgerUnavailableError } from "../../errors.js";
import { AlongRefused, type RateLimitRow } from "../limit-rows.js";
import type { NotificationWrite, Save, SaveResult } from "../port.js";
import {
  appending,
  approvalColumns,
  cancelColumns,
  jsonOf,
  linkColumns,
  notificationColumns,
  recordOf,
  transitionColumns,
  upserting,
  type Value,
} from "./columns.js";
import { milliseconds, runAlone, type TextRow, transact } from "./connection.js";
import { type DatabaseIdentity, isAcceptedIn } from "./postgres-database.js";
import { keyColumns, keyTransitionColumns } from "./postgres-keys.js";
import { alongAfter, alongBefore } from "./postgres-limits.js";

interface BuiltSave {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statement for one save. Each of its parts writes only if the guard has a row. */
function saveStatement(schema: string, identity: DatabaseIdentity, save: Save): BuiltSave {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const { mid, order, key, inbox, onlyIfAccepted = false } = save;
  const isAccepted = onlyIfAccepted ? isAcceptedIn(schema, identity) : "true";
  const isRelease = inbox !== undefined && "release" in inbox;
  // Needs READ COMMITTED: with an older snapshot, an event could miss the queue of a new consumer.
  const isThere = isRelease ? "EXISTS (SELECT FROM there)" : "true";
  const conditions = [isolated, isAccepted, isThere];
  const { parts, refusals } = alongBefore(schema, save, value);
  // Read by the guard, so that PostgreSQL writes these parts before it.
  conditions.push(...refusals.map(({ isRefused }) => `NOT ${isRefused}`));
  if (isRelease) {
    // FOR UPDATE, so that concurrent releases wait here and then see that the notification is no longer in quarantine.
    parts.push(
      `there AS (SELECT 1 FROM ${schema}.notifications
       WHERE mid = ${value(mid)} AND id = ${value(inbox.release.id)} AND effect = 'quarantined' FOR UPDATE)`,
    );
  }
  if (order !== undefined) {
    const { orderId, version, changes } = order;
    const { entries, reviewed } = changes;
    const more = { entries: `${value(entries)}::bigint`, reviewed: `${value(reviewed)}::boolean` };
    parts.push(guardOf({ table: "orders", column: "order_id", id: orderId, version, more }));
    parts.push(...orderParts(schema, { mid, orderId, changes, value }));
  } else if (key !== undefined) {
    parts.push(guardOf({ table: "key_versions", column: "key_id", id: key.keyId, version: key.version }));
    parts.push(...keyParts(schema, key, value));
  } else {
    parts.push(`guard AS (SELECT 1 WHERE ${conditions.join(" AND ")})`);
  }
  const { events = [] } = save;
  if (events.length > 0) {
    parts.push(
      `events AS (INSERT INTO ${schema}.events (id, mid, kind, ordering_key, at, data)
       SELECT r.id, ${value(mid)}::text, r.kind, r.ordering_key, r.at, r.data::jsonb
       FROM ROWS FROM (jsonb_to_recordset(${value(JSON.stringify(events))}::jsonb) AS (id uuid, kind text, "orderingKey" text, at timestamptz, data text))
         WITH ORDINALITY AS r (id, kind, ordering_key, at, data, place)
       WHERE EXISTS (SELECT FROM guard) ORDER BY r.place)`,
    );
  }
  if (inbox !== undefined) parts.push(notificationPart(schema, mid, inbox, value));
  parts.push(...alongAfter(schema, save, value));
  const written = `(SELECT count(*) FROM ${isRelease ? "inbox_release" : "guard"})`;
  const flags = `${isolated} AS isolated, ${isAccepted} AS accepted, ${isThere} AS there`;
  const all = refusals.map(
    ({ isRefused, reason }) => `WHEN ${isRefused} THEN ${schema}.roll_back(${reason})`,
  );
  // If the guard refuses the save, the counted attempt must be rolled back.
  const rolledBack =
    all.length === 0
      ? ""
      : `, CASE ${all.join(" ")} WHEN ${written} = 0
           THEN ${schema}.roll_back(concat_ws(' ', 'not-written', ${isolated}, ${isAccepted}, ${isThere})) END AS rolled_back`;
  const counted =
    save.along?.count === undefined
      ? ""
      : `, (SELECT json_agg(json_build_array(key, count, ${milliseconds("ends_at")})) FROM counted) AS counted`;
  const text = `WITH ${parts.join(",\n")}
    SELECT set_config('synchronous_commit', 'on', true) AS durable, ${flags}, ${written} AS written${counted}${rolledBack}`;
  return { text, values };

  /** Increments the version, if it is still the loaded one. */
  function guardOf({ table, column, id, version, more = {} }: Guarded): string {
    const all = [...conditions];
    if (version > 0) {
      // A change must not create an order or a key that is missing from this database.
      all.push(
        `EXISTS (SELECT FROM ${schema}.${table} WHERE mid = ${value(mid)} AND ${column} = ${value(id)})`,
      );
    }
    const names = Object.keys(more);
    return `guard AS (INSERT INTO ${schema}.${table} AS o (${["mid", column, "version", ...names].join(", ")})
       SELECT ${[`${value(mid)}::text`, `${value(id)}::text`, "1", ...Object.values(more)].join(", ")}
       WHERE ${all.join(" AND ")}
       ON CONFLICT (mid, ${column}) DO UPDATE
         SET ${["version = o.version + 1", ...names.map((name) => `${name} = excluded.${name}`)].join(", ")}
         WHERE o.version = ${value(version)}
       RETURNING 1)`;
  }
}

/** The row whose version guards a save, and more columns of it as SQL. */
interface Guarded {
  readonly table: "orders" | "key_versions";
  readonly column: string;
  readonly id: string;
  readonly version: number;
  readonly more?: Readonly<Record<string, string>>;
}

const isolated = "current_setting('transaction_isolation') = 'read committed'";

function orderParts(
  schema: string,
  {
    mid,
    orderId,
    changes,
    value,
  }: {
    readonly mid: string;
    readonly orderId: string;
    readonly changes: Omit<Changes, "events">;
    readonly value: (given: unknown) => string;
  },
): string[] {
  const { approvals, cancels, links, audit, postings } = changes;
  const parts: string[] = [];
  const upsert = upserting(schema, value);
  if (approvals.length > 0) {
    parts.push(
      upsert<ApprovalRow>("approvals", approvalColumns, approvals, { fixed: fixedFields.approvals }),
    );
  }
  if (cancels.length > 0) {
    const more = { order_id: `${value(orderId)}::text` };
    parts.push(upsert<CancelRow>("cancels", cancelColumns, cancels, { fixed: fixedFields.cancels, more }));
  }
  if (links.length > 0) {
    parts.push(upsert<LinkRow>("links", linkColumns, links, { key: "token", fixed: fixedFields.links }));
  }
  if (audit.length > 0) {
    parts.push(appending<TransitionRow>(schema, value, "transitions", transitionColumns, audit));
  }
  if (postings.length > 0) {
    const entries = postings.flatMap(({ at, approvalId, cancelId, entries: each }) => {
      const posting = randomUUID();
      return each.map(({ account, amount }) => ({
        posting,
        at,
        approval_id: approvalId,
        cancel_id: cancelId,
        account,
        amount,
      }));
    });
    parts.push(
      `entries AS (INSERT INTO ${schema}.entries (posting, at, mid, order_id, approval_id, cancel_id, account, amount)
       SELECT r.posting, r.at, ${value(mid)}::text, ${value(orderId)}::text, r.approval_id, r.cancel_id, r.account, r.amount
       FROM jsonb_to_recordset(${value(JSON.stringify(entries))}::jsonb) AS r
         (posting uuid, at timestamptz, approval_id uuid, cancel_id uuid, account text, amount bigint)
       WHERE EXISTS (SELECT FROM guard))`,
    );
  }
  return parts;
}

/** The rows of a key. The one that stops being active comes first, since an id has at most one active key. */
function keyParts(schema: string, { rows, history }: NonNullable<Save["key"]>, value: Value): string[] {
  const order = "ORDER BY r.state = 'active'";
  const upsert = upserting(schema, value);
  return [
    upsert<KeyRow>("billing_keys", keyColumns, rows, { fixed: fixedKeyFields, order }),
    appending<KeyTransition>(schema, value, "billing_key_transitions", keyTransitionColumns, history),
  ];
}

function notificationPart(
  schema: string,
  mid: string,
  inbox: NotificationWrite,
  value: (given: unknown) => string,
): string {
  if ("insert" in inbox) {
    const fields = Object.keys(inbox.insert) as (keyof NewNotificationRow)[];
    const { names, definition } = recordOf<NotificationRow>(notificationColumns, fields);
    const json = jsonOf<NewNotificationRow>(notificationColumns, fields, [inbox.insert]);
    return `inbox AS (INSERT INTO ${schema}.notifications (${names.join(", ")})
      SELECT ${names.map((name) => `r.${name}`).join(", ")}
      FROM jsonb_to_recordset(${value(json)}::jsonb) AS r (${definition}) WHERE EXISTS (SELECT FROM guard))`;
  }
  if ("repeat" in inbox) {
    const { listed, dedupeKey, fingerprint } = inbox.repeat;
    return `inbox AS (UPDATE ${schema}.notifications SET repeats = repeats + 1
      WHERE mid = ${value(mid)} AND dedupe_key = ${value(dedupeKey)} AND listed = ${value(listed)}
        AND fingerprint = ${value(fingerprint)} AND EXISTS (SELECT FROM guard))`;
  }
  const { id, tid, verdict, actor, evidence, at } = inbox.release;
  const { effect, reason, orderId } = verdict;
  return `inbox_release AS (UPDATE ${schema}.notifications SET tid = ${value(tid)}, effect = ${value(effect)},
      reason = ${value(reason)}, order_id = ${value(orderId)}, released_at = ${value(at)}::timestamptz,
      released_by = ${value(actor)}, release_evidence = ${value(evidence)}
    WHERE mid = ${value(mid)} AND id = ${value(id)} AND effect = 'quarantined' AND EXISTS (SELECT FROM guard) RETURNING 1)`;
}

/** Pools whose default isolation level or read-only mode does not suit a single statement. */
const inTransactions = new WeakSet<Pool>();
const readOnly = "25006";
const unsupported = "0A000";

/** Writes the changes of an order in one statement, or in an explicit transaction if the session's defaults do not suit. */
export async function saveOrder(
  pool: Pool,
  schema: string,
  identity: DatabaseIdentity,
  save: Save,
): Promise<SaveResult> {
  try {
    return await saveIn(pool, saveStatement(schema, identity, save), save.along?.count?.counted);
  } catch (error) {
    return refusedAlong(rolledBack(error) ?? [], error);
  }
}

/** The reason of a statement that rolled itself back; `undefined` for any other error. */
function rolledBack(error: unknown): readonly string[] | undefined {
  const isOurs = error instanceof LedgerUnavailableError && error.sqlState === "PL001";
  return isOurs && error.cause instanceof Error ? error.cause.message.split(" ") : undefined;
}

function refusedAlong([what, ...flags]: readonly string[], error: unknown): SaveResult {
  if (what === "rate-limited") throw new AlongRefused(what, Math.max(1, Number(flags[0])));
  if (what === "request-known") throw new AlongRefused(what, 0);
  if (what !== "not-written") throw error;
  const [, accepted, there] = flags;
  if (accepted !== "t") return "database-changed";
  return there === "t" ? "stale" : "gone";
}

async function saveIn(
  pool: Pool,
  { text, values }: BuiltSave,
  counted?: (rows: readonly RateLimitRow[]) => void,
): Promise<SaveResult> {
  let refusal: unknown;
  if (!inTransactions.has(pool)) {
    try {
      const row = await runAlone(pool, { text, values, readsOnly: false });
      if (row?.isolated === "t") return resultOf(row, counted);
    } catch (error) {
      const isReadOnly = error instanceof LedgerUnavailableError && error.sqlState === readOnly;
      if (!isReadOnly && rolledBack(error)?.[1] !== "f") throw error;
      if (isReadOnly) refusal = error;
    }
  }
  try {
    const result = await transact(pool, "write", async ({ query }) =>
      resultOf((await query(text, values))[0], counted),
    );
    inTransactions.add(pool);
    return result;
  } catch (error) {
    // A standby refuses to begin such a transaction: what it said of the statement is plainer.
    const isStandby = error instanceof LedgerUnavailableError && error.sqlState === unsupported;
    throw isStandby ? (refusal ?? error) : error;
  }
}

function resultOf(row: TextRow | undefined, counted?: (rows: readonly RateLimitRow[]) => void): SaveResult {
  if (row?.accepted !== "t") return "database-changed";
  if (row.there !== "t") return "gone";
  if (row.written === "0") return "stale";
  const rows: [string, number, number][] = JSON.parse(row.counted ?? "[]");
  counted?.(rows.map(([key, count, endsAt]) => ({ key, count, endsAt: new Date(endsAt) })));
  return "saved";
}
