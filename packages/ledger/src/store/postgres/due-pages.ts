import type { DuePage, DuePlace } from "../port.js";
import { readWhole } from "./columns.js";
import type { TextRow } from "./connection.js";

/** What a page asks of the rows that are due at `at`, as the end of a query: its values are `$2` to `$5`. */
export function dueIn(at: string, id: string): string {
  return `${at} <= $2 AND ($4::timestamptz IS NULL OR (${at}, ${id}) > ($4, $5::uuid)) ORDER BY ${at}, ${id} LIMIT $3`;
}

export function dueValues({ now, limit, after }: DuePage): readonly unknown[] {
  return [now, limit, after?.at ?? null, after?.id ?? null];
}

export function readPlace(row: TextRow): DuePlace {
  return { at: new Date(readWhole(row.at)), id: row.id ?? "" };
}
