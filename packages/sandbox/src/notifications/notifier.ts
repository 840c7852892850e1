import type { Transaction } from "../book/book.js";

/** What the gateway tells merchants of escrow purchases (`cl_status`). */
export type EscrowEvent = "2" | "3" | "31" | "32" | "4" | "8" | "10";

/** The notifications that services set off; they are sent later, and never fail the call. */
export interface Notifier {
  /** An escrow purchase changed. `cancelled` is the partial cancel that changed it. */
  escrow(
    transaction: Transaction,
    event: EscrowEvent,
    details?: {
      readonly denyMsg?: string;
      readonly partial?: { readonly tid: string; readonly price: number };
    },
  ): void;
}
