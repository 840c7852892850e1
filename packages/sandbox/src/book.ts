import { randomBytes, randomInt } from "node:crypto";
import { formatKoreanTime } from "./korean-time.js";

/** One cancellation of a transaction. */
export interface Cancellation {
  readonly kind: "full" | "partial";
  /** The cancellation's own id; for a partial cancel what the reply calls `C_Tid`. */
  readonly tid: string;
  readonly price: number;
  /** Won left after it. */
  readonly remaining: number;
  /** ISO 8601. */
  readonly at: string;
}

/** One approved payment. It holds nothing that must be kept secret. */
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

/** What became of one request that the sandbox saw. */
export interface RequestEntry {
  /** From 1, in the order of arrival. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** As in the operation table, such as `cards.approve`; absent for unknown paths and faults on the connection. */
  readonly operation?: string;
  readonly oid?: string;
  readonly tid?: string;
  /**
   * `committed`: carried out, the book changed. `answered`: carried out, nothing to change. `declined`: HTTP 200
   * with another code. `rejected`: 4xx. `dropped`: a fault kept the sandbox from looking at it.
   */
  readonly outcome: "committed" | "answered" | "declined" | "rejected" | "dropped";
  /** The code of the gateway's own reply, whether it was delivered or not. */
  readonly resultCode?: string;
  /** The status sent to the client; absent if none was sent. */
  readonly httpStatus?: number;
  /** Whether the gateway's own reply was handed to the socket whole. */
  readonly replied: boolean;
  /** The fault that was applied. */
  readonly fault?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenTransaction = Mutable<Omit<Transaction, "cancels">> & { readonly cancels: Cancellation[] };

/** Everything the sandbox remembers: what was approved and cancelled, and every request it saw. */
export class Book {
  readonly #transactions: OpenTransaction[] = [];
  readonly #byTid = new Map<string, OpenTransaction>();
  readonly #oids = new Set<string>();
  readonly #requests: Mutable<RequestEntry>[] = [];
  readonly #now: () => Date;

  /** @param now The clock; the system's unless a test brings its own. */
  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Live, in the order of approval. */
  get transactions(): readonly Transaction[] {
    return this.#transactions;
  }

  /** Live, in the order of arrival. */
  get requests(): readonly RequestEntry[] {
    return this.#requests;
  }

  /** The transaction with this tid. */
  find(tid: string): Transaction | undefined {
    return this.#byTid.get(tid);
  }

  /** Whether a payment of this merchant was approved under this order number. */
  hasOid(mid: string, oid: string): boolean {
    return this.#oids.has(JSON.stringify([mid, oid]));
  }

  /** Enters an approval and gives it its ids. */
  approve(payment: Pick<Transaction, "mid" | "oid" | "payType" | "price" | "cardLast4">): Transaction {
    const at = this.#now();
    const transaction: OpenTransaction = {
      ...payment,
      tid: `SBX${formatKoreanTime(at)}${randomBytes(8).toString("hex")}`,
      remaining: payment.price,
      approvedAt: at.toISOString(),
      applNum: String(randomInt(10_000_000, 100_000_000)),
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
      tid: `C${formatKoreanTime(at).slice(2, 8)}${randomBytes(8).toString("hex").slice(0, 15)}`,
      price,
      remaining: transaction.remaining,
      at: at.toISOString(),
    };
    transaction.cancels.push(cancellation);
    return cancellation;
  }

  /** Enters a request; the entry is live, so that `replied` can become true later. */
  log(entry: Omit<RequestEntry, "seq" | "at">): Mutable<RequestEntry> {
    const logged = { seq: this.#requests.length + 1, at: this.#now().toISOString(), ...entry };
    this.#requests.push(logged);
    return logged;
  }

  /** A copy for audits. */
  toJSON(): { transactions: Transaction[]; requests: RequestEntry[] } {
    return {
      transactions: this.#transactions.map((entry) => ({ ...entry, cancels: [...entry.cancels] })),
      requests: this.#requests.map((entry) => ({ ...entry })),
    };
  }
}
