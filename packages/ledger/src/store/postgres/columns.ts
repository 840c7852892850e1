import type { DuePage, DuePlace } from "../../domain/deadlines.js";
import type { NotificationRow } from "../../domain/notification-rows.js";
import type { ApprovalRow, CancelRow, LinkRow, TransitionRow } from "../../domain/rows.js";
import { LedgerError } from "../../errors.js";
import { milliseconds, type TextRow } from "./connection.js";

type Kind = "id" | "text" | "whole" | "time" | "flag" | "json";
export type Columns<Row> = { readonly [Field in keyof Row]-?: readonly [column: string, kind: Kind] };

const replyColumns = {
  resultCode: ["result_code", "text"],
  resultMessage: ["result_message", "text"],
  failureCode: ["failure_code", "text"],
  reportedPrice: ["reported_price", "whole"],
} as const;

const callColumns = {
  settledBy: ["settled_by", "text"],
  createdAt: ["created_at", "time"],
  sendingAt: ["sending_at", "time"],
  deadlineAt: ["deadline_at", "time"],
  settledAt: ["settled_at", "time"],
} as const;

/** The column and type of each field of a row. */
export const approvalColumns: Columns<ApprovalRow> = {
  id: ["id", "id"],
  mid: ["mid", "text"],
  orderId: ["order_id", "text"],
  attemptNo: ["attempt_no", "whole"],
  oid: ["oid", "text"],
  payType: ["pay_type", "text"],
  partlyCancellable: ["partly_cancellable", "flag"],
  price: ["price", "whole"],
  state: ["state", "text"],
  tid: ["tid", "text"],
  authTid: ["auth_tid", "text"],
  applNum: ["appl_num", "text"],
  approvedAt: ["approved_at", "time"],
  remaining: ["remaining", "whole"],
  held: ["held", "whole"],
  openCancel: ["open_cancel", "id"],
  mismatchAt: ["mismatch_at", "time"],
  mismatches: ["mismatches", "json"],
  deposits: ["deposits", "json"],
  netCancelAt: ["net_cancel_at", "time"],
  accountNumber: ["account_number", "text"],
  accountBank: ["account_bank", "text"],
  accountHolder: ["account_holder", "text"],
  accountDueAt: ["account_due_at", "time"],
  ...replyColumns,
  ...callColumns,
};

export const cancelColumns: Columns<CancelRow> = {
  id: ["id", "id"],
  mid: ["mid", "text"],
  approvalId: ["approval_id", "id"],
  seq: ["seq", "whole"],
  operation: ["operation", "text"],
  netCancel: ["net_cancel", "flag"],
  cancelPrice: ["cancel_price", "whole"],
  confirmPrice: ["confirm_price", "whole"],
  state: ["state", "text"],
  cancelTid: ["cancel_tid", "text"],
  actor: ["actor", "text"],
  reportedRemaining: ["reported_remaining", "whole"],
  cancelledAt: ["cancelled_at", "time"],
  repeats: ["repeats", "whole"],
  unsentRepeats: ["unsent_repeats", "whole"],
  repeatAt: ["repeat_at", "time"],
  ...replyColumns,
  ...callColumns,
};

export const transitionColumns: Columns<TransitionRow> = {
  at: ["at", "time"],
  mid: ["mid", "text"],
  orderId: ["order_id", "text"],
  approvalId: ["approval_id", "id"],
  cancelId: ["cancel_id", "id"],
  what: ["what", "text"],
  from: ["from_state", "text"],
  to: ["to_state", "text"],
  actor: ["actor", "text"],
  outcome: ["outcome", "text"],
  price: ["price", "whole"],
  tid: ["tid", "text"],
  failureCode: ["failure_code", "text"],
  resultCode: ["result_code", "text"],
  resultMessage: ["result_message", "text"],
  evidence: ["evidence", "text"],
};

export const linkColumns: Columns<LinkRow> = {
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

export const notificationColumns: Columns<NotificationRow> = {
  id: ["id", "id"],
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

const sqlTypes: Record<Kind, string> = {
  id: "uuid",
  text: "text",
  whole: "bigint",
  time: "timestamptz",
  flag: "boolean",
  json: "jsonb",
};

/** Some columns as a list of names, and as the column definitions of a record. */
export function recordOf<Row>(columns: Columns<Row>, fields: readonly (keyof Row)[]) {
  const used = fields.map((field) => columns[field]);
  return {
    names: used.map(([column]) => column),
    definition: used.map(([column, kind]) => `${column} ${sqlTypes[kind]}`).join(", "),
  };
}

/** Rows as JSON objects by column name. */
export function jsonOf<Row>(
  columns: Columns<Row>,
  fields: readonly (keyof Row)[],
  rows: readonly Row[],
): string {
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(fields.map((field) => [columns[field][0], row[field]]))),
  );
}

