import { LedgerError } from "../errors.js";
import type { ApprovalRow, CancelRow, TransitionRow } from "../store.js";
import { milliseconds, type TextRow } from "./connection.js";

type Kind = "text" | "whole" | "time" | "flag" | "json";
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

/** How each field of a row is kept. */
export const approvalColumns: Columns<ApprovalRow> = {
  id: ["id", "text"],
  mid: ["mid", "text"],
  orderId: ["order_id", "text"],
  attemptNo: ["attempt_no", "whole"],
  oid: ["oid", "text"],
  payType: ["pay_type", "text"],
  price: ["price", "whole"],
  state: ["state", "text"],
  tid: ["tid", "text"],
  authTid: ["auth_tid", "text"],
  applNum: ["appl_num", "text"],
  approvedAt: ["approved_at", "time"],
  remaining: ["remaining", "whole"],
  held: ["held", "whole"],
  openCancel: ["open_cancel", "text"],
  contradictedAt: ["contradicted_at", "time"],
  networkCancelAt: ["network_cancel_at", "time"],
  accountNumber: ["account_number", "text"],
  accountBank: ["account_bank", "text"],
  accountHolder: ["account_holder", "text"],
  accountDueAt: ["account_due_at", "time"],
  ...replyColumns,
  ...callColumns,
};

export const cancelColumns: Columns<CancelRow> = {
  id: ["id", "text"],
  mid: ["mid", "text"],
  approvalId: ["approval_id", "text"],
  seq: ["seq", "whole"],
  operation: ["operation", "text"],
  network: ["network", "flag"],
  cancelPrice: ["cancel_price", "whole"],
  confirmPrice: ["confirm_price", "whole"],
  state: ["state", "text"],
  cancelTid: ["cancel_tid", "text"],
  actor: ["actor", "text"],
  reportedRemaining: ["reported_remaining", "whole"],
  cancelledAt: ["cancelled_at", "time"],
  repeats: ["repeats", "whole"],
  repeatAt: ["repeat_at", "time"],
  ...replyColumns,
  ...callColumns,
};

export const transitionColumns: Columns<TransitionRow> = {
  at: ["at", "time"],
  mid: ["mid", "text"],
  orderId: ["order_id", "text"],
  approvalId: ["approval_id", "text"],
  cancelId: ["cancel_id", "text"],
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
  if (text === null || kind === "text") return text;
  if (kind === "flag") return text === "t";
  if (kind === "json") return JSON.parse(text);
  const number = readWhole(text);
  return kind === "time" ? new Date(number) : number;
}

export function readWhole(text: string | null | undefined): number {
  const number = Number(text);
  if (typeof text !== "string" || !Number.isSafeInteger(number)) {
    throw new LedgerError("broken-rule", "The database holds a number beyond what JavaScript can count");
  }
  return number;
}

/** `column = $n` for each field given, and its values. */
export function assignments<Row>(columns: Columns<Row>, change: Partial<Row>, firstParameter: number) {
  const fields = Object.keys(change) as (keyof Row)[];
  return {
    sql: fields.map((field, index) => `${columns[field][0]} = $${firstParameter + index}`).join(", "),
    values: fields.map((field) => change[field]),
  };
}

/** `(columns) VALUES ($1, …)` for each field given, and its values. */
export function insertion<Row>(columns: Columns<Row>, row: Partial<Row>) {
  const fields = Object.keys(row) as (keyof Row)[];
  const names = fields.map((field) => columns[field][0]).join(", ");
  const parameters = fields.map((_, index) => `$${index + 1}`).join(", ");
  return { sql: `(${names}) VALUES (${parameters})`, values: fields.map((field) => row[field]) };
}

function entriesOf<Row>(columns: Columns<Row>): [string, readonly [string, Kind]][] {
  return Object.entries(columns);
}
