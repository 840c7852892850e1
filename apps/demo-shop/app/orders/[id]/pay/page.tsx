import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { mayPay, ownOrder } from "../../../_parts/order-of.ts";
import { OrderSummary } from "../../../_parts/order-summary.tsx";
import { Steps } from "../../../_parts/steps.tsx";
import { WaysToPay } from "./ways-to-pay.tsx";

export const metadata: Metadata = { title: "결제", robots: { index: false } };

const installmentsFrom = 50_000;

export default async function PayPage({ params }: { params: Promise<{ id: string }> }) {
  const { order, payment, settings } = await ownOrder((await params).id);
  if (!mayPay(payment)) redirect(`/orders/${order.id}`);
  return (
    <>
      <div className="page-head">
        <Steps now="결제" />
        <h1>결제하기</h1>
        <p className="soft small">
          주문번호 <span className="number">{order.id}</span>
        </p>
      </div>
      <div className="with-summary">
        <div className="stack">
          <WaysToPay
            orderId={order.id}
            price={order.price}
            asksIdentity={settings.asksCardIdentity}
            offersInstallments={order.price >= installmentsFrom}
          />
          <noscript>
            <p className="notice notice-wait">결제에는 자바스크립트가 필요합니다. 브라우저에서 켜 주세요.</p>
          </noscript>
        </div>
        <div className="summary">
          <OrderSummary
            lines={order.lines}
            shipping={order.shipping}
            total={order.price}
            totalName="결제할 금액"
          />
        </div>
      </div>
    </>
  );
}
