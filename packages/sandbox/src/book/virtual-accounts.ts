import { endOfKoreanDay } from "../time/korean-time.js";
import type { Ids } from "./ids.js";
import type { PaymentLink } from "./payment-links.js";

/** A virtual account for one order. */
export interface VirtualAccount {
  readonly tid: string;
  readonly mid: string;
  readonly oid: string;
  readonly price: number;
  readonly bankCode: string;
  readonly number: string;
  /** The account holder. */
  readonly holder: string;
  readonly buyerName: string;
  /** ISO 8601. */
  readonly issuedAt: string;
  /** ISO 8601: the deadline of the deposit. */
  readonly dueAt: string;
  readonly state: "issued" | "deposited" | "reversed";
}

type OpenAccount = { -readonly [K in keyof VirtualAccount]: VirtualAccount[K] };

/** The virtual accounts of all merchants. */
export class VirtualAccounts {
  readonly #ids: Ids;
  readonly #now: () => Date;
  readonly #byTid = new Map<string, { readonly account: OpenAccount; readonly link?: PaymentLink }>();

  constructor(ids: Ids, now: () => Date) {
    this.#ids = ids;
    this.#now = now;
  }

  /** Live, in the order of issue. */
  get list(): readonly VirtualAccount[] {
    return [...this.#byTid.values()].map(({ account }) => account);
  }

  /** Issues an account that accepts a deposit until the end of the tenth day after today. */
  issue(
    order: Pick<VirtualAccount, "tid" | "mid" | "oid" | "price" | "bankCode" | "holder" | "buyerName">,
    link?: PaymentLink,
  ): VirtualAccount {
    const at = this.#now();
    const account: OpenAccount = {
      ...order,
      // Twelve digits, so that no account number looks like a card number.
      number: this.#ids.digits("account", 12),
      issuedAt: at.toISOString(),
      dueAt: endOfKoreanDay(at, 10).toISOString(),
      state: "issued",
    };
    this.#byTid.set(order.tid, { account, ...(link && { link }) });
    return account;
  }

  find(tid: string): { readonly account: VirtualAccount; readonly link?: PaymentLink } | undefined {
    return this.#byTid.get(tid);
  }

  isOverdue(account: VirtualAccount): boolean {
    return this.#now() > new Date(account.dueAt);
  }

  /** Stores a deposit, or its reversal. */
  settle(tid: string, state: "deposited" | "reversed"): void {
    const kept = this.#byTid.get(tid);
    if (kept) kept.account.state = state;
  }
}
