const redacted = "[redacted]";
// Node's `inspect.custom`, without importing Node: browsers use this module's types.
const inspectKey = Symbol.for("nodejs.util.inspect.custom");
// A registered symbol, so that a Secret made by another copy of this package is still recognised.
const revealKey = Symbol.for("@payapi/core.Secret.reveal");

/**
 * A string that must never be printed: a card number, a birth date, a key, a billing key.
 *
 * It shows as `[redacted]` in string concatenation, `JSON.stringify`, `util.inspect` and error causes, and
 * its value is no property, so spreading or cloning it carries nothing. Only {@link Secret.reveal} gives
 * the value back.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it at the last moment, and don't keep what it returns. */
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

/** Whether the value is a {@link Secret}, also one made by another copy of this package. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && revealKey in value;
}

/** The string behind a plain string or a {@link Secret}; `undefined` for anything else. */
export function revealText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isSecret(value) ? value.reveal() : undefined;
}

/**
 * Replaces whatever may hold a card number (13 to 19 digits that pass the Luhn check, also when they are grouped by
 * blanks, hyphens or dots, or stand among other digits) in a text that somebody else wrote and that is about to be logged
 * or stored.
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

// Card numbers of the known networks and of domestic cards begin with 2 to 6 or 9; 16 digits is all but universal, and
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
 * The beginning of a name that somebody else chose, as it may be shown: no part of a card number is in it. Only so much is
 * looked at as the longest number may take, with its blanks, from within what is shown: of a long name all of it would take
 * long enough to keep a server busy.
 */
export function shownName(name: string): string {
  return maskCardNumbers(name.slice(0, 200)).slice(0, 60);
}
