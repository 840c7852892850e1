import type { Metadata } from "next";
import Link from "next/link";
import { priceCart } from "#shop/cart.js";
import { formatWon } from "#shop/korean.js";
import { GoodsPicture } from "../_illustrations/goods-picture.tsx";
import { Amounts } from "../_parts/amounts.tsx";
import { QuantityStep } from "../_parts/quantity-step.tsx";
import { Steps } from "../_parts/steps.tsx";
import { currentCart } from "../_parts/visitor.ts";
import { setQuantity } from "../actions.ts";

export const metadata: Metadata = { title: "장바구니" };

export default async function CartPage() {
  const cart = priceCart(await currentCart());
  if (cart.lines.length === 0) {
    return (
      <div className="ending">
        <div className="ending-head">
          <h1>장바구니가 비어 있습니다</h1>
          <p>마음에 드는 물건을 골라 담아 주세요.</p>
          <Link className="button" href="/#goods">
            물건 보기
          </Link>
        </div>
      </div>
    );
  }
  return (
    <>
      <div className="page-head">
        <Steps now="장바구니" />
        <h1>장바구니</h1>
      </div>
      <div className="with-summary">
        <ul className="panel cart-lines">
          {cart.lines.map(({ goods, quantity, total }) => (
            <li key={goods.id}>
              <Link href={`/goods/${goods.id}`} tabIndex={-1} aria-hidden="true">
                <GoodsPicture id={goods.id} />
              </Link>
              <div className="cart-line">
                <div className="cart-line-head">
                  <div>
                    <Link href={`/goods/${goods.id}`}>{goods.name}</Link>
                    <p className="soft small number">{formatWon(goods.price)}</p>
                  </div>
                  <strong className="number">{formatWon(total)}</strong>
                </div>
                <div className="cart-line-head">
                  <QuantityStep id={goods.id} name={goods.name} quantity={quantity} />
                  <form action={setQuantity} className="row">
                    <input type="hidden" name="goods" value={goods.id} />
                    <input type="hidden" name="quantity" value="0" />
                    <button type="submit" className="text-button" aria-label={`${goods.name} 지우기`}>
                      지우기
                    </button>
                  </form>
                </div>
              </div>
            </li>
          ))}
        </ul>
        <section className="panel stack summary" aria-label="금액">
          <Amounts {...cart} />
          {cart.shipping > 0 && (
            <p className="soft small">{formatWon(50_000 - cart.goodsTotal)} 더 담으시면 배송비가 없습니다.</p>
          )}
          <Link className="button button-large button-wide" href="/checkout">
            주문하기
          </Link>
          <Link className="button button-quiet button-wide" href="/#goods">
            더 둘러보기
          </Link>
        </section>
      </div>
    </>
  );
}
