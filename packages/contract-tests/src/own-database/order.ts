import type { OrderPayment, OrderStatus } from "@payapi/core";
import type { Pool, PoolClient } from "pg";

export interface Approval {
  readonly id: string;
  readonly pay_type: string;
  readonly price: number;
  readonly state: "reserved" | "sending" | "paid" | "declined" | "not-sent" | "unknown" | "needs-attention";
  readonly tid: string | null;
  readonly remaining: number;
  readonly reply: Reply;
  readonly oid: string;
}

export interface Cancel {
  readonly id: string;
  readonly cancel_price: number;
  readonly confirm_price: number;
  readonly state: "reserved" | "sending" | "done" | "refused" | "not-sent" | "unknown" | "needs-attention";
  readonly reply: Reply;
}

/** The gateway's words. */
interface Reply {
  readonly resultCode?: string;
  readonly resultMessage?: string;
  readonly applNum?: string;
  readonly at?: string;
}

/** Everything about one order. The newest approval counts: there is no newer one while an older one may have moved money. */
export interface OrderRows {
  readonly approvals: readonly Approval[];
  readonly cancels: readonly Cancel[];
  readonly contradicted: boolean;
}

/** With `lock`, nobody else changes the order until the transaction ends. Won are cast, since `pg` gives a bigint as text. */
export async function readOrder(
  db: Pool | PoolClient,
  orderId: string,
  lock: "" | "FOR UPDATE" = "",
): Promise<OrderRows> {
  const { rows } = await db.query(
    `SELECT *, price::float8 AS price, remaining::float8 AS remaining FROM payment_approvals
     WHERE order_id = $1 ORDER BY position ${lock}`,
    [orderId],
  );
  const { rows: cancels } = await db.query(
    `SELECT *, cancel_price::float8 AS cancel_price, confirm_price::float8 AS confirm_price
     FROM payment_cancels WHERE approval_id = ANY($1) ORDER BY position ${lock}`,
    [rows.map(({ id }) => id)],
  );
  return { approvals: rows, cancels, contradicted: rows.some(({ contradicted }) => contradicted) };
}

export function viewOrder(orderId: string, rows: OrderRows): OrderPayment | undefined {
  const approval = rows.approvals.at(-1);
  if (approval === undefined) return undefined;
  const cancel = rows.cancels.at(-1);
  const { resultCode, resultMessage, applNum, at } = approval.reply;
  return {
    orderId,
    status: rows.contradicted ? "needs-attention" : statusOf(approval, cancel),
    price: approval.price,
    remainingPrice: approval.remaining,
    payType: approval.pay_type,
    oid: approval.oid,
    ...(approval.tid === null ? {} : { tid: approval.tid }),
    ...(applNum === undefined ? {} : { applNum }),
    ...(at === undefined ? {} : { approvedAt: new Date(at) }),
    ...(resultCode === undefined ? {} : { resultCode }),
    ...(resultMessage === undefined ? {} : { resultMessage }),
    ...(cancel === undefined ? {} : { cancel: viewCancel(cancel) }),
  };
}

function viewCancel({ state, cancel_price, reply }: Cancel): NonNullable<OrderPayment["cancel"]> {
  const { resultCode, resultMessage } = reply;
  return {
    status: state === "reserved" || state === "sending" ? "in-progress" : state,
    cancelPrice: cancel_price,
    ...(resultCode === undefined ? {} : { resultCode }),
    ...(resultMessage === undefined ? {} : { resultMessage }),
  };
}

function statusOf({ state, remaining, price }: Approval, cancel: Cancel | undefined): OrderStatus {
  if (state === "reserved" || state === "sending") return "in-progress";
  if (state !== "paid") return state;
  if (cancel?.state === "reserved" || cancel?.state === "sending") return "in-progress";
  if (cancel?.state === "unknown" || cancel?.state === "needs-attention") return cancel.state;
  if (remaining === 0) return "cancelled";
  return remaining < price ? "partially-cancelled" : "paid";
}
