/** A code with its names. The names of an unknown code are the code itself. */
export interface NamedCode {
  readonly code: string;
  readonly ko: string;
  readonly en: string;
  /** Whether the table lists it. */
  readonly known: boolean;
}

/** A table of codes, as the gateway's guide lists them. */
export interface CodeTable<Code extends string> {
  /** Every listed code. */
  readonly codes: readonly Code[];
  /** Looks up a code, also in other letters (`d1` for `D1`) or with blanks around it; never fails. */
  lookUp(code: string): NamedCode;
  /** Returns whether the table lists a code. */
  has(code: string): code is Code;
}

/** Creates a table from `code: [Korean, English]`. */
export function defineCodes<const Names extends Readonly<Record<string, readonly [ko: string, en: string]>>>(
  names: Names,
): CodeTable<keyof Names & string> {
  const has = (code: string): code is keyof Names & string => Object.hasOwn(names, code);
  const listed = new Map(Object.keys(names).map((code) => [code.toUpperCase(), code]));
  return {
    // JavaScript orders numeric keys first and ascending, like the guide.
    codes: Object.keys(names) as (keyof Names & string)[],
    has,
    lookUp: (given) => {
      const code: string = has(given) ? given : (listed.get(String(given).trim().toUpperCase()) ?? given);
      const [ko, en] = (has(code) ? names[code] : undefined) ?? [code, code];
      return { code, ko, en, known: has(code) };
    },
  };
}
