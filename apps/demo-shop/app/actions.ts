"use server";

import { randomBytes } from "node:crypto";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { type BuyerDetails, type BuyerErrors, checkBuyerDetails } from "#shop/buyer-details.js";
import { priceCart, withQuantity, writeCart } from "#shop/cart.js";
import { buyerCookie, cartCookie, ownerOf } from "#shop/cookies.js";
import { getShop } from "#shop/shop.js";
import { currentCart } from "./_parts/visitor.ts";

const month = 60 * 60 * 24 * 30;

export async function addToCart(form: FormData): Promise<void> {
  const id = text(form, "goods");
  const cart = await currentCart();
  await storeCart(withQuantity(cart, id, (cart.get(id) ?? 0) + Number(text(form, "quantity") || "1")));
  redirect("/cart");
}

/** Sets the quantity of goods in the cart; 0 removes them. */
export async function setQuantity(form: FormData): Promise<void> {
  await storeCart(withQuantity(await currentCart(), text(form, "goods"), Number(text(form, "quantity"))));
}

/** The input that the order form shows again after an error. */
export interface OrderFormState {
  readonly typed: BuyerDetails;
  readonly errors: BuyerErrors;
  readonly problem?: string;
}

/** Creates the order with the current prices of the catalogue, and continues to its payment. */
export async function placeOrder(_before: OrderFormState, form: FormData): Promise<OrderFormState> {
  const typed = {
    buyerName: text(form, "buyerName"),
    buyerTel: text(form, "buyerTel"),
    buyerEmail: text(form, "buyerEmail"),
  };
  const { buyer, errors } = checkBuyerDetails(typed);
  if (Object.keys(errors).length > 0) return { typed, errors };
  const cart = priceCart(await currentCart());
  if (cart.lines.length === 0) return { typed, errors, problem: "장바구니가 비어 있습니다." };
  const customerId = await customerOfThisBrowser();
  const { orders } = await getShop();
  const order = await orders.place({ customerId, buyer, cart });
  await storeCart(new Map());
  redirect(`/orders/${order.id}/pay`);
}

/** For the guide: the sandbox carries out the next approval and then drops its reply. */
export async function cutNextReply(): Promise<void> {
  const { settings } = await getShop();
  await fetch(new URL("/_sandbox/faults", settings.sandboxUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ fault: "reset-after-commit", operation: "cards.approve" }),
  });
  redirect("/guide?cut=yes");
}

async function customerOfThisBrowser(): Promise<string> {
  const jar = await cookies();
  const known = ownerOf(jar.get(buyerCookie)?.value);
  if (known !== undefined) return known;
  const fresh = randomBytes(24).toString("base64url");
  jar.set(buyerCookie, fresh, { ...(await cookieRules()), maxAge: 12 * month });
  return ownerOf(fresh) ?? "";
}

async function storeCart(cart: ReadonlyMap<string, number>): Promise<void> {
  (await cookies()).set(cartCookie, writeCart(cart), { ...(await cookieRules()), maxAge: month });
}

async function cookieRules() {
  const { settings } = await getShop();
  return {
    httpOnly: true,
    sameSite: "lax" as const,
    path: "/",
    secure: settings.publicOrigin.startsWith("https:"),
  };
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.slice(0, 200) : "";
}
