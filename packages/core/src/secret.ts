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
  const digits = run.replace(/\D/g, "");
  for (let start = 0; start + 13 <= digits.length; start += 1) {
    for (let end = start + 13; end <= Math.min(start + 19, digits.length); end += 1) {
      if (looksIssued(digits.charAt(start), end - start) && passesLuhn(digits.slice(start, end))) return true;
    }
  }
  return false;
}

// Card numbers of the known networks and of domestic cards begin with 2 to 6 or 9; 16 digits are the most common;
// shorter or longer ones begin with 3 or 6. Without this, one in ten timestamps and transaction numbers would be masked.
function looksIssued(first: string, length: number): boolean {
  return length === 16 ? /[2-69]/.test(first) : /[36]/.test(first) || (length === 13 && first === "4");
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * Returns the first 60 characters of a foreign name with card numbers masked, for display. It masks only the first 200
 * characters, enough for a number that begins within the 60: masking all of a very long name would keep the server busy.
 */
export function shownName(name: string): string {
  return maskCardNumbers(name.slice(0, 200)).slice(0, 60);
}
