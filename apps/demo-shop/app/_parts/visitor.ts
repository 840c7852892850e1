import type { OrderPayment } from "@payapi/core";
import { cookies } from "next/headers";
import { notFound } from "next/navigation";
import { type Cart, readCart } from "#shop/cart.js";
import { buyerCookie, cartCookie, ownerOf } from "#shop/cookies.js";
import { getShop } from "#shop/shop.js";

export async function currentCart(): Promise<Cart> {
  return readCart((await cookies()).get(cartCookie)?.value);
}

/** The customerId of the orders that this browser may see; `undefined` before its first order. */
export async function currentCustomer(): Promise<string | undefined> {
  return ownerOf((await cookies()).get(buyerCookie)?.value);
}

/** An order of this browser, with its payment and its fulfilment; other browsers get a 404. */
export async function ownOrder(id: string) {
  return (await findOwnOrder(id)) ?? notFound();
}

/** The same; `undefined` for any other browser. */
export async function findOwnOrder(id: string) {
  const customerId = await currentCustomer();
  const { orders, ledger, fulfilment, settings } = await getShop();
  const order = customerId === undefined ? undefined : await orders.find(id);
  if (order === undefined || order.customerId !== customerId) return undefined;
  const [payment, steps] = await Promise.all([ledger.payments.find(order.id), fulfilment.stepsOf(order.id)]);
  return { order, payment, steps, settings };
}

// A virtual account does not lock the order: it may be paid by other means meanwhile.
const payable: readonly string[] = ["declined", "not-sent", "net-cancelled", "awaiting-deposit"];

export function mayPay(payment: OrderPayment | undefined): boolean {
  return payment === undefined || payable.includes(payment.status);
}
