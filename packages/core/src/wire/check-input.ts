import { isSignable } from "../crypto/signature.js";
import { type Problem, problemsError } from "../errors.js";
import { isAmount } from "../money.js";
import type { Operation, RequestCodec, RequestField } from "../operations/index.js";
import { maskCardNumbers, revealText } from "../secret.js";

/** A request's fields as plain wire text, under their public names; those the client fills in are not there yet. */
export type PlainFields = ReadonlyMap<string, string>;

/**
 * Checks a caller's input against the operation and turns it into wire text.
 *
 * @throws PayApiError `invalid-input` with all problems at once; it names the fields and never their values.
 */
export function checkInput(operation: Operation, input: unknown): PlainFields {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw problemsError("invalid-input", [{ field: "input", message: "must be an object" }], operation.name);
  }
  const problems: Problem[] = [];
  const fields = new Map<string, string>();
  for (const name of Object.keys(input)) {
    if (!callerFields(operation).some(([known]) => known === name)) {
      problems.push({
        field: maskCardNumbers(name).slice(0, 60),
        message: `is no field of ${operation.name}`,
      });
    }
  }
  for (const [name, field] of callerFields(operation)) {
    const value = (input as Record<string, unknown>)[name] ?? field.default;
    if (value === undefined) {
      if (field.required) problems.push({ field: name, message: "is missing" });
      continue;
    }
    const signed = operation.signed.includes(name) && !field.encrypted;
    const checked = checkField(field, value, signed);
    if ("text" in checked) fields.set(name, checked.text);
    else problems.push({ field: name, message: checked.message });
  }
  if (problems.length > 0) throw problemsError("invalid-input", problems, operation.name);
  return fields;
}

function callerFields(operation: Operation): [string, RequestField][] {
  return Object.entries(operation.request).filter(([, field]) => field.filledBy === undefined);
}

type Checked = { readonly text: string } | { readonly message: string };

function checkField(field: RequestField, value: unknown, signed: boolean): Checked {
  const checked = checks[field.codec](value, field);
  if (!("text" in checked)) return checked;
  if (field.size !== null && [...checked.text].length > field.size) {
    return { message: `must have at most ${field.size} characters` };
  }
  if (signed && !isSignable(checked.text))
    return { message: 'must not contain "&" or "=", since it is signed' };
  return checked;
}

const checks: Record<RequestCodec, (value: unknown, field: RequestField) => Checked> = {
  text: (value, field) => {
    const text = revealText(value);
    if (text === undefined) return { message: "must be text" };
    if (field.required && text.trim() === "") return { message: "must not be empty" };
    if (/\p{Cc}/u.test(text)) return { message: "must not contain control characters, such as a line break" };
    return text.isWellFormed() ? { text } : { message: "contains half of a character pair" };
  },
  word: matching(/^[A-Za-z0-9_-]+$/, "must be letters, digits, _ or -"),
  amount: (value) =>
    isAmount(value)
      ? { text: String(value) }
      : { message: "must be an amount above 0, as a whole number (not text)" },
  "amount-or-zero": (value) =>
    value === 0 || isAmount(value)
      ? { text: String(value) }
      : { message: "must be an amount, as a whole number (not text)" },
  "card-number": matching(/^\d{13,16}$/, "must be 13 to 16 digits without spaces or hyphens"),
  "card-prefix": matching(/^\d{6}$/, "must be exactly the first 6 digits of the card number"),
  year: numberOrDigits(0, 99, "must be the last two digits of the year"),
  month: numberOrDigits(1, 12, "must be a month from 1 to 12"),
  "regist-no": matching(
    /^(\d{6}|\d{10})$/,
    "must be a birth date of 6 digits or a business number of 10 digits",
  ),
  "two-digits": matching(/^\d{2}$/, "must be exactly 2 digits"),
  installments: (value) =>
    value === 0 || (Number.isInteger(value) && (value as number) >= 2 && (value as number) <= 36)
      ? { text: String(value).padStart(2, "0") }
      : { message: "must be 0 for a lump sum, or a number of months from 2 to 36" },
  choice: (value, field) => {
    const choices = field.choices ?? {};
    return typeof value === "string" && Object.hasOwn(choices, value)
      ? { text: choices[value] ?? "" }
      : {
          message: `must be one of ${Object.keys(choices)
            .map((choice) => `"${choice}"`)
            .join(", ")}`,
        };
  },
};

function matching(pattern: RegExp, message: string): (value: unknown) => Checked {
  return (value) => {
    const text = revealText(value);
    return text !== undefined && pattern.test(text) ? { text } : { message };
  };
}

function numberOrDigits(least: number, most: number, message: string): (value: unknown) => Checked {
  return (value) => {
    const text = typeof value === "number" ? String(value) : revealText(value);
    if (text === undefined || !/^\d{1,2}$/.test(text)) return { message };
    return Number(text) >= least && Number(text) <= most ? { text: text.padStart(2, "0") } : { message };
  };
}
