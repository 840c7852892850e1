import type { OrderPayment } from "@payapi/core";
import { notFound } from "next/navigation";
import type { ShopOrder } from "#shop/orders.js";
import { getShop } from "#shop/shop.js";
import { currentOwner } from "./visitor.ts";

/** An order of this browser's, with what is known of its money; for anybody else the page does not exist. */
export async function ownOrder(
  id: string,
): Promise<{ order: ShopOrder; payment: OrderPayment | undefined; asksCardIdentity: boolean }> {
  const owner = await currentOwner();
  const { orders, ledger, settings } = await getShop();
  const order = owner === undefined ? undefined : await orders.find(id);
  if (order === undefined || order.owner !== owner) notFound();
  return {
    order,
    payment: await ledger.findOrder(order.id),
    asksCardIdentity: settings.asksCardIdentity,
  };
}

/** Whether the buyer may try to pay now. */
export function mayPay(payment: OrderPayment | undefined): boolean {
  return payment === undefined || payment.status === "declined" || payment.status === "not-sent";
}
