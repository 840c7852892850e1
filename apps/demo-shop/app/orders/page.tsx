import type { Metadata } from "next";
import Link from "next/link";
import { formatKoreanTime, formatWon } from "#shop/korean.js";
import { labelOf } from "#shop/labels.js";
import { getShop } from "#shop/shop.js";
import { currentOwner } from "../_parts/visitor.ts";

export const metadata: Metadata = { title: "주문 내역", robots: { index: false } };

export default async function OrdersPage() {
  const owner = await currentOwner();
  const { orders, ledger } = await getShop();
  const own = owner === undefined ? [] : await orders.listOf(owner);
  const entries = await Promise.all(
    own.map(async (order) => ({ order, label: labelOf(await ledger.findOrder(order.id)) })),
  );
  return (
    <div className="ending">
      <div className="page-head">
        <h1>주문 내역</h1>
        <p className="soft small">이 브라우저에서 주문하신 내역입니다.</p>
      </div>
      {entries.length === 0 ? (
        <p className="panel">
          아직 주문이 없습니다. <Link href="/#goods">물건을 둘러보세요.</Link>
        </p>
      ) : (
        <ul className="panel order-list">
          {entries.map(({ order, label }) => (
            <li key={order.id}>
              <Link className="order-link" href={`/orders/${order.id}`}>
                <strong>{order.goodsName}</strong>
                <span className="number end">{formatWon(order.price)}</span>
                <span className="soft small">
                  {formatKoreanTime(order.createdAt)} · <span className="number">{order.id}</span>
                </span>
                <span className="end">
                  <span className={`badge badge-${label.tone}`}>{label.text}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
