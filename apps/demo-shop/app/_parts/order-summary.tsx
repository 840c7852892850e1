import { formatWon } from "#shop/korean.js";
import type { OrderLine } from "#shop/orders.js";
import { GoodsPicture } from "../_illustrations/goods-picture.tsx";
import { Amounts } from "./amounts.tsx";

/** What is being ordered and what it costs, beside a form or under a receipt. */
export function OrderSummary({
  lines,
  shipping,
  total,
  totalName,
}: {
  lines: readonly OrderLine[];
  shipping: number;
  total: number;
  totalName: string;
}) {
  return (
    <section className="panel stack" aria-labelledby="summary">
      <h2 id="summary">주문한 물건</h2>
      <ul className="order-lines">
        {lines.map((line) => (
          <li key={line.goodsId}>
            <GoodsPicture id={line.goodsId} />
            <span>
              {line.name}
              <span className="soft small"> × {line.quantity}</span>
            </span>
            <span className="number">{formatWon(line.unitPrice * line.quantity)}</span>
          </li>
        ))}
      </ul>
      <Amounts goodsTotal={total - shipping} shipping={shipping} total={total} totalName={totalName} />
    </section>
  );
}
