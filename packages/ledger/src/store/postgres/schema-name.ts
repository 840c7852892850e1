import { LedgerError } from "../../errors.js";

export const defaultSchema = "payapi";

/** The name, quoted for SQL. It becomes part of statements, so only plain identifiers are taken. */
export function quotedSchema(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name) || /^pg_/i.test(name)) {
    throw new LedgerError(
      "invalid-argument",
      "schema must be a plain identifier: letters, digits and _, at most 63 characters, not beginning with pg_",
    );
  }
  return `"${name}"`;
}
