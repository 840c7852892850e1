import type { InputOf, Operation, RequestField } from "../operations/index.js";

/** A field of a JSON body, for the check of names and for the documentation. */
export interface BodyField {
  readonly name: string;
  readonly type: "string" | "number" | "string or number" | "array of numbers";
  readonly required: boolean;
  /** A short description. */
  readonly note: string;
}

/** Body fields that are passed to an operation unchanged; its table has their type and description. */
export function fieldsOf<
  O extends Operation,
  const Names extends readonly (keyof InputOf<O> & string)[],
  const Optional extends readonly Names[number][] = [],
>(operation: O, names: Names, optional?: Optional): readonly FieldOf<O, Names[number], Optional[number]>[];
export function fieldsOf(
  operation: Operation,
  names: readonly string[],
  optional: readonly string[] = [],
): readonly BodyField[] {
  return names.map((name) => {
    const field = operation.request[name];
    if (field === undefined) throw new TypeError(`${operation.name} has no field ${name}`);
    const required = field.required && field.default === undefined && !optional.includes(name);
    return { name, type: typeOf(field), required, note: noteOf(field) };
  });
}

// Literal types, so that the compiler can compare them with the types of bodies.
type FieldOf<O extends Operation, Name extends keyof InputOf<O>, Optional> = Name extends Name
  ? BodyField & {
      readonly name: Name;
      readonly required: Name extends Optional
        ? false
        : Record<never, never> extends Pick<InputOf<O>, Name>
          ? false
          : true;
    }
  : never;

/** Returns the values of a body's fields that an operation takes. */
export function pick(
  body: Readonly<Record<string, unknown>>,
  fields: readonly BodyField[],
): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap(({ name }) => (name in body ? [[name, body[name]]] : [])));
}

function typeOf({ codec }: RequestField): BodyField["type"] {
  switch (codec) {
    case "amount":
    case "amount-or-zero":
    case "installments":
    case "count":
      return "number";
    case "year":
    case "month":
      return "string or number";
    case "installment-list":
      return "array of numbers";
    default:
      return "string";
  }
}

function noteOf({ ko, codec, choices, size }: RequestField): string {
  const form = choices === undefined ? (forms[codec] ?? limit(size)) : Object.keys(choices).join(", ");
  return form === undefined ? ko : `${ko}: ${form}`;
}

const forms: Partial<Record<RequestField["codec"], string>> = {
  "card-number": "13 to 16 digits",
  year: "the last two digits of the year",
  month: "1 to 12",
  "regist-no": "a birth date of 6 digits, or a business number of 10",
  "two-digits": "exactly 2 digits",
  installments: "0 for a lump sum, or 2 to 36 months",
  "installment-list": "1 for a lump sum, 2 to 36 months, 99 to exclude the lump sum",
  "korean-date": "a date such as 2026-11-21",
  digits: "digits",
};

function limit(size: number | null): string | undefined {
  return size === null ? undefined : `at most ${size} characters`;
}
