/** One promise of a store, as any test runner can check it: `run` rejects when the promise is broken. */
export interface ContractCase {
  /** States the promise; unique within a contract. */
  readonly name: string;
  run(): Promise<void>;
}

/** Two stores of one merchant over the same data, as two processes would have them. */
export interface OpenStores<R> {
  readonly store: R;
  /** Shares nothing with `store` but the data: for a database, with a connection pool of its own. */
  readonly another: R;
  /** Closes both. */
  close(): Promise<void>;
}

/** Opens the stores of a contract. Every case calls it, so it should return the same stores each time. */
export type OpenContract<R> = () => Promise<OpenStores<R>>;

/** The cases of one subject; each gets what `prepare` makes of the stores. */
export function defineCases<R, Steps>(
  subject: string,
  open: OpenContract<R>,
  prepare: (stores: OpenStores<R>) => Steps,
  bodies: Readonly<Record<string, (steps: Steps) => Promise<void>>>,
): readonly ContractCase[] {
  return Object.entries(bodies).map(([name, body]) => ({
    name: `${subject}: ${name}`,
    run: async () => body(prepare(await open())),
  }));
}

/** The same body for several values, as entries for {@link defineCases}. */
export function each<Value, Steps>(
  values: Readonly<Record<string, Value>>,
  name: (label: string) => string,
  body: (steps: Steps, value: Value) => Promise<void>,
): Record<string, (steps: Steps) => Promise<void>> {
  return Object.fromEntries(
    Object.entries(values).map(([label, value]) => [name(label), (steps: Steps) => body(steps, value)]),
  );
}
