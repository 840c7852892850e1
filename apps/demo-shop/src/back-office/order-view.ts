import type { Shop } from "../shop/shop.js";
import type { Problem, ResolutionForm } from "./problems.js";

/** A form that was refused: a resolution, or the evidence of a review note. */
export interface Refused {
  readonly status: number;
  readonly problem: Problem;
  readonly resolution?: ResolutionForm;
  readonly evidence?: string;
}

export interface After {
  /** `cancelled`, `settled`, `closed`, `resumed` or nothing. */
  readonly done?: string;
  readonly refused?: Refused;
}

/** Everything that the page of an order shows; `undefined` for an unknown order. */
export async function viewOrder(shop: Shop, id: string, staffName: string, now: Date, after: After) {
  const { ledger, orders, fulfilment, settings } = shop;
  const order = await orders.find(id);
  if (order === undefined) return undefined;
  const [payment, timeline, unknowns, overdue, balance, steps] = await Promise.all([
    ledger.payments.find(id),
    ledger.payments.timeline(id),
    ledger.payments.needsReview(),
    ledger.payments.overdueAccounts(),
    ledger.payments.balance(id),
    fulfilment.stepsOf(id),
  ]);
  const isOfOrder = ({ orderId }: { readonly orderId: string }) => orderId === id;
  return {
    ...after,
    environment: ledger.environment,
    order,
    payment,
    timeline,
    unknowns: unknowns.filter(isOfOrder),
    overdue: overdue.filter(isOfOrder),
    balance,
    steps,
    /** The page of the gateway on which transactions can be looked up. */
    consoleUrl: `${settings.sandboxUrl}/_sandbox`,
    staffName,
    now,
  };
}

export type OrderView = NonNullable<Awaited<ReturnType<typeof viewOrder>>>;
