import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { priceCart } from "#shop/cart.js";
import { OrderSummary } from "../_parts/order-summary.tsx";
import { PageHead } from "../_parts/ui.tsx";
import { currentCart } from "../_parts/visitor.ts";
import { OrderForm } from "./order-form.tsx";

export const metadata: Metadata = { title: "주문서" };

export default async function CheckoutPage() {
  const cart = priceCart(await currentCart());
  if (cart.lines.length === 0) redirect("/cart");
  return (
    <>
      <PageHead step="주문서" title="주문하시는 분" />
      <div className="with-summary">
        <OrderForm />
        <div className="summary">
          <OrderSummary order={{ ...cart, price: cart.total }} />
        </div>
      </div>
    </>
  );
}
