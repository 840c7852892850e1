import { createHash } from "node:crypto";
import { Random } from "./random.js";

/** A violated rule. */
export class Violation extends Error {
  override readonly name = "Violation";

  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
  }
}

const start = Date.UTC(2026, 0, 15, 3, 0, 0);

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time and its scheduled events. Events run one at a time, each with everything that follows from it without waiting, so that
 * a run depends only on its seed.
 */
export class World {
  readonly random: Random;
  readonly lines: string[] = [];
  /** Milliseconds since 1970. */
  now = start;
  /** Whether faults may occur. */
  faulty = true;
  #events: Event[] = [];
  #count = 0;
  #violation: unknown;
  readonly #inRealTime = new Set<Promise<unknown>>();

  constructor(seed: string) {
    this.random = new Random(seed);
  }

  readonly date = (): Date => new Date(this.now);

  /** Schedules a task `ms` later. */
  at(ms: number, run: () => void): void {
    this.#count += 1;
    push(this.#events, { at: this.now + ms, order: this.#count, run });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(ms, resolve));
  }

  /** Stops virtual time during work that takes real time, such as a database query. */
  async standStillFor<T>(work: Promise<T>): Promise<T> {
    this.#inRealTime.add(work);
    try {
      return await work;
    } finally {
      this.#inRealTime.delete(work);
    }
  }

  /** A pause as in a network or a scheduler: mostly short, sometimes long enough to change the order of events. */
  lag(): number {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.9 || !this.faulty) return random.between(1, 30);
    return kind < 0.985 ? random.between(30, 800) : random.between(800, 4_000);
  }

  note(line: string): void {
    this.lines.push(`${String(this.now - start).padStart(8)} ${line}`);
  }

  /** Ends the run with this error after the current event. */
  fail(violation: unknown): void {
    this.#violation ??= violation;
  }

  /** Runs all events of the next `ms`. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      pop(this.#events);
      this.now = next.at;
      next.run();
      // Promises that are kept or broken by it run until all of them wait for another event.
      await new Promise(setImmediate);
      while (this.#inRealTime.size > 0) {
        await Promise.allSettled(this.#inRealTime);
        await new Promise(setImmediate);
      }
      if (this.#violation !== undefined) throw this.#violation;
    }
    this.now = end;
  }

  /** The value by which runs are compared. */
  hash(): string {
    return createHash("sha256").update(this.lines.join("\n")).digest("hex").slice(0, 16);
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(event, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    const isRight = left !== undefined && right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
