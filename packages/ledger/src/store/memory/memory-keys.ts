import { randomUUID } from "node:crypto";
import type { Secret } from "@payapi/core";
import { fixedKeyFields, isRunning, type KeyRow, type KeyTransition } from "../../domain/billing-key.js";
import { LedgerError } from "../../errors.js";
import type { KeyVault } from "../key-vault.js";
import { type KeyQuestion, type ListPosition, type LoadedKey, type Save, UniqueConflict } from "../port.js";

type PlacedRow = KeyRow & ListPosition;

interface KeptKey {
  readonly version: number;
  readonly rows: readonly PlacedRow[];
  readonly history: readonly KeyTransition[];
}

const noKey: KeptKey = { version: 0, rows: [], history: [] };

/** Billing keys, with the constraints of the PostgreSQL tables. Each write is checked as a whole before it is made. */
export class MemoryKeys {
  readonly #keys = new Map<string, KeptKey>();
  #position = 0;

  get(mid: string, keyId: string): KeptKey {
    return this.#keys.get(JSON.stringify([mid, keyId])) ?? noKey;
  }

  /** All rows of a merchant, oldest first. */
  of(mid: string): PlacedRow[] {
    const all = [...this.#keys.values()].flatMap(({ rows }) => rows.filter((row) => row.mid === mid));
    return all.sort((a, b) => a.position - b.position);
  }

  load(mid: string, question: KeyQuestion): Pick<LoadedKey, "rows" | "version"> {
    const all = this.of(mid).map(({ position: _, ...row }): KeyRow => row);
    if ("customerId" in question) {
      return { rows: all.filter(({ customerId }) => customerId === question.customerId), version: 0 };
    }
    const keyId = "keyId" in question ? question.keyId : all.find(({ id }) => id === question.rowId)?.keyId;
    const { version } = this.get(mid, keyId ?? "");
    return { rows: all.filter((row) => row.keyId === keyId), version };
  }

  /** @throws UniqueConflict, or LedgerError if a rule does not hold; nothing was changed */
  write(mid: string, { keyId, rows, history }: NonNullable<Save["key"]>): void {
    const before = this.get(mid, keyId);
    const after = new Map(before.rows.map((row) => [row.id, row]));
    for (const row of structuredClone(rows)) {
      const kept = after.get(row.id);
      const fixed = kept && Object.fromEntries(fixedKeyFields.map((field) => [field, kept[field]]));
      after.set(row.id, { ...row, ...fixed, position: kept?.position ?? ++this.#position });
    }
    const all = [...after.values()];
    checkRows(all, this.of(mid));
    this.#keys.set(JSON.stringify([mid, keyId]), {
      version: before.version + 1,
      rows: all,
      history: [...before.history, ...structuredClone(history)],
    });
  }
}

function checkRows(rows: readonly KeyRow[], stored: readonly KeyRow[]): void {
  if (rows.filter(({ state }) => state === "active").length > 1) {
    throw new UniqueConflict("billing_keys_one_active");
  }
  if (rows.filter(isRunning).length > 1) throw new UniqueConflict("billing_keys_one_running");
  for (const { id, customerId, importNo, state, encryptedKey } of rows) {
    const isNumbered = (other: KeyRow) =>
      other.id !== id && other.customerId === customerId && other.importNo === importNo;
    if (importNo !== null && stored.some(isNumbered)) throw new UniqueConflict("billing_keys_import_no");
    const holdsKey = state === "active" || state === "deleting";
    if (holdsKey !== (encryptedKey !== null)) {
      throw new LedgerError(
        "broken-rule",
        "A row would break the rule that a key is there while it may be used",
      );
    }
  }
}

/** Keeps billing keys in the memory of this process. Rows hold only a reference to the key. */
export function createMemoryVault(): KeyVault {
  const kept = new Map<string, Secret>();
  const prefix = "memory:";
  return {
    prefix,
    roleOf: (fingerprint) => (prefix === `${fingerprint}:` ? "current" : undefined),
    encrypt(billkey) {
      const encryptedKey = `${prefix}${randomUUID()}`;
      kept.set(encryptedKey, billkey);
      return encryptedKey;
    },
    decrypt(encryptedKey) {
      const billkey = kept.get(encryptedKey);
      if (billkey === undefined)
        throw new LedgerError("unreadable-key", "The billing key is not in the memory of this process");
      return billkey;
    },
  };
}
