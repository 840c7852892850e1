import { LedgerError } from "./errors.js";
import { createLedger } from "./ledger.js";
import { checkOptionNames, ledgerOptionNames } from "./option-names.js";
import { checkMerchant, type LedgerMerchant, type LedgerOptions } from "./options.js";
import type { Ledger } from "./public-types.js";
import { createMemoryStore } from "./store/memory/memory-store.js";

/**
 * A ledger in the memory of this process, for tests and first steps. It forgets everything when the process ends, and
 * other processes do not see it.
 *
 * @throws LedgerError `invalid-argument` in production, where forgetting a payment means charging it twice
 */
export function memoryLedger(given: { payapi: LedgerMerchant } & LedgerOptions): Ledger {
  checkOptionNames(given, { ...ledgerOptionNames, payapi: true });
  const { payapi, ...options } = given;
  checkMerchant(payapi);
  if (payapi.environment === "production") {
    throw new LedgerError(
      "invalid-argument",
      "memoryLedger forgets payments and is refused in production: use openLedger",
    );
  }
  return createLedger(payapi, createMemoryStore(), options);
}
