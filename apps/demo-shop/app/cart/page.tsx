import type { Metadata } from "next";
import Link from "next/link";
import { freeShippingFrom, mostPerGoods, priceCart } from "#shop/cart.js";
import { formatWon } from "#shop/korean.js";
import { Amounts, GoodsPicture } from "../_parts/order-summary.tsx";
import { EndingHead, LinkButton, PageHead } from "../_parts/ui.tsx";
import { currentCart } from "../_parts/visitor.ts";
import { setQuantity } from "../actions.ts";

export const metadata: Metadata = { title: "장바구니" };

export default async function CartPage() {
  const cart = priceCart(await currentCart());
  if (cart.lines.length === 0) {
    return (
      <div className="ending">
        <EndingHead title="장바구니가 비어 있습니다" text="마음에 드는 물건을 골라 담아 주세요.">
          <LinkButton to="/#goods" text="물건 보기" />
        </EndingHead>
      </div>
    );
  }
  return (
    <>
      <PageHead step="장바구니" title="장바구니" />
      <div className="with-summary">
        <ul className="panel cart-lines">
          {cart.lines.map(({ goodsId: id, name, unitPrice, quantity }) => (
            <li key={id}>
              <Link href={`/goods/${id}`} tabIndex={-1} aria-hidden="true">
                <GoodsPicture id={id} name={name} />
              </Link>
              <div className="cart-line">
                <div className="cart-line-head">
                  <div>
                    <Link href={`/goods/${id}`}>{name}</Link>
                    <p className="soft small number">{formatWon(unitPrice)}</p>
                  </div>
                  <strong className="number">{formatWon(unitPrice * quantity)}</strong>
                </div>
                <div className="cart-line-head">
                  <QuantityStep id={id} name={name} quantity={quantity} />
                  <form action={setQuantity} className="row">
                    <input type="hidden" name="goods" value={id} />
                    <input type="hidden" name="quantity" value="0" />
                    <button type="submit" className="text-button" aria-label={`${name} 삭제`}>
                      삭제
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
            <p className="soft small">
              {formatWon(freeShippingFrom - cart.goodsTotal)} 더 담으시면 배송비가 없습니다.
            </p>
          )}
          <LinkButton to="/checkout" text="주문하기" kind="large wide" />
          <LinkButton to="/#goods" text="더 둘러보기" kind="quiet wide" />
        </section>
      </div>
    </>
  );
}

function QuantityStep({ id, name, quantity }: { id: string; name: string; quantity: number }) {
  const step = (by: number, sign: string, what: string) => (
    <button
      type="submit"
      name="quantity"
      value={quantity + by}
      disabled={quantity + by < 1 || quantity + by > mostPerGoods}
      aria-label={`${name} ${what}`}
    >
      {sign}
    </button>
  );
  return (
    <form action={setQuantity} className="stepper">
      <input type="hidden" name="goods" value={id} />
      {step(-1, "−", "하나 빼기")}
      <output className="number" aria-label={`${name} 수량`}>
        {quantity}
      </output>
      {step(1, "+", "하나 더하기")}
    </form>
  );
}
