import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { priceCart } from "#shop/cart.js";
import { OrderSummary } from "../_parts/order-summary.tsx";
import { Steps } from "../_parts/steps.tsx";
import { currentCart } from "../_parts/visitor.ts";
import { OrderForm } from "./order-form.tsx";

export const metadata: Metadata = { title: "주문서" };

export default async function CheckoutPage() {
  const cart = priceCart(await currentCart());
  if (cart.lines.length === 0) redirect("/cart");
  const lines = cart.lines.map(({ goods, quantity }) => ({
    goodsId: goods.id,
    name: goods.name,
    unitPrice: goods.price,
    quantity,
  }));
  return (
    <>
      <div className="page-head">
        <Steps now="주문서" />
        <h1>주문하시는 분</h1>
      </div>
      <div className="with-summary">
        <OrderForm />
        <div className="summary">
          <OrderSummary lines={lines} shipping={cart.shipping} total={cart.total} totalName="결제할 금액" />
        </div>
      </div>
    </>
  );
}
