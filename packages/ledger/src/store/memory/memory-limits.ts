import {
  type Along,
  AlongRefused,
  type RateLimitRow,
  type RequestRow,
  type RunningRequest,
} from "../limit-rows.js";
import { Table } from "./memory-tables.js";

/** Rate limits and idempotency keys. */
export class MemoryLimits {
  readonly #counters = new Table<RateLimitRow & { readonly mid: string }>();
  readonly #requests = new Table<RequestRow & { readonly mid: string }>();

  request(mid: string, id: string): RequestRow | undefined {
    return this.#requests.get(keyOf(mid, id));
  }

  /** When every exhausted counter has restarted; `undefined` if none is exhausted. */
  fullUntil(mid: string, limits: ReadonlyMap<string, number>): Date | undefined {
    const full = [...limits].flatMap(([key, limit]) => {
      const row = this.#counters.get(keyOf(mid, key));
      return row !== undefined && row.count >= limit ? [row.endsAt] : [];
    });
    return full.sort((a, b) => Number(b) - Number(a))[0];
  }

  /** @throws AlongRefused */
  check(mid: string, { count, begin }: Along): void {
    if (count !== undefined) {
      const at = count.now ?? new Date();
      const full = this.#counted(mid, count, at).filter(
        (row) => row.count > (count.limits.get(row.key) ?? 0),
      );
      const wait = Math.max(...full.map(({ endsAt }) => Number(endsAt) - Number(at)));
      if (full.length > 0) throw new AlongRefused("rate-limited", Math.max(1, wait));
    }
    const earlier = begin && this.#requests.get(keyOf(mid, begin.id));
    if (earlier !== undefined && earlier.endsAt > (begin?.now ?? new Date())) {
      throw new AlongRefused("request-known", 0);
    }
  }

  /** Writes what {@link MemoryLimits.check} allowed. */
  write(mid: string, { count, release = [], begin, end }: Along): void {
    if (count !== undefined) {
      const rows = this.#counted(mid, count, count.now ?? new Date());
      for (const row of rows) this.#counters.set(keyOf(mid, row.key), { mid, ...row });
      count.counted(rows);
    }
    if (begin !== undefined) {
      const { id, fingerprint, leaseMs, now } = begin;
      this.#requests.set(keyOf(mid, id), { mid, id, fingerprint, answer: null, endsAt: later(now, leaseMs) });
    }
    for (const { key, endsAt } of release) {
      const row = this.#counters.get(keyOf(mid, key));
      if (row !== undefined && Number(row.endsAt) === Number(endsAt) && row.count > 0) {
        this.#counters.set(keyOf(mid, key), { ...row, count: row.count - 1 });
      }
    }
    const row = end && this.#running(mid, end.request);
    if (end === undefined || row === undefined) return;
    const { answer, now, retentionMs } = end;
    if (answer === undefined) this.#requests.delete(keyOf(mid, row.id));
    else this.#requests.set(keyOf(mid, row.id), { ...row, mid, answer, endsAt: later(now, retentionMs) });
  }

  removeEnded(mid: string, now: Date, limit: number): number {
    const isOver = (row: { readonly mid: string; readonly endsAt: Date }) =>
      row.mid === mid && row.endsAt <= now;
    return Math.max(this.#counters.prune(limit, isOver), this.#requests.prune(limit, isOver));
  }

  #counted(mid: string, { limits, windowMs }: NonNullable<Along["count"]>, at: Date): RateLimitRow[] {
    return [...limits.keys()].map((key) => {
      const row = this.#counters.get(keyOf(mid, key));
      return row !== undefined && row.endsAt > at
        ? { key, count: row.count + 1, endsAt: row.endsAt }
        : { key, count: 1, endsAt: later(at, windowMs) };
    });
  }

  #running(mid: string, { id, fingerprint }: RunningRequest): RequestRow | undefined {
    const row = this.request(mid, id);
    const isIt = row?.answer === null && (fingerprint === undefined || row.fingerprint === fingerprint);
    return isIt ? row : undefined;
  }
}

function keyOf(mid: string, key: string): string {
  return JSON.stringify([mid, key]);
}

function later(from: Date | undefined, ms: number): Date {
  return new Date(Number(from ?? new Date()) + ms);
}
