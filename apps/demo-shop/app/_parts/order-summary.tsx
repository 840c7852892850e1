import type { OrderLine, PricedCart } from "#shop/cart.js";
import { formatWon } from "#shop/korean.js";
import { Facts } from "./ui.tsx";

export function Amounts({
  goodsTotal,
  shipping,
  total,
  totalName = "결제할 금액",
}: Omit<PricedCart, "lines"> & { totalName?: string }) {
  return (
    <Facts
      rows={[
        ["상품 금액", formatWon(goodsTotal)],
        ["배송비", shipping === 0 ? "무료" : formatWon(shipping)],
        [totalName, formatWon(total), { total: true }],
      ]}
    />
  );
}

/** The goods and the price of an order, beside a form or under a receipt. */
export function OrderSummary({
  order: { lines, shipping, price },
  totalName,
}: {
  order: { readonly lines: readonly OrderLine[]; readonly shipping: number; readonly price: number };
  totalName?: string;
}) {
  return (
    <section className="panel stack" aria-labelledby="summary">
      <h2 id="summary">주문한 물건</h2>
      <ul className="order-lines">
        {lines.map(({ goodsId, name, quantity, unitPrice }) => (
          <li key={goodsId}>
            <GoodsPicture id={goodsId} name={name} />
            <span>
              {name}
              <span className="soft small"> × {quantity}</span>
            </span>
            <span className="number">{formatWon(unitPrice * quantity)}</span>
          </li>
        ))}
      </ul>
      <Amounts
        goodsTotal={price - shipping}
        shipping={shipping}
        total={price}
        {...(totalName && { totalName })}
      />
    </section>
  );
}

export function GoodsPicture({ id, name }: { id: string; name: string }) {
  return (
    <span className="picture">
      <img src={`/pictures/${id}.svg`} alt={`${name} 그림`} width={400} height={400} />
    </span>
  );
}
