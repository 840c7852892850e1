import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { findGoods } from "#shop/catalogue.js";
import { formatWon } from "#shop/korean.js";
import { GoodsPicture } from "../../_parts/order-summary.tsx";
import { addToCart } from "../../actions.ts";

interface Props {
  readonly params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const goods = findGoods((await params).id);
  return goods === undefined ? {} : { title: goods.name, description: goods.summary };
}

export default async function GoodsPage({ params }: Props) {
  const goods = findGoods((await params).id);
  if (goods === undefined) notFound();
  return (
    <article className="goods-page">
      <GoodsPicture id={goods.id} name={goods.name} />
      <div className="stack-l">
        <div className="stack">
          <p className="soft small">{goods.kind}</p>
          <h1>{goods.name}</h1>
          <p className="soft">{goods.summary}</p>
          <p className="price number">{formatWon(goods.price)}</p>
        </div>
        <p>{goods.story}</p>
        <dl className="spec">
          {[...Object.entries(goods.facts), ["배송", "이틀 안에 보냅니다. 3,000원, 50,000원부터 무료"]].map(
            ([name, value]) => (
              <div key={name} className="spec-row">
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
        <form action={addToCart} className="buy">
          <input type="hidden" name="goods" value={goods.id} />
          <div className="field">
            <label htmlFor="quantity">수량</label>
            <select id="quantity" name="quantity" defaultValue="1">
              {[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
            </select>
          </div>
          <button type="submit" className="button">
            장바구니에 담기
          </button>
        </form>
      </div>
    </article>
  );
}
