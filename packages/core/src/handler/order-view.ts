import type { OrderPayment } from "../store/payment-store.js";

/**
 * An order's payment for browsers. Transaction ids stay on the server, since with a leaked signature they allow cancels. The
 * gateway's message about a card stays there too, since it would reveal which stolen cards work.
 */
export type OrderView = Omit<
  OrderPayment,
  "tid" | "oid" | "approvedAt" | "status" | "resultCode" | "resultMessage" | "account"
> & {
  /** `not-paid`: no payment was tried. */
  readonly status: OrderPayment["status"] | "not-paid";
  /** ISO 8601. */
  readonly approvedAt?: string;
  readonly account?: Omit<NonNullable<OrderPayment["account"]>, "dueAt"> & {
    /** ISO 8601. */
    readonly dueAt?: string;
  };
};

/** Returns the part of an order's payment that browsers may see. */
export function viewOrder(payment: OrderPayment): OrderView {
  const { tid: _t, oid: _o, resultCode: _c, resultMessage: _m, approvedAt, account, ...rest } = payment;
  return {
    ...rest,
    ...(approvedAt && { approvedAt: approvedAt.toISOString() }),
    ...(account && { account: viewAccount(account) }),
  };
}

function viewAccount({
  dueAt,
  ...account
}: NonNullable<OrderPayment["account"]>): NonNullable<OrderView["account"]> {
  return { ...account, ...(dueAt && { dueAt: dueAt.toISOString() }) };
}
