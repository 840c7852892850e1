/** A code with its names. A code nobody here knows is kept as it is, and named by itself. */
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
  /** Looks a code up; never fails. */
  lookUp(code: string): NamedCode;
  /** Whether the table lists a code. */
  has(code: string): code is Code;
}

/** Makes a table from `code: [Korean, English]`. */
export function defineCodes<const Names extends Readonly<Record<string, readonly [ko: string, en: string]>>>(
  names: Names,
): CodeTable<keyof Names & string> {
  const has = (code: string): code is keyof Names & string => Object.hasOwn(names, code);
  return {
    // The numeric ones among an object's keys come first and in order, which is how the guide lists them too.
    codes: Object.keys(names) as (keyof Names & string)[],
    has,
    lookUp: (code) => {
      const [ko, en] = (has(code) ? names[code] : undefined) ?? [code, code];
      return { code, ko, en, known: has(code) };
    },
  };
}
