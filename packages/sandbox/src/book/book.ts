import { formatKoreanTime } from "../time/korean-time.js";
import { type BillingKey, BillingKeys } from "./billing-keys.js";
import { type EscrowPurchase, EscrowPurchases } from "./escrow.js";
import type { Ids } from "./ids.js";
import { type Authentication, type PaymentLink, PaymentLinks } from "./payment-links.js";
import { type OpenEntry, type RequestEntry, RequestLog } from "./request-log.js";
import { type VirtualAccount, VirtualAccounts } from "./virtual-accounts.js";

/** One cancellation of a transaction. */
export interface Cancellation {
  /** `escrow`: the seller accepted that an escrow purchase was rejected. `reversal`: the bank took a deposit back. */
  readonly kind: "full" | "partial" | "escrow" | "reversal";
  /** The cancellation's own id; for a partial cancel what the reply calls `C_Tid`. */
  readonly tid: string;
  readonly price: number;
  /** Won left after it. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly at: string;
}

/** One payment whose money moved. It holds nothing that must be kept secret. */
export interface Transaction {
  readonly tid: string;
  readonly mid: string;
  readonly oid: string;
  readonly payType: string;
  readonly price: number;
  /** Won not cancelled so far. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly approvedAt: string;
  readonly cardLast4?: string;
  readonly applNum: string;
  readonly cancels: readonly Cancellation[];
}

/** The book as JSON. */
export interface BookCopy {
  readonly transactions: readonly Transaction[];
  readonly accounts: readonly VirtualAccount[];
  readonly escrow: readonly EscrowPurchase[];
  readonly billingKeys: readonly BillingKey[];
  readonly links: readonly PaymentLink[];
  readonly authentications: readonly Omit<Authentication, "link" | "token">[];
  readonly requests: readonly RequestEntry[];
}

type OpenTransaction = { -readonly [K in keyof Omit<Transaction, "cancels">]: Transaction[K] } & {
  readonly cancels: Cancellation[];
};

/** Everything the sandbox remembers. */
export class Book {
  readonly keys: BillingKeys;
  readonly purchases: EscrowPurchases;
  readonly pages: PaymentLinks;
  readonly vaults: VirtualAccounts;
  readonly #transactions: OpenTransaction[] = [];
  readonly #byTid = new Map<string, OpenTransaction>();
  readonly #oids = new Set<string>();
  readonly #requests: RequestLog;
  readonly #now: () => Date;
  readonly #ids: Ids;

  constructor(options: { readonly now: () => Date; readonly ids: Ids; readonly maxRequests: number }) {
    const { now, ids } = options;
    this.#now = now;
    this.#ids = ids;
    this.#requests = new RequestLog(options.maxRequests);
    this.keys = new BillingKeys(ids, now);
    this.purchases = new EscrowPurchases(now);
    this.pages = new PaymentLinks(ids, now);
    this.vaults = new VirtualAccounts(ids, now);
  }

  /** Live, in the order of approval. */
  get transactions(): readonly Transaction[] {
    return this.#transactions;
  }

  /** The latest requests, live, in the order of arrival. */
  get requests(): readonly RequestEntry[] {
    return this.#requests.list;
  }

  /** Virtual accounts, in the order of issue. */
  get accounts(): readonly VirtualAccount[] {
    return this.vaults.list;
  }

  /** The escrow side of payments. */
  get escrow(): readonly EscrowPurchase[] {
    return this.purchases.list;
  }

  /** Billing keys, without the keys themselves. */
  get billingKeys(): readonly BillingKey[] {
    return this.keys.list;
  }

  /** Payment links, in the order of creation. */
  get links(): readonly PaymentLink[] {
    return this.pages.list;
  }

  /** The transaction with this tid. */
  find(tid: string): Transaction | undefined {
    return this.#byTid.get(tid);
  }

  /** Whether a payment of this merchant was approved under this order number. */
  hasOid(mid: string, oid: string): boolean {
    return this.#oids.has(JSON.stringify([mid, oid]));
  }

  /** A new transaction id, of 33 characters. */
  newTid(): string {
    return `SBX${formatKoreanTime(this.#now())}${this.#ids.hex("tid", 16)}`;
  }

  /** Enters an approval and gives it its ids, unless it has one already. */
  approve(
    payment: Pick<Transaction, "mid" | "oid" | "payType" | "price"> & {
      readonly cardLast4?: string;
      readonly tid?: string;
    },
  ): Transaction {
    const transaction: OpenTransaction = {
      ...payment,
      tid: payment.tid ?? this.newTid(),
      remaining: payment.price,
      approvedAt: this.#now().toISOString(),
      applNum: this.#ids.digits("approval", 8),
      cancels: [],
    };
    this.#transactions.push(transaction);
    this.#byTid.set(transaction.tid, transaction);
    this.#oids.add(JSON.stringify([payment.mid, payment.oid]));
    return transaction;
  }

  /** Enters a cancellation. The rules are the service's; more than what is left is a fault of the sandbox itself. */
  cancel(tid: string, kind: Cancellation["kind"], price: number): Cancellation {
    const transaction = this.#byTid.get(tid);
    if (!transaction || price > transaction.remaining) throw new Error("the book cannot cancel this amount");
    transaction.remaining -= price;
    const at = this.#now();
    const cancellation: Cancellation = {
      kind,
      tid: `C${formatKoreanTime(at).slice(2, 8)}${this.#ids.hex("cancel", 15)}`,
      price,
      remaining: transaction.remaining,
      at: at.toISOString(),
    };
    transaction.cancels.push(cancellation);
    return cancellation;
  }

  /** Enters a request; the entry is live. */
  log(entry: Omit<RequestEntry, "seq" | "at">): OpenEntry {
    return this.#requests.add({ at: this.#now().toISOString(), ...entry });
  }

  /** A copy for audits. */
  toJSON(): BookCopy {
    return structuredClone({
      transactions: this.#transactions,
      accounts: this.accounts,
      escrow: this.escrow,
      billingKeys: this.billingKeys,
      links: this.links,
      authentications: this.pages.authentications.map(({ link: _, token: __, ...rest }) => rest),
      requests: this.requests,
    });
  }
}
