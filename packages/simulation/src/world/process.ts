import type { World } from "./world.js";

/** The probability of a crash at each wait. */
const crashRate = 0.002;
/** The probability of a freeze longer than every timeout, as of a suspended machine. */
const freezeRate = 0.001;

/** One process of the shop: it waits at every step, and may crash there. */
export class Process {
  /** The difference of its wall clock from the others'. */
  readonly skewMs: number;
  isAlive = true;
  /** When it last froze, in the world's milliseconds. */
  stoodStillAt = 0;
  #frozenUntil = 0;
  readonly #atDeath: (() => void)[] = [];

  constructor(
    readonly world: World,
    readonly name: string,
  ) {
    const { random } = world;
    this.skewMs = random.chance(0.5) ? 0 : random.between(-6, 6) * 3_600_000 + random.between(-5_000, 5_000);
  }

  /** A point at which other processes may run first. */
  step(what: string): Promise<void> {
    return this.#later(this.world.lag(), what);
  }

  readonly wait = (ms: number): Promise<void> => this.#later(ms, "wait");

  readonly time = (): Date => new Date(this.world.now + this.skewMs);

  /** Delivers a result from outside, if the process is still running. */
  deliver(what: string, take: () => void): void {
    const frozen = this.#frozenUntil - this.world.now;
    if (frozen > 0) this.world.at(frozen, () => this.deliver(what, take));
    else if (this.#passes(what)) take();
  }

  whenDead(run: () => void): void {
    this.#atDeath.push(run);
  }

  crash(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.world.note(`${this.name} dies`);
    for (const run of this.#atDeath.splice(0)) run();
  }

  #later(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        // A frozen process continues later at the same point.
        const frozen = this.#frozenUntil - this.world.now;
        if (frozen > 0) this.world.at(frozen, go);
        else if (this.#passes(what)) resolve();
      };
      this.world.at(ms, go);
    });
  }

  #passes(what: string): boolean {
    const { faulty, random } = this.world;
    if (!this.isAlive) return false;
    if (faulty && random.chance(crashRate)) {
      this.world.note(`${this.name} at ${what}`);
      this.crash();
      return false;
    }
    if (faulty && random.chance(freezeRate)) {
      const ms = random.between(2_000, 200_000);
      this.stoodStillAt = this.world.now;
      this.#frozenUntil = this.world.now + ms;
      this.world.note(`${this.name} stands still at ${what} for ${ms}`);
    }
    this.world.note(`${this.name} ${what}`);
    return true;
  }
}
