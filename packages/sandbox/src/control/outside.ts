import type { BillingKey } from "../book/billing-keys.js";
import type { Book, Transaction } from "../book/book.js";
import type { VirtualAccount } from "../book/virtual-accounts.js";
import type { SandboxMerchant } from "../gateway/merchants.js";
import { banks, institutionOf, payMethodOf } from "../gateway/pay-methods.js";
import type { Notifier } from "../notifications/notifier.js";
import type { Clock } from "../time/clock.js";

/** An order of a merchant (default: the sandbox's first merchant). */
export interface OutsideOrder {
  readonly mid?: string;
  readonly oid: string;
  /** Won. */
  readonly price: number;
}

/** A deposit to a virtual account. */
export interface Deposit {
  /** The amount in won (default: the ordered amount). */
  readonly price?: number;
  readonly payer?: string;
}

/** Events outside the merchant's server: at the payment window, at banks and at the gateway. */
export class Outside {
  readonly #book: Book;
  readonly #clock: Pick<Clock, "now">;
  readonly #notifier: Notifier;
  readonly #merchants: ReadonlyMap<string, SandboxMerchant>;
  /** Who paid into which account. */
  readonly #payers = new Map<string, string>();

  constructor(options: {
    readonly book: Book;
    readonly clock: Pick<Clock, "now">;
    readonly notifier: Notifier;
    readonly merchants: ReadonlyMap<string, SandboxMerchant>;
  }) {
    this.#book = options.book;
    this.#clock = options.clock;
    this.#notifier = options.notifier;
    this.#merchants = options.merchants;
  }

  /** The payment window issues a mobile phone's billing key, which the API cannot. */
  issueMobileKey(order: { readonly mid?: string; readonly price: number; readonly issuedAt?: Date }): {
    readonly billkey: string;
    readonly entry: BillingKey;
  } {
    const issuedAt = order.issuedAt ?? this.#clock.now();
    if (!(issuedAt instanceof Date && issuedAt <= this.#clock.now())) {
      throw new TypeError("issuedAt: a date that does not lie ahead is needed");
    }
    return this.#book.keys.issue({ mid: this.#midOf(order.mid), price: amountOf(order.price) }, issuedAt);
  }

  /**
   * The gateway's staff deletes a billing key, also one that the API cannot delete.
   * @throws TypeError if the book has no such key
   */
  deleteKey(hash: string): void {
    if (!this.#book.keys.deleteByHash(hash)) throw new TypeError("hash: no billing key has this hash");
  }

  /** A buyer pays with escrow at the payment window. */
  payWithEscrow(order: OutsideOrder & { readonly payType?: string }): Transaction {
    const { payType = "card" } = order;
    if (!payMethodOf(payType)?.escrowCode) throw new TypeError("payType: card, vbank or bank is needed");
    const transaction = this.#book.approve({
      mid: this.#midOf(order.mid),
      oid: oidOf(order.oid),
      payType,
      price: amountOf(order.price),
    });
    this.#book.purchases.open(transaction.tid);
    return transaction;
  }

  /** The PC payment window issues a virtual account. */
  issueAccount(order: OutsideOrder & { readonly bankCode?: string }): VirtualAccount {
    return this.#book.vaults.issue({
      tid: this.#book.newTid(),
      mid: this.#midOf(order.mid),
      oid: oidOf(order.oid),
      price: amountOf(order.price),
      bankCode: institutionOf(banks, order.bankCode).code,
      holder: "샌드박스",
      buyerName: "홍길동",
    });
  }

  /**
   * A buyer pays into a virtual account.
   * @throws TypeError if no account has this tid, or if it accepts no deposit (any more)
   */
  deposit(tid: string, { price, payer = "홍길동" }: Deposit = {}): Transaction {
    const { account, link } = this.#accountOf(tid);
    if (account.state !== "issued") throw new TypeError("tid: the account was paid before");
    if (this.#book.vaults.isOverdue(account)) throw new TypeError("tid: the account's deadline has passed");
    if (typeof payer !== "string" || payer === "") throw new TypeError("payer: a name is needed");
    const paid = price === undefined ? account.price : amountOf(price);
    const { mid, oid } = account;
    const transaction = this.#book.approve({ mid, oid, payType: "vbank", price: paid, tid });
    this.#book.vaults.settle(tid, "deposited");
    this.#payers.set(tid, payer);
    if (link?.reserved.useescrow === "Y") this.#book.purchases.open(tid);
    this.#notifier.deposit(account, "deposit", { price: paid, payer, payingBank: account.bankCode });
    return transaction;
  }

  /**
   * The bank reverses a deposit.
   * @throws TypeError if the deposit does not exist or is fully cancelled
   */
  reverseDeposit(tid: string): Transaction {
    const { account } = this.#accountOf(tid);
    const transaction = this.#book.find(tid);
    if (account.state !== "deposited" || !transaction?.remaining) {
      throw new TypeError("tid: no deposit to reverse");
    }
    const { remaining } = transaction;
    this.#book.cancel(tid, "reversal", remaining);
    this.#book.vaults.settle(tid, "reversed");
    const payer = this.#payers.get(tid) ?? account.buyerName;
    const facts = { price: remaining, payer, payingBank: account.bankCode };
    this.#notifier.deposit(account, "reversal", facts);
    return transaction;
  }

  /**
   * The gateway confirms an escrow purchase for the buyer.
   * @throws TypeError if no purchase awaits a decision
   */
  confirmPurchase(tid: string, how: "automatic" | "forced"): void {
    const transaction = this.#book.find(tid);
    const purchase = this.#book.purchases.find(tid);
    if (how !== "automatic" && how !== "forced") throw new TypeError("how: automatic or forced is needed");
    if (!transaction?.remaining || purchase?.state !== "delivery-registered") {
      throw new TypeError("tid: no shipped escrow purchase waits for a decision");
    }
    this.#book.purchases.decide(tid, "confirmed");
    this.#notifier.escrow(transaction, how === "automatic" ? "31" : "32");
  }

  #accountOf(tid: string) {
    const found = this.#book.vaults.find(tid);
    if (!found) throw new TypeError("tid: no virtual account has this tid");
    return found;
  }

  #midOf(mid: string | undefined): string {
    const known = mid ?? [...this.#merchants.keys()][0] ?? "";
    if (!this.#merchants.has(known)) throw new TypeError("mid: no such merchant");
    return known;
  }
}

function amountOf(price: unknown): number {
  if (Number.isSafeInteger(price) && Number(price) > 0) return Number(price);
  throw new TypeError("price: won as a whole number above 0 is needed");
}

function oidOf(oid: unknown): string {
  if (typeof oid === "string" && /^[\x21-\x7e]{1,40}$/.test(oid)) return oid;
  throw new TypeError("oid: 1 to 40 ASCII characters are needed");
}
