import type { OrderPayment } from "../store/payment-store.js";

/**
 * An order's payment as browsers see it. Transaction ids stay on the server: with a leaked signature they are keys to
 * cancels. So does what the gateway said about a card: whoever tries out stolen ones would learn which are good.
 */
export type OrderView = Omit<
  OrderPayment,
  "tid" | "oid" | "approvedAt" | "status" | "resultCode" | "resultMessage" | "account"
> & {
  /** `not-paid`: no payment was tried yet. */
  readonly status: OrderPayment["status"] | "not-paid";
  /** ISO 8601. */
  readonly approvedAt?: string;
  readonly account?: Omit<NonNullable<OrderPayment["account"]>, "dueAt"> & {
    /** ISO 8601. */
    readonly dueAt?: string;
  };
};

/** What a browser may see of an order's payment. */
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
