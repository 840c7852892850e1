import { inspect } from "node:util";

const redacted = "[redacted]";
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

  [inspect.custom](): string {
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
 * Replaces whatever looks like a card number (13 to 19 digits that pass the Luhn check, also when they are
 * grouped by spaces or hyphens) in a text that somebody else wrote and that is about to be logged or stored.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(/\d(?:[ -]?\d){12,18}/g, (match) => (passesLuhn(match) ? redacted : match));
}

function passesLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
