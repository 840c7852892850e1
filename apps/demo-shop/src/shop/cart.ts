import { findGoods } from "./catalogue.js";

/** A cart: quantity by goods id. */
export type Cart = ReadonlyMap<string, number>;

/** One line of an order. */
export interface OrderLine {
  readonly goodsId: string;
  readonly name: string;
  readonly unitPrice: number;
  readonly quantity: number;
}

/** A cart with today's prices. All amounts in won. */
export interface PricedCart {
  readonly lines: readonly OrderLine[];
  readonly goodsTotal: number;
  readonly shipping: number;
  readonly total: number;
}

export const mostPerGoods = 20;
export const freeShippingFrom = 50_000;
const shippingFee = 3_000;

/** Reads a cart from its cookie; unknown goods are ignored. */
export function readCart(text: string | undefined): Cart {
  const cart = new Map<string, number>();
  for (const entry of (text ?? "").split(".")) {
    const [id = "", quantity = ""] = entry.split(":");
    if (findGoods(id) !== undefined && /^[1-9]\d?$/.test(quantity)) {
      cart.set(id, Math.min(Number(quantity), mostPerGoods));
    }
  }
  return cart;
}

export function writeCart(cart: Cart): string {
  return [...cart].map(([id, quantity]) => `${id}:${quantity}`).join(".");
}

/** The cart with this quantity of the goods; 0 removes them. */
export function withQuantity(cart: Cart, id: string, quantity: number): Cart {
  const next = new Map(cart);
  if (findGoods(id) === undefined) return next;
  if (!Number.isSafeInteger(quantity) || quantity < 1) next.delete(id);
  else next.set(id, Math.min(quantity, mostPerGoods));
  return next;
}

/** The price of the cart: the only source of an order's price. */
export function priceCart(cart: Cart): PricedCart {
  const lines = [...cart].flatMap(([goodsId, quantity]) => {
    const goods = findGoods(goodsId);
    return goods === undefined ? [] : [{ goodsId, name: goods.name, unitPrice: goods.price, quantity }];
  });
  const goodsTotal = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  const shipping = goodsTotal === 0 || goodsTotal >= freeShippingFrom ? 0 : shippingFee;
  return { lines, goodsTotal, shipping, total: goodsTotal + shipping };
}

export function countCart(cart: Cart): number {
  return [...cart.values()].reduce((sum, quantity) => sum + quantity, 0);
}

/** The order's name at the gateway and on the card statement. */
export function nameOfOrder(lines: readonly OrderLine[]): string {
  const [first] = lines;
  if (first === undefined) return "";
  return lines.length === 1 ? first.name : `${first.name} 외 ${lines.length - 1}건`;
}
