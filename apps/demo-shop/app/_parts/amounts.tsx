import type { PricedCart } from "#shop/cart.js";
import { formatWon } from "#shop/korean.js";

/** What goods, shipping and all of it cost. */
export function Amounts({
  goodsTotal,
  shipping,
  total,
  totalName = "결제할 금액",
}: Omit<PricedCart, "lines"> & { totalName?: string }) {
  return (
    <dl className="facts">
      <dt>상품 금액</dt>
      <dd className="number">{formatWon(goodsTotal)}</dd>
      <dt>배송비</dt>
      <dd className="number">{shipping === 0 ? "무료" : formatWon(shipping)}</dd>
      <dt className="total">{totalName}</dt>
      <dd className="total number">{formatWon(total)}</dd>
    </dl>
  );
}
