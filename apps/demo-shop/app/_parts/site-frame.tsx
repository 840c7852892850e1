import Link from "next/link";
import { countCart } from "#shop/cart.js";
import { currentCart } from "./visitor.ts";

export async function SiteHeader() {
  const count = countCart(await currentCart());
  return (
    <>
      <p className="site-note">
        <span className="page">
          <span>연습용 상점입니다. 실제로 결제되거나 배송되지 않습니다.</span>
          <Link href="/guide">시험용 카드와 해 볼 것</Link>
        </span>
      </p>
      <header className="site-header">
        <div className="page">
          <Link href="/" className="brand">
            <img src="/icon.svg" alt="" />
            <span className="brand-name">온담</span>
            <span className="brand-latin" lang="en">
              ONDAM
            </span>
          </Link>
          <nav className="site-nav" aria-label="주요 메뉴">
            <ul>
              <li>
                <Link href="/orders">주문 내역</Link>
              </li>
              <li>
                <Link href="/cart">
                  장바구니
                  <span className="cart-count" aria-hidden="true">
                    {count}
                  </span>
                  <span className="visually-hidden">{count}개</span>
                </Link>
              </li>
            </ul>
          </nav>
        </div>
      </header>
    </>
  );
}

export function SiteFooter() {
  return (
    <footer className="site-footer">
      <div className="page">
        <p>
          <strong>온담</strong> · 매일 손이 가는 그릇과 문구
        </p>
        <p>
          고객 문의 02-000-0000 (평일 10시–17시) · help@ondam.example
          <br />이 상점과 상품은 결제 연동을 보여 주려고 지어낸 것입니다. 결제는 샌드박스가 처리합니다.
        </p>
      </div>
    </footer>
  );
}
