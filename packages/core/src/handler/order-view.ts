import type { OrderPayment } from "../store/payment-store.js";

/**
 * An order's payment for browsers. Transaction ids stay on the server, since with a leaked signature they allow cancels. The
 * gateway's message about a card stays there too, since it would reveal which stolen cards work.
 */
export type OrderView = Omit<
  OrderPayment,
  | "tid"
  | "oid"
  | "approvedAt"
  | "status"
  | "failureCode"
  | "resultCode"
  | "resultMessage"
  | "account"
  | "cancel"
> & {
  readonly cancel?: Omit<NonNullable<OrderPayment["cancel"]>, "failureCode">;
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
  const { tid: _t, oid: _o, failureCode: _f, resultCode: _c, resultMessage: _m, ...shown } = payment;
  const { approvedAt, account, cancel, ...rest } = shown;
  return {
    ...rest,
    ...(cancel && { cancel: viewCancel(cancel) }),
    ...(approvedAt && { approvedAt: approvedAt.toISOString() }),
    ...(account && { account: viewAccount(account) }),
  };
}

function viewCancel({
  failureCode: _,
  ...cancel
}: NonNullable<OrderPayment["cancel"]>): NonNullable<OrderView["cancel"]> {
  return cancel;
}

function viewAccount({
  dueAt,
  ...account
}: NonNullable<OrderPayment["account"]>): NonNullable<OrderView["account"]> {
  return { ...account, ...(dueAt && { dueAt: dueAt.toISOString() }) };
}
