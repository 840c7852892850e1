import { UniqueConflict } from "./store.js";

/** One table in memory with its unique constraints and the way back to the last commit. Rows are replaced, never changed. */
export class MemoryTable<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #unique = new Map<string, string>();
  readonly #idOf: (row: Row) => string;
  readonly #keysOf: (row: Row) => ReadonlyMap<string, string>;
  #undo: (() => void)[] = [];

  constructor(idOf: (row: Row) => string, keysOf: (row: Row) => ReadonlyMap<string, string>) {
    this.#idOf = idOf;
    this.#keysOf = keysOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  /** In the order in which they were first put. */
  all(): Row[] {
    return [...this.#rows.values()];
  }

  /** @throws UniqueConflict; nothing is changed then */
  put(row: Row): Row {
    const id = this.#idOf(row);
    const before = this.#rows.get(id);
    const keys = [...this.#keysOf(row)].map(([constraint, key]) => ({
      constraint,
      key: `${constraint} ${key}`,
    }));
    for (const { constraint, key } of keys) {
      const owner = this.#unique.get(key);
      if (owner !== undefined && owner !== id) throw new UniqueConflict(constraint);
    }
    for (const [constraint, key] of before === undefined ? [] : this.#keysOf(before)) {
      this.#set(this.#unique, `${constraint} ${key}`, undefined);
    }
    for (const { key } of keys) this.#set(this.#unique, key, id);
    this.#set(this.#rows, id, row);
    return row;
  }

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  #set<V>(map: Map<string, V>, key: string, value: V | undefined): void {
    const before = map.get(key);
    const put = (wanted: V | undefined) => (wanted === undefined ? map.delete(key) : map.set(key, wanted));
    put(value);
    this.#undo.push(() => put(before));
  }
}
