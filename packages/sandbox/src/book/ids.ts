import { createHmac, randomBytes } from "node:crypto";

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * The source of all ids. With a seed the n-th id of a kind is always the same, so that a run can be repeated exactly. Without a seed
 * ids are unguessable.
 */
export class Ids {
  readonly #seed: string | undefined;
  readonly #counts = new Map<string, number>();

  constructor(seed: string | undefined) {
    this.#seed = seed;
  }

  /** Lower-case hex digits, at most 64. */
  hex(kind: string, length: number): string {
    return this.#bytes(kind).toString("hex").slice(0, length);
  }

  /** Decimal digits, at most 32, the first of them not 0. */
  digits(kind: string, length: number): string {
    return [...this.#bytes(kind)]
      .slice(0, length)
      .map((byte, at) => (at === 0 ? 1 + (byte % 9) : byte % 10))
      .join("");
  }

  /** Letters and digits that fit into a URL, at most 32. */
  token(kind: string, length: number): string {
    return [...this.#bytes(kind)]
      .slice(0, length)
      .map((byte) => LETTERS[byte % LETTERS.length])
      .join("");
  }

  #bytes(kind: string): Buffer {
    if (this.#seed === undefined) return randomBytes(32);
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return createHmac("sha256", this.#seed).update(`${kind} ${count}`).digest();
  }
}
