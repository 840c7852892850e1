import type { Transaction } from "../book/book.js";
import type { Authentication } from "../book/payment-links.js";
import type { VirtualAccount } from "../book/virtual-accounts.js";

/** The states of escrow purchases in notifications (`cl_status`). */
export type EscrowEvent = "2" | "3" | "31" | "32" | "4" | "8" | "10";

/** The notifications of events; they are sent later and never fail a call. */
export interface Notifier {
  /** An escrow purchase changed. `partial` is the partial cancel that changed it. */
  escrow(
    transaction: Transaction,
    event: EscrowEvent,
    details?: {
      readonly denyMsg?: string;
      readonly partial?: { readonly tid: string; readonly price: number };
    },
  ): void;
  /** A payment of the payment page was approved, or its approval declined. */
  approval(authentication: Authentication, result: ApprovalResult): void;
  /** The payment page issued a virtual account: no money yet. */
  accountIssued(account: VirtualAccount): void;
  /** A deposit arrived at a virtual account, or was reversed. */
  deposit(account: VirtualAccount, event: "deposit" | "reversal", payment: DepositFacts): void;
}

/** The answer of P_REQ_URL. */
export type ApprovalResult = Readonly<Record<string, string>>;

/** The details of a deposit besides its account. */
export interface DepositFacts {
  readonly price: number;
  readonly payer: string;
  readonly payingBank: string;
}
