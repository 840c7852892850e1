import { LedgerError } from "./errors.js";
import { createLedger } from "./ledger.js";
import { createMemoryStore } from "./memory-store.js";
import type { LedgerMerchant, LedgerOptions } from "./options.js";
import type { Ledger } from "./public-types.js";

/**
 * A ledger in the memory of this process, for tests and first steps. It forgets everything when the process ends, and
 * other processes do not see it.
 *
 * @throws LedgerError `invalid-argument` in production, where forgetting a payment means charging it twice
 */
export function memoryLedger({ payapi, ...options }: { payapi: LedgerMerchant } & LedgerOptions): Ledger {
  if (payapi.environment === "production") {
    throw new LedgerError(
      "invalid-argument",
      "memoryLedger forgets payments and is refused in production: use openLedger",
    );
  }
  return createLedger(payapi, createMemoryStore(), options);
}
