import { createHash } from "node:crypto";
import type { Ids } from "./ids.js";

/** A billing key without its secret. */
export interface BillingKey {
  /** The start of the key's SHA-256, which identifies it. */
  readonly hash: string;
  readonly mid: string;
  readonly kind: "card" | "mobile";
  readonly cardLast4?: string;
  /** For mobile keys: the amount of every charge, in won. */
  readonly price?: number;
  /** ISO 8601. */
  readonly issuedAt: string;
  /** ISO 8601. */
  readonly deletedAt?: string;
  /** The charges, in order. */
  readonly charges: readonly BillingCharge[];
}

/** One charge of a billing key. */
export interface BillingCharge {
  readonly tid: string;
  readonly oid: string;
  readonly price: number;
  /** For mobile keys: the paid month, `YYYYMM`. */
  readonly month?: string;
}

/** The gateway's private data of a card's key. */
export interface KeptCard {
  readonly number: string;
  /** `YYYYMM`. */
  readonly expires: string;
}

type OpenKey = { -readonly [K in keyof BillingKey]: BillingKey[K] } & { charges: BillingCharge[] };
interface Kept {
  readonly entry: OpenKey;
  readonly card: KeptCard | undefined;
}

/** The billing keys of all merchants. */
export class BillingKeys {
  readonly #ids: Ids;
  readonly #now: () => Date;
  readonly #byHash = new Map<string, Kept>();

  constructor(ids: Ids, now: () => Date) {
    this.#ids = ids;
    this.#now = now;
  }

  /** Live, in the order of issue. */
  get list(): readonly BillingKey[] {
    return [...this.#byHash.values()].map(({ entry }) => entry);
  }

  /** Issues a key for a card, or, without one, for a mobile phone. */
  issue(
    owner: Pick<BillingKey, "mid"> & { readonly card?: KeptCard; readonly price?: number },
    issuedAt: Date = this.#now(),
  ): { readonly billkey: string; readonly entry: BillingKey } {
    const { mid, card, price } = owner;
    const billkey = `BK${card ? "C" : "M"}${this.#ids.token("billkey", 29)}`;
    const full = hashOf(billkey);
    const entry: OpenKey = {
      hash: full.slice(0, 12),
      mid,
      kind: card ? "card" : "mobile",
      ...(card && { cardLast4: card.number.slice(-4) }),
      ...(price !== undefined && { price }),
      issuedAt: issuedAt.toISOString(),
      charges: [],
    };
    this.#byHash.set(full, { entry, card });
    return { billkey, entry };
  }

  /** Returns the merchant's key with its card. */
  find(mid: string, billkey: string): { readonly entry: BillingKey; readonly card?: KeptCard } | undefined {
    const kept = this.#byHash.get(hashOf(billkey));
    if (kept?.entry.mid !== mid) return undefined;
    return { entry: kept.entry, ...(kept.card && { card: kept.card }) };
  }

  /** Adds a charge. */
  charged(billkey: string, charge: BillingCharge): void {
    this.#byHash.get(hashOf(billkey))?.entry.charges.push(charge);
  }

  /** Deletes a key; it stays in the book. */
  delete(billkey: string): void {
    const entry = this.#byHash.get(hashOf(billkey))?.entry;
    if (entry) entry.deletedAt = this.#now().toISOString();
  }

  /** Deletes the key with this {@link BillingKey.hash}; returns `false` if it does not exist. */
  deleteByHash(hash: string): boolean {
    const kept = [...this.#byHash.values()].find(({ entry }) => entry.hash === hash);
    if (kept) kept.entry.deletedAt ??= this.#now().toISOString();
    return kept !== undefined;
  }
}

function hashOf(billkey: string): string {
  return createHash("sha256").update(billkey).digest("hex");
}
