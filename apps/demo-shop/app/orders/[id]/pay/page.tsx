import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { OrderSummary } from "../../../_parts/order-summary.tsx";
import { PageHead } from "../../../_parts/ui.tsx";
import { mayPay, ownOrder } from "../../../_parts/visitor.ts";
import { WaysToPay } from "./ways-to-pay.tsx";

export const metadata: Metadata = { title: "결제", robots: { index: false } };

const installmentsFrom = 50_000;

export default async function PayPage({ params }: { params: Promise<{ id: string }> }) {
  const { order, payment } = await ownOrder((await params).id);
  if (!mayPay(payment)) redirect(`/orders/${order.id}`);
  return (
    <>
      <PageHead step="결제" title="결제하기">
        <p className="soft small">
          주문번호 <span className="number">{order.id}</span>
        </p>
      </PageHead>
      <div className="with-summary">
        <div className="stack">
          <WaysToPay
            orderId={order.id}
            price={order.price}
            offersInstallments={order.price >= installmentsFrom}
          />
          <noscript>
            <p className="notice notice-wait">결제에는 자바스크립트가 필요합니다. 브라우저에서 켜 주세요.</p>
          </noscript>
        </div>
        <div className="summary">
          <OrderSummary order={order} />
        </div>
      </div>
    </>
  );
}
