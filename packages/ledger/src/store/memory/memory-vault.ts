import type { Secret } from "@payapi/core";
import { newId } from "../../commands/context.js";
import { LedgerError } from "../../errors.js";
import type { KeyVault } from "../key-vault.js";

/** Billing keys in the memory of this process: the rows hold a name, and only this holds what it stands for. */
export function createMemoryVault(): KeyVault {
  const kept = new Map<string, Secret>();
  const prefix = "memory:";
  return {
    prefix,
    roleOf: (fingerprint) => (prefix === `${fingerprint}:` ? "current" : undefined),
    seal(billkey) {
      const sealed = `${prefix}${newId()}`;
      kept.set(sealed, billkey);
      return sealed;
    },
    open(sealed) {
      const billkey = kept.get(sealed);
      if (billkey === undefined)
        throw new LedgerError("unreadable-key", "The billing key is not in this store");
      return billkey;
    },
  };
}
