import type { DuePage, DuePlace } from "../../domain/deadlines.js";

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
