import type { BillingKeyRecord, PaymentRecord } from "../record/index.js";
import { billingKeyCases } from "./billing-key-cases.js";
import type { ContractCase, OpenContract } from "./contract-case.js";
import { notificationCases } from "./notification-cases.js";
import { pageCases } from "./page-cases.js";
import type { OpenPageContract } from "./page-steps.js";
import { paymentRecordCases } from "./payment-cases.js";

/** The parts of a record that have cases of their own, and how the records for them are opened. */
export interface RecordParts {
  payments: OpenContract<PaymentRecord>;
  "billing-keys": OpenContract<BillingKeyRecord>;
  /** Needs `notifications` too: what is paid on the page is settled by what the gateway notifies about. */
  page: OpenPageContract;
  notifications: OpenPageContract;
}

export type RecordPart = keyof RecordParts;

/** What opens for several parts at once: records that can do all of them. */
export type OpenParts<Part extends RecordPart> = () => Promise<
  AllOf<{ [P in Part]: Awaited<ReturnType<RecordParts[P]>> }[Part]>
>;

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

const casesOf: { readonly [Part in RecordPart]: (open: RecordParts[Part]) => readonly ContractCase[] } = {
  payments: paymentRecordCases,
  "billing-keys": billingKeyCases,
  page: pageCases,
  notifications: notificationCases,
};

/** Everything to check, and how to end. */
export interface RecordContract {
  /** In any order, alone or together: each has orders, keys and requests of its own. */
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
  readonly open: OpenParts<Part>;
  readonly parts: readonly Part[];
}): RecordContract {
  let opened: ReturnType<OpenParts<Part>> | undefined;
  const openOnce: OpenParts<Part> = () => {
    opened ??= open();
    return opened;
  };
  return {
    cases: parts.flatMap((part) => casesFor(part, openOnce)),
    async close() {
      const records = (await opened) as { close(): Promise<void> } | undefined;
      await records?.close();
    },
  };
}

/** What opens for all parts opens for one of them, which the compiler cannot tell of a part it does not know. */
function casesFor(part: RecordPart, open: unknown): readonly ContractCase[] {
  return (casesOf[part] as (open: unknown) => readonly ContractCase[])(open);
}
