import type { BillingKeyRecord, PaymentRecord } from "../record/index.js";
import { billingKeyCases } from "./billing-key-cases.js";
import type { ContractCase, OpenContract, OpenRecords } from "./contract-case.js";
import { paymentRecordCases } from "./payment-cases.js";

/** The parts of a record that have cases of their own, and what each of them must be able to do. */
export interface RecordParts {
  payments: PaymentRecord;
  "billing-keys": BillingKeyRecord;
}

export type RecordPart = keyof RecordParts;

/** A record that can do all of these parts. */
export type RecordOf<Part extends RecordPart> = {
  [P in Part]: (record: RecordParts[P]) => void;
}[Part] extends (record: infer All) => void
  ? All
  : never;

const casesOf: {
  readonly [Part in RecordPart]: (open: OpenContract<RecordParts[Part]>) => readonly ContractCase[];
} = {
  payments: paymentRecordCases,
  "billing-keys": billingKeyCases,
};

/** Everything to check, and how to end. */
export interface RecordContract {
  /** In any order, alone or together; each has orders, keys and requests of its own. */
  readonly cases: readonly ContractCase[];
  /** Closes the records if a case opened them. */
  close(): Promise<void>;
}

/**
 * The promises of a record as test cases for whatever runner there is:
 *
 * ```ts
 * const { cases, close } = recordContract({ open: openMyRecords, parts: ["payments"] });
 * for (const { name, run } of cases) test(name, run);
 * afterAll(close);
 * ```
 *
 * @param open called once, by the first case that runs: two records over the same data, as two processes would have them
 * @param parts what the record implements; the groups of the handler's routes say which they need
 */
export function recordContract<const Part extends RecordPart>({
  open,
  parts,
}: {
  readonly open: () => Promise<OpenRecords<RecordOf<Part>>>;
  readonly parts: readonly Part[];
}): RecordContract {
  let opened: Promise<OpenRecords<RecordOf<Part>>> | undefined;
  const openOnce = () => {
    opened ??= open();
    return opened;
  };
  return {
    // A record of all the parts is one of each of them, which the compiler cannot tell of a part it does not know.
    cases: parts.flatMap((part) => casesOf[part](openOnce as OpenContract<never>)),
    close: async () => (await opened)?.close(),
  };
}
