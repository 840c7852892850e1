import type { ShopOrder } from "#shop/orders.js";

/** Nobody knows yet whether money moved, or it moved otherwise than asked: the one ending without a way to try again. */
export function Unknown({ order, isKnown }: { order: ShopOrder; isKnown: boolean }) {
  return (
    <>
      <div className="ending-head">
        <svg className="ending-mark" viewBox="0 0 64 64" fill="none" aria-hidden="true">
          <circle cx="32" cy="32" r="31" fill="#f8ecd0" />
          <circle cx="32" cy="32" r="15" stroke="#74500a" strokeWidth="4" />
          <path
            d="M32 23v9.5l6 4"
            stroke="#74500a"
            strokeWidth="4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        <h1>{isKnown ? "결제를 담당자가 살펴보고 있습니다" : "결제 결과를 확인하고 있습니다"}</h1>
        <p>
          {isKnown
            ? "결제사가 알려 온 내용이 주문과 달라 담당자가 확인하고 있습니다."
            : "결제를 요청했지만 답을 받지 못했습니다. 결제가 되었을 수도, 되지 않았을 수도 있어 담당자가 확인하고 있습니다."}
        </p>
      </div>
      <section className="notice notice-wait" aria-labelledby="what-to-do">
        <h2 id="what-to-do">이렇게 해 주세요</h2>
        <ul className="advice">
          <li className="advice-item">
            <span>
              <strong>다시 결제하지 마세요.</strong> 두 번 결제되지 않도록 이 주문을 잠가 두었습니다.
            </span>
          </li>
          <li className="advice-item">
            <span>
              {isKnown
                ? "가게에서 전화나 이메일로 연락드리겠습니다. 이 주문은 그 뒤에도 잠겨 있어, 다시 사실 때에는 새로 주문해 주시면 됩니다."
                : "확인이 끝나면 이 화면에 결과가 나옵니다. 창을 닫으셔도 주문 내역에서 다시 여실 수 있습니다."}
            </span>
          </li>
          <li className="advice-item">
            <span>문의하실 때는 아래 주문번호를 말씀해 주세요. 02-000-0000 (평일 10시–17시)</span>
          </li>
        </ul>
      </section>
      <p className="order-number">
        <span className="soft small">주문번호</span>
        <strong className="number">{order.id}</strong>
      </p>
    </>
  );
}
