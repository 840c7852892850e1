import type { Order } from "@payapi/core/handler";

/** The origin at which the shop's buyers would see it, whatever address its server listens on. */
export const shopOrigin = "https://shop.example";

/**
 * The shop's orders, written in their ids so that the test process can make one without telling the server:
 * `o-15000-alice-1` costs 15,000 won and is alice's.
 */
export function shopOrder(id: string): Order | undefined {
  const [, price, customerId] = /^o-(\d+)-([a-z]+)-./su.exec(id) ?? [];
  if (price === undefined || customerId === undefined) return undefined;
  if (customerId === "lost") throw new Error("the shop's own database is down");
  return {
    id,
    price: Number(price),
    goodsName: "머그컵 & 받침 2개",
    buyerName: customerId === "longname" ? "가".repeat(31) : "홍길동",
    buyerTel: "010-1234-5678",
    hppMethod: customerId === "phone" ? "physical-goods" : undefined,
    interestFree: customerId === "interestfree",
    customerId,
  };
}
