import type { Environment } from "../config.js";
import { type FieldProblem, fieldProblem, problemsError } from "../errors.js";
import type { LocalizedMessage } from "../language.js";
import type { Operation, RequestField } from "../operations/index.js";
import { shownName } from "../secret.js";
import { checkField } from "./field-codecs.js";
import { fieldMessages, noFieldOf } from "./field-messages.js";

/** A request's fields as plain text, by public name, without the fields that the client fills in. */
export type PlainFields = ReadonlyMap<string, string>;

/**
 * Validates a caller's input for an operation and encodes it as text.
 *
 * @throws PayApiError `invalid-input`, which lists all problems; it names the fields and never contains their values
 */
export function checkInput(operation: Operation, input: unknown, environment: Environment): PlainFields {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw problemsError("invalid-input", [fieldProblem("input", fieldMessages.noObject)], operation.name);
  }
  const problems: FieldProblem[] = [];
  const fields = new Map<string, string>();
  for (const name of Object.keys(input)) {
    if (!callerFields(operation).some(([known]) => known === name)) {
      problems.push(fieldProblem(shownName(name), noFieldOf(operation.name)));
    }
  }
  for (const [name, field] of callerFields(operation)) {
    const value = (input as Record<string, unknown>)[name] ?? field.default;
    if (value === undefined) {
      if (field.required || isNeeded(field, input)) problems.push(fieldProblem(name, fieldMessages.missing));
      continue;
    }
    const signed = operation.signed.includes(name) && !field.encrypted;
    const checked = checkField(field, value, { signed, environment });
    if ("text" in checked) fields.set(name, checked.text);
    else problems.push(fieldProblem(name, checked.wrong));
  }
  const installments = operation.request.cardQuota?.codec === "installments" && wrongInstallments(fields);
  if (installments) problems.push(fieldProblem("cardQuota", installments));
  if (problems.length > 0) throw problemsError("invalid-input", problems, operation.name);
  return fields;
}

function isNeeded({ requiredForPayType }: RequestField, input: object): boolean {
  return requiredForPayType !== undefined && "payType" in input && input.payType === requiredForPayType;
}

/** The least amount that card companies split into installments, in won. */
const leastForInstallments = 50_000;

/** Corporate cards are paid in one sum; of a keyed-in card, the business number shows one. Debit cards show only at the gateway. */
function wrongInstallments(fields: PlainFields): LocalizedMessage | undefined {
  const [months, price] = [fields.get("cardQuota"), fields.get("price")];
  if (months === undefined || months === "00") return undefined;
  if (price !== undefined && Number(price) < leastForInstallments)
    return fieldMessages.tooLittleForInstallments;
  return fields.get("registNo")?.length === 10 ? fieldMessages.noInstallmentsForCompanies : undefined;
}

function callerFields(operation: Operation): [string, RequestField][] {
  return Object.entries(operation.request).filter(([, field]) => field.filledBy === undefined);
}