/** A row as a JSON array, in the order of its columns. */
export function arrayOf<Row>(columns: Columns<Row>, alias: string): string {
  const values = entriesOf(columns).map(([, [column, kind]]) =>
    kind === "time" ? milliseconds(`${alias}.${column}`) : `${alias}.${column}`,
  );
  return `json_build_array(${values.join(", ")})`;
}

export function readArray<Row>(columns: Columns<Row>, values: readonly unknown[]): Row {
  return Object.fromEntries(
    entriesOf(columns).map(([field, [, kind]], index) => {
      const value = values[index] ?? null;
      return [field, kind === "time" && value !== null ? new Date(readWhole(String(value))) : value];
    }),
  ) as Row;
}

/** The list for SELECT or RETURNING. */
export function columnList<Row>(columns: Columns<Row>): string {
  return entriesOf(columns)
    .map(([, [column, kind]]) => (kind === "time" ? `${milliseconds(column)} AS ${column}` : column))
    .join(", ");
}

export function readRow<Row>(columns: Columns<Row>, row: TextRow): Row {
  return Object.fromEntries(
    entriesOf(columns).map(([field, [column, kind]]) => [field, readValue(kind, row[column] ?? null)]),
  ) as Row;
}

function readValue(kind: Kind, text: string | null): unknown {
  if (text === null || kind === "text" || kind === "id") return text;
  if (kind === "flag") return text === "t";
  if (kind === "json") return JSON.parse(text);
  const number = readWhole(text);
  return kind === "time" ? new Date(number) : number;
}

export function readWhole(text: string | null | undefined): number {
  const number = Number(text);
  if (typeof text !== "string" || !Number.isSafeInteger(number)) {
    throw new LedgerError(
      "broken-rule",
      "A number in the database is too large for JavaScript (beyond 2^53)",
    );
  }
  return number;
}

/** Returns the parts that insert rows, or change all of their fields that are not fixed. */
export function upserting(schema: string, value: Value) {
  return <Row>(
    table: string,
    columns: Columns<Row>,
    rows: readonly Row[],
    { key = "id", fixed, more = {}, order = "" }: Upsert<Row>,
  ): string => {
    const fields = Object.keys(columns) as (keyof Row)[];
    const { names, definition } = recordOf(columns, fields);
    const kept = new Set<string>(fixed.map((field) => columns[field as keyof Row][0]));
    const changed = names.filter((name) => !kept.has(name)).map((name) => `${name} = excluded.${name}`);
    return `${table} AS (INSERT INTO ${schema}.${table} (${[...names, ...Object.keys(more)].join(", ")})
       SELECT ${[...names.map((name) => `r.${name}`), ...Object.values(more)].join(", ")}
       FROM jsonb_to_recordset(${value(jsonOf(columns, fields, rows))}::jsonb) AS r (${definition})
       WHERE EXISTS (SELECT FROM guard) ${order}
       ON CONFLICT (${key}) DO UPDATE SET ${changed.join(", ")})`;
  };
}

interface Upsert<Row> {
  readonly key?: string;
  readonly fixed: readonly (keyof Row | "orderId")[];
  readonly more?: Readonly<Record<string, string>>;
  readonly order?: string;
}

/** Adds a parameter to a statement, and returns its name. */
export type Value = (given: unknown) => string;

/** Returns the part that appends rows in their order. */
export function appending<Row>(
  schema: string,
  value: Value,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): string {
  const fields = Object.keys(columns) as (keyof Row)[];
  const { names, definition } = recordOf(columns, fields);
  return `${table} AS (INSERT INTO ${schema}.${table} (${names.join(", ")})
     SELECT ${names.map((name) => `r.${name}`).join(", ")}
     FROM ROWS FROM (jsonb_to_recordset(${value(jsonOf(columns, fields, rows))}::jsonb) AS (${definition}))
       WITH ORDINALITY AS r (${names.join(", ")}, place)
     WHERE EXISTS (SELECT FROM guard) ORDER BY r.place)`;
}

function entriesOf<Row>(columns: Columns<Row>): [string, readonly [string, Kind]][] {
  return Object.entries(columns);
}

/** The end of a query for one page of rows that are due at the column `at`; its values are `$2` to `$5`. */
export function dueIn(at: string, id: string): string {
  return `${at} <= $2 AND ($4::timestamptz IS NULL OR (${at}, ${id}) > ($4, $5::uuid)) ORDER BY ${at}, ${id} LIMIT $3`;
}

export function dueValues({ now, limit, after }: DuePage): readonly unknown[] {
  return [now, limit, after?.at ?? null, after?.id ?? null];
}

export function readPlace(row: TextRow): DuePlace {
  return { at: new Date(readWhole(row.at)), id: row.id ?? "" };
}

/** The id for a comparison with a UUID column. PostgreSQL fails on text that is not a UUID. */
export function uuidOrNull(id: string): string | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
