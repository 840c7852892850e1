/** What a package may say about its tests. Everything else is passed to vitest's `test` section. */
export interface TierOptions {
  /** `fast` runs `*.test.ts` without `*.deep.test.ts`, `deep` only the latter. Default: `fast`. */
  readonly tier?: "fast" | "deep";
  /** Gives the tests one PostgreSQL server, found with `inject("databaseUrl")`. Default: no. */
  readonly postgres?: boolean;
  readonly [option: string]: unknown;
}

/** The vitest configuration that every package shares. */
export function tierConfig(options?: TierOptions): { test: Record<string, unknown> };
