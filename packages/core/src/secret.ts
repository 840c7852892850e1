const redacted = "[redacted]";
// Node's `inspect.custom`, without importing Node: browsers use this module's types.
const inspectKey = Symbol.for("nodejs.util.inspect.custom");
// A registered symbol, so that a Secret made by another copy of this package is still recognised.
const revealKey = Symbol.for("@payapi/core.Secret.reveal");

/**
 * A string that must never be printed: a card number, a birth date, a key, a billing key.
 *
 * It prints as `[redacted]` in string concatenation, `JSON.stringify`, `util.inspect` and error causes. Its value is not a
 * property, so spreading or cloning does not copy it. Only {@link Secret.reveal} returns the value.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the value. Call it as late as possible, and don't store the result. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }

  [Symbol.toPrimitive](): string {
    return redacted;
  }

  [inspectKey](): string {
    return redacted;
  }

  [revealKey](): string {
    return this.#value;
  }
}

/** Returns whether the value is a {@link Secret}, also one of another copy of this package. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && revealKey in value;
}

/** Returns the text of a string or a {@link Secret}; `undefined` for other values. */
export function revealText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isSecret(value) ? value.reveal() : undefined;
}

/**
 * Masks possible card numbers in foreign text before it is logged or stored: 13 to 19 digits that pass the Luhn check, also
 * grouped by spaces, hyphens or dots, or within a longer row of digits.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(/\d(?:[ .-]{0,2}\d){12,}/g, (run) => (holdsCardNumber(run) ? redacted : run));
}

function holdsCardNumber(run: string): boolean {
  const digits = new Uint8Array(run.length);
  let count = 0;
  for (let index = 0; index < run.length; index += 1) {
    const digit = run.charCodeAt(index) - 0x30;
    if (digit >= 0 && digit <= 9) {
      digits[count] = digit;
      count += 1;
    }
  }
  return holdsCardDigits(digits.subarray(0, count));
}

const shortestCard = 13;
const longestCard = 19;

/**
 * Returns whether a part of the digits could be a card number. The sums of all digits before each one are kept, so that a check
 * digit is compared in one step and the work grows with the number of digits alone.
 */
export function holdsCardDigits(digits: ArrayLike<number>): boolean {
  const { length: count } = digits;
  const first = new Uint8Array(count);
  // The digits at even places are doubled in one sum, those at odd places in the other.
  const evenSums = new Int32Array(count + 1);
  const oddSums = new Int32Array(count + 1);
  for (let place = 0; place < count; place += 1) {
    const digit = digits[place] ?? 0;
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    const end = place + 1;
    first[place] = digit;
    evenSums[end] = (evenSums[place] ?? 0) + (place % 2 === 0 ? doubled : digit);
    oddSums[end] = (oddSums[place] ?? 0) + (place % 2 === 0 ? digit : doubled);
    // Of a card number, every second digit is doubled, and the last one is not.
    const sums = end % 2 === 0 ? evenSums : oddSums;
    for (let length = shortestCard; length <= longestCard && length <= end; length += 1) {
      const start = end - length;
      if (((sums[end] ?? 0) - (sums[start] ?? 0)) % 10 === 0 && looksIssued(first[start] ?? 0, length))
        return true;
    }
  }
  return false;
}

// Card numbers of the known networks and of domestic cards begin with 2 to 6 or 9; 16 digits are the most common;
// shorter or longer ones begin with 3 or 6. Without this, one in ten timestamps and transaction numbers would be masked.
function looksIssued(first: number, length: number): boolean {
  if (length === 16) return (first >= 2 && first <= 6) || first === 9;
  return first === 3 || first === 6 || (length === shortestCard && first === 4);
}

/**
 * Returns the first 60 characters of a foreign name with card numbers masked, for display. It masks only the first 200
 * characters, enough for a number that begins within the 60: masking all of a very long name would keep the server busy.
 */
export function shownName(name: string): string {
  return maskCardNumbers(name.slice(0, 200)).slice(0, 60);
}
