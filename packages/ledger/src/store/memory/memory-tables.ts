import type { DuePage, DuePlace } from "../../domain/deadlines.js";
import type { RateLimitRow, RateLimitRows, RequestRow, RequestRows, RunningRequest } from "../limit-rows.js";

/** A table that a transaction in memory can commit or roll back. */
export interface Undoable {
  commit(): void;
  rollBack(): void;
}

/** A table of rows by key that can be rolled back to the last commit. Rows are copied in and out. */
export class UndoMap<Row> implements Undoable {
  readonly #rows = new Map<string, Row>();
  #undo: (() => void)[] = [];

  get(key: string): Row | undefined {
    return structuredClone(this.#rows.get(key));
  }

  /** The rows that `isWanted` accepts, oldest first. */
  select(isWanted: (row: Row) => boolean): Row[] {
    return structuredClone([...this.#rows.values()].filter(isWanted));
  }

  set(key: string, row: Row): void {
    this.#remember(key);
    this.#rows.set(key, structuredClone(row));
  }

  delete(key: string): void {
    this.#remember(key);
    this.#rows.delete(key);
  }

  /** Deletes the first `limit` rows that `isOver` accepts, and returns how many. */
  prune(limit: number, isOver: (row: Row) => boolean): number {
    const over = [...this.#rows].filter(([, row]) => isOver(row)).slice(0, limit);
    for (const [key] of over) this.delete(key);
    return over.length;
  }

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  #remember(key: string): void {
    const before = this.#rows.get(key);
    this.#undo.push(() => (before === undefined ? this.#rows.delete(key) : this.#rows.set(key, before)));
  }
}

/** One page of the due entries of a list, as copies. */
export function pageOf<Due extends DuePlace>(all: readonly Due[], { now, limit, after }: DuePage): Due[] {
  const due = all.filter(({ at }) => at <= now).sort(comparePlaces);
  const rest = after === undefined ? due : due.filter((each) => comparePlaces(each, after) > 0);
  return structuredClone(rest.slice(0, limit));
}

function comparePlaces(one: DuePlace, another: DuePlace): number {
  return one.at.getTime() - another.at.getTime() || (one.id < another.id ? -1 : Number(one.id > another.id));
}

export function createMemoryRateLimits(): {
  table: UndoMap<RateLimitRow & { readonly mid: string }>;
  rows: RateLimitRows;
} {
  const table = new UndoMap<RateLimitRow & { readonly mid: string }>();
  const placeOf = (mid: string, key: string) => JSON.stringify([mid, key]);
  return {
    table,
    rows: {
      countUp: async (mid, keys, { now, endsAt }) =>
        keys.map((key) => {
          const before = table.get(placeOf(mid, key));
          const runs = before !== undefined && before.endsAt > now;
          const row = runs ? { ...before, count: before.count + 1 } : { mid, key, count: 1, endsAt };
          table.set(placeOf(mid, key), row);
          return row;
        }),
      countDown: async (mid, counters) => {
        for (const { key, endsAt } of counters) {
          const row = table.get(placeOf(mid, key));
          if (row !== undefined && Number(row.endsAt) === Number(endsAt) && row.count > 0) {
            table.set(placeOf(mid, key), { ...row, count: row.count - 1 });
          }
        }
      },
      removeEndedCounters: async (mid, now, limit) =>
        table.prune(limit, (row) => row.mid === mid && row.endsAt <= now),
    },
  };
}

export function createMemoryRequests(): { table: UndoMap<RequestRow>; rows: RequestRows } {
  const table = new UndoMap<RequestRow>();
  const placeOf = (mid: string, id: string) => JSON.stringify([mid, id]);
  function running({ mid, id, fingerprint }: RunningRequest): RequestRow | undefined {
    const row = table.get(placeOf(mid, id));
    const isIt = row?.answer === null && (fingerprint === undefined || row.fingerprint === fingerprint);
    return isIt ? row : undefined;
  }
  return {
    table,
    rows: {
      beginRequest: async (row, now) => {
        const before = table.get(placeOf(row.mid, row.id));
        if (before !== undefined && before.endsAt > now) return before;
        table.set(placeOf(row.mid, row.id), row);
        return undefined;
      },
      keepAnswer: async (request, answer, endsAt) => {
        const row = running(request);
        if (row !== undefined) table.set(placeOf(row.mid, row.id), { ...row, answer, endsAt });
      },
      forgetRequest: async (request) => {
        const row = running(request);
        if (row !== undefined) table.delete(placeOf(row.mid, row.id));
      },
      removeEndedRequests: async (mid, now, limit) =>
        table.prune(limit, (row) => row.mid === mid && row.endsAt <= now),
    },
  };
}
