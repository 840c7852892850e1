import type { Metadata } from "next";
import Link from "next/link";
import { formatKoreanTime, formatWon } from "#shop/korean.js";
import { labelOf } from "#shop/labels.js";
import { getShop } from "#shop/shop.js";
import { Badge, PageHead } from "../_parts/ui.tsx";
import { currentCustomer } from "../_parts/visitor.ts";

export const metadata: Metadata = { title: "주문 내역", robots: { index: false } };

export default async function OrdersPage() {
  const customerId = await currentCustomer();
  const { orders, ledger } = await getShop();
  const own = customerId === undefined ? [] : await orders.listOf(customerId);
  const labels = await Promise.all(own.map(async ({ id }) => labelOf(await ledger.payments.find(id))));
  return (
    <div className="ending">
      <PageHead title="주문 내역">
        <p className="soft small">이 브라우저에서 주문하신 내역입니다.</p>
      </PageHead>
      {own.length === 0 ? (
        <p className="panel">
          아직 주문이 없습니다. <Link href="/#goods">물건을 둘러보세요.</Link>
        </p>
      ) : (
        <ul className="panel order-list">
          {own.map(({ id, goodsName, price, createdAt }, at) => (
            <li key={id}>
              <Link className="order-link" href={`/orders/${id}`}>
                <strong>{goodsName}</strong>
                <span className="number end">{formatWon(price)}</span>
                <span className="soft small">
                  {formatKoreanTime(createdAt)} · <span className="number">{id}</span>
                </span>
                <span className="end">
                  <Badge {...(labels[at] ?? labelOf(undefined))} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
