import type { OrderPayment } from "@payapi/core";
import type { LedgerContext } from "../commands/context.js";
import { accountDueAt, madeBefore, madeSince } from "../domain/account-due.js";
import { speakingAttempt, viewOrder } from "../domain/order-status.js";
import { LedgerError } from "../errors.js";
import { groupByOrder } from "./reports.js";

/**
 * A virtual account that was to be paid by now. Mostly the buyer did not; but a deposit is only told for about a day, and
 * whoever could not be reached that long has missed it.
 */
export interface OverdueAccount {
  readonly orderId: string;
  /** What to search the gateway's console for. */
  readonly oid: string;
  readonly tid: string;
  /** Won it waits for. */
  readonly price: number;
  /** Where the gateway told no time: the end of the tenth day after it was made, in Korea. */
  readonly dueAt: Date;
  readonly order: OrderPayment;
}

export interface OverdueOptions {
  /**
   * Only accounts that were due at this time or later: one whose deposit was never notified is among them for ever, and so is every
   * one that no buyer ever paid.
   */
  readonly dueSince?: Date;
}

const everything = new Date(0);

/** The longest due first. Orders that were paid otherwise meanwhile are not among them. */
export async function overdueAccounts(
  context: LedgerContext,
  { dueSince = everything }: OverdueOptions = {},
): Promise<readonly OverdueAccount[]> {
  if (!Number.isFinite(dueSince.getTime())) {
    throw new LedgerError("invalid-argument", "dueSince must be a moment");
  }
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const limits = {
      dueSince,
      dueBefore: now,
      madeSince: madeSince(dueSince),
      madeBefore: madeBefore(now),
    };
    const rows = await tx.ordersRows(context.mid, await tx.overdueOrders(context.mid, limits));
    return [...groupByOrder(rows)]
      .flatMap(([orderId, of]) => {
        const order = viewOrder(orderId, of);
        const speaks = speakingAttempt(of.approvals);
        if (order === undefined || speaks?.state !== "awaiting_deposit") return [];
        return of.approvals.flatMap((row) => {
          const { state, oid, authTid, price } = row;
          const dueAt = accountDueAt(row);
          return state === "awaiting_deposit" && authTid !== null && dueAt >= dueSince && dueAt < now
            ? [{ orderId, oid, tid: authTid, price, dueAt, order }]
            : [];
        });
      })
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  });
}
