import type { BillingKeyStore, PaymentStore } from "@payapi/core";
import { billingKeyCases } from "./billing-key-cases.js";
import type { ContractCase, OpenContract } from "./contract-case.js";
import { hostedPaymentCases } from "./hosted-payment-cases.js";
import type { OpenPageContract } from "./hosted-payment-steps.js";
import { notificationCases } from "./notification-cases.js";
import { paymentStoreCases } from "./payment-cases.js";

/** The parts of a store that have cases of their own, and how the stores for them are opened. */
export interface StoreParts {
  payments: OpenContract<PaymentStore>;
  "billing-keys": OpenContract<BillingKeyStore>;
  /** Needs `notifications` too: what is paid on the page is settled by what the gateway notifies about. */
  page: OpenPageContract;
  notifications: OpenPageContract;
}

export type StorePart = keyof StoreParts;

/** Opens stores that implement all of these parts. */
export type OpenParts<Part extends StorePart> = () => Promise<
  AllOf<{ [P in Part]: Awaited<ReturnType<StoreParts[P]>> }[Part]>
>;

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

const casesOf: { readonly [Part in StorePart]: (open: StoreParts[Part]) => readonly ContractCase[] } = {
  payments: paymentStoreCases,
  "billing-keys": billingKeyCases,
  page: hostedPaymentCases,
  notifications: notificationCases,
};

/** Everything to check, and how to end. */
export interface StoreContract {
  /** In any order, alone or together: each has orders, keys and requests of its own. */
  readonly cases: readonly ContractCase[];
  /** Closes the stores if a case opened them. */
  close(): Promise<void>;
}

/**
 * The promises of a store as test cases for any runner:
 *
 * ```ts
 * const { cases, close } = storeContract({ open: openMyStores, parts: ["payments"] });
 * for (const { name, run } of cases) test(name, run);
 * afterAll(close);
 * ```
 *
 * @param open called once, by the first case that runs: two stores over the same data, as two processes would have them
 * @param parts what the store implements; the groups of the handler's routes say which they need
 */
export function storeContract<const Part extends StorePart>({
  open,
  parts,
}: {
  readonly open: OpenParts<Part>;
  readonly parts: readonly Part[];
}): StoreContract {
  let opened: ReturnType<OpenParts<Part>> | undefined;
  const openOnce: OpenParts<Part> = () => {
    opened ??= open();
    return opened;
  };
  return {
    cases: parts.flatMap((part) => casesFor(part, openOnce)),
    async close() {
      const stores = (await opened) as { close(): Promise<void> } | undefined;
      await stores?.close();
    },
  };
}

/** Stores of all parts are stores of each part; the compiler cannot derive this for an unknown part. */
function casesFor(part: StorePart, open: unknown): readonly ContractCase[] {
  return (casesOf[part] as (open: unknown) => readonly ContractCase[])(open);
}
