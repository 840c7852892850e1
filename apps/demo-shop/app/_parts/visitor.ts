import { cookies } from "next/headers";
import { type Cart, readCart } from "#shop/cart.js";
import { buyerCookie, cartCookie, ownerOf } from "#shop/cookies.js";

/** The cart of whoever asks. */
export async function currentCart(): Promise<Cart> {
  return readCart((await cookies()).get(cartCookie)?.value);
}

/** Whose orders this browser may see; `undefined` before its first order. */
export async function currentOwner(): Promise<string | undefined> {
  return ownerOf((await cookies()).get(buyerCookie)?.value);
}
