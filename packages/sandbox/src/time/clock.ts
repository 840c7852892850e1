/** How a clock is started. */
export interface ClockOptions {
  /** The start time (default: the machine's). */
  readonly at?: Date;
  /** Whether the clock is stopped until it is advanced. */
  readonly frozen?: boolean;
}

interface Timer {
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The sandbox's own time: it runs with the machine's, stands still, or is moved forward. */
export class Clock {
  #offset = 0;
  #frozenAt: number | undefined;
  #timers: Timer[] = [];
  #timeout: NodeJS.Timeout | undefined;
  #moving: Promise<void> = Promise.resolve();
  #isMoving = false;
  readonly #underWay = new Set<Promise<void>>();
  #isClosed = false;

  constructor({ at, frozen = false }: ClockOptions = {}) {
    if (at !== undefined && !Number.isFinite(at.getTime())) throw new TypeError("clock.at: a date is needed");
    if (at) this.#offset = at.getTime() - Date.now();
    if (frozen) this.#frozenAt = at?.getTime() ?? Date.now();
  }

  /** The time. */
  readonly now = (): Date => new Date(this.#time());

  get isFrozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  /** The times of day that a client's timestamp may be near: this clock's, and if that was moved, the machine's. */
  clientTimes(): readonly Date[] {
    const isMoved = this.#offset !== 0 || this.isFrozen;
    return isMoved ? [this.now(), new Date()] : [this.now()];
  }

  /** Lets time stand still. */
  freeze(): void {
    this.#frozenAt ??= this.#time();
    this.#arm();
  }

  /** Lets time run on from where it stands. */
  resume(): void {
    if (this.#frozenAt === undefined) return;
    this.#offset = this.#frozenAt - Date.now();
    this.#frozenAt = undefined;
    this.#arm();
  }

  /**
   * Moves time forward. Everything that falls due on the way is done in order, each at its own time, before this
   * resolves.
   * @throws TypeError if it would go back.
   */
  advance(milliseconds: number): Promise<void> {
    if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) {
      throw new TypeError("advance: milliseconds of 0 or more are needed");
    }
    return this.#moveTo(() => this.#time() + milliseconds);
  }

  /**
   * Moves time forward to a moment, as {@link advance} does.
   * @throws TypeError if it would go back.
   */
  set(moment: Date): Promise<void> {
    if (!(moment.getTime() >= this.#time())) throw new TypeError("set: a moment that is not past is needed");
    return this.#moveTo(() => moment.getTime());
  }

  /** Has something done later, at once if `milliseconds` is 0. */
  schedule(milliseconds: number, run: () => Promise<void> | void): void {
    this.#timers.push({ at: this.#time() + milliseconds, run });
    this.#timers.sort((one, other) => one.at - other.at);
    this.#arm();
  }

  /** Keeps {@link advance} from moving time on before something is done that has begun. */
  hold(work: Promise<void>): void {
    const held = work.then(
      () => void this.#underWay.delete(held),
      () => void this.#underWay.delete(held),
    );
    this.#underWay.add(held);
  }

  /** Resolves when no timer's work is running. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Forgets everything that was to be done. */
  close(): void {
    this.#isClosed = true;
    this.#timers = [];
    this.#arm();
  }

  #time(): number {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  #jump(to: number): void {
    if (to <= this.#time()) return;
    if (this.#frozenAt === undefined) this.#offset = to - Date.now();
    else this.#frozenAt = to;
  }

  #moveTo(target: () => number): Promise<void> {
    const move = async () => {
      await this.idle();
      const end = target();
      this.#isMoving = true;
      try {
        for (let next = this.#take(end); next; next = this.#take(end)) {
          this.#jump(next.at);
          await next.run();
          await this.idle();
        }
        this.#jump(end);
      } finally {
        this.#isMoving = false;
        this.#arm();
      }
    };
    this.#moving = this.#moving.then(move, move);
    return this.#moving;
  }

  #take(until: number): Timer | undefined {
    return this.#timers[0] && this.#timers[0].at <= until ? this.#timers.shift() : undefined;
  }

  #arm(): void {
    clearTimeout(this.#timeout);
    const [next] = this.#timers;
    if (!next || this.#isMoving || this.#isClosed) return;
    const wait = next.at - this.#time();
    if (this.isFrozen && wait > 0) return;
    this.#timeout = setTimeout(
      () => {
        for (let due = this.#take(this.#time()); due; due = this.#take(this.#time())) void due.run();
        this.#arm();
      },
      Math.min(Math.max(wait, 0), LONGEST_TIMEOUT_MS),
    );
  }
}
