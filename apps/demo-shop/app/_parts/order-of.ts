import type { OrderPayment } from "@payapi/core";
import { notFound } from "next/navigation";
import type { FulfilmentStep } from "#shop/events/fulfilment.js";
import type { ShopOrder } from "#shop/orders.js";
import type { ShopSettings } from "#shop/settings.js";
import { getShop } from "#shop/shop.js";
import { currentOwner } from "./visitor.ts";

/** An order of this browser's, with what is known of its money and goods; for anybody else the page does not exist. */
export async function ownOrder(id: string): Promise<{
  order: ShopOrder;
  payment: OrderPayment | undefined;
  steps: readonly FulfilmentStep[];
  settings: ShopSettings;
}> {
  const owner = await currentOwner();
  const { orders, ledger, fulfilment, settings } = await getShop();
  const order = owner === undefined ? undefined : await orders.find(id);
  if (order === undefined || order.owner !== owner) notFound();
  const [payment, steps] = await Promise.all([ledger.findOrder(order.id), fulfilment.stepsOf(order.id)]);
  return { order, payment, steps, settings };
}

const payable: readonly OrderPayment["status"][] = [
  "declined",
  "not-sent",
  "network-cancelled",
  // A virtual account locks nothing: the order may be paid otherwise meanwhile.
  "awaiting-deposit",
];

/** Whether the buyer may try to pay now. */
export function mayPay(payment: OrderPayment | undefined): boolean {
  return payment === undefined || payable.includes(payment.status);
}
