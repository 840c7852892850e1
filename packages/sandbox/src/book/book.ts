import { formatKoreanTime } from "../time/korean-time.js";
import { type BillingKey, BillingKeys } from "./billing-keys.js";
import { type EscrowPurchase, EscrowPurchases } from "./escrow.js";
import type { Ids } from "./ids.js";
import { type Authentication, type PaymentLink, PaymentLinks } from "./payment-links.js";
import { type OpenEntry, type RequestEntry, RequestLog } from "./request-log.js";
import { type VirtualAccount, VirtualAccounts } from "./virtual-accounts.js";

/** A cancel of a transaction. */
export interface Cancellation {
  /** `escrow`: the seller accepted the rejection of an escrow purchase. `reversal`: the bank reversed a deposit. */
  readonly kind: "full" | "partial" | "escrow" | "reversal";
  /** The cancel's own id; for a partial cancel the reply's `C_Tid`. */
  readonly tid: string;
  readonly price: number;
  /** The remaining amount, in won. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly at: string;
}

/** An approved payment, without secrets. */
export interface Transaction {
  readonly tid: string;
  readonly mid: string;
  readonly oid: string;
  readonly payType: string;
  readonly price: number;
  /** The amount that is not cancelled, in won. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly approvedAt: string;
  readonly cardLast4?: string;
  /** Its card can only be cancelled in full. */
  readonly isWhole?: true;
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

/** The sandbox's book: transactions, accounts, escrow purchases, billing keys, links and requests. */
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

  /** Returns the transaction with this tid. */
  find(tid: string): Transaction | undefined {
    return this.#byTid.get(tid);
  }

  /** Returns whether a payment of this merchant was approved under this order number. */
  hasOid(mid: string, oid: string): boolean {
    return this.#oids.has(JSON.stringify([mid, oid]));
  }

  /** Returns a new transaction id of 33 characters. */
  newTid(): string {
    return `SBX${formatKoreanTime(this.#now())}${this.#ids.hex("tid", 16)}`;
  }

  /** Adds an approval, with new ids if it has none. */
  approve(
    payment: Pick<Transaction, "mid" | "oid" | "payType" | "price"> & {
      readonly cardLast4?: string;
      readonly isWhole?: true;
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

  /** Adds a cancel. The service checks the rules; exceeding the remaining amount is a bug of the sandbox. */
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

  /** Adds a request; the entry is live. */
  log(entry: Omit<RequestEntry, "seq" | "at">): OpenEntry {
    return this.#requests.add({ at: this.#now().toISOString(), ...entry });
  }

  /** Returns a copy. */
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
