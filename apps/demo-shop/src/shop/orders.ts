import { randomInt } from "node:crypto";
import type { Pool } from "pg";
import type { BuyerDetails } from "./buyer-details.js";
import { nameOfOrder, type OrderLine, type PricedCart } from "./cart.js";
import { koreanDay } from "./korean.js";

/** An order in the shop's tables. Its payment is in the ledger. */
export interface ShopOrder extends BuyerDetails {
  readonly id: string;
  /** The owner: the fingerprint of a browser's cookie. */
  readonly customerId: string;
  /** Won, shipping included. */
  readonly price: number;
  readonly shipping: number;
  readonly goodsName: string;
  /** What a phone bill is charged for. */
  readonly hppMethod: "physical-goods";
  readonly lines: readonly OrderLine[];
  readonly createdAt: Date;
}

const columns = `id, customer_id as "customerId", price::float8, shipping::float8, goods_name as "goodsName", 'physical-goods' as "hppMethod", buyer_name as "buyerName",
  buyer_tel as "buyerTel", buyer_email as "buyerEmail", lines, created_at as "createdAt"`;

export function openOrderBook(pool: Pool) {
  const select = async (rest: string, values: readonly unknown[]): Promise<ShopOrder[]> =>
    (await pool.query<ShopOrder>(`select ${columns} from demo_shop.orders ${rest}`, [...values])).rows;
  return {
    async place({
      customerId,
      buyer,
      cart,
    }: {
      customerId: string;
      buyer: BuyerDetails;
      cart: PricedCart;
    }): Promise<ShopOrder> {
      const { rows } = await pool.query<ShopOrder>(
        `insert into demo_shop.orders
           (id, customer_id, price, shipping, goods_name, buyer_name, buyer_tel, buyer_email, lines)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
        [
          newOrderId(new Date()),
          customerId,
          cart.total,
          cart.shipping,
          nameOfOrder(cart.lines),
          buyer.buyerName,
          buyer.buyerTel,
          buyer.buyerEmail,
          JSON.stringify(cart.lines),
        ],
      );
      const [order] = rows;
      if (order === undefined) throw new Error("The order was not stored");
      return order;
    },
    find: async (id: string) => (await select("where id = $1", [id]))[0],
    listOf: (customerId: string) =>
      select("where customer_id = $1 order by created_at desc limit 50", [customerId]),
    /** These orders by id; unknown ids are left out. */
    async findMany(ids: readonly string[]): Promise<ReadonlyMap<string, ShopOrder>> {
      const found = await select("where id = any($1)", [ids]);
      return new Map(found.map((order) => [order.id, order]));
    },
  };
}

// Without 0, O, 1, I and L, so that a buyer can read it out on the phone.
const letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

function newOrderId(at: Date): string {
  const tail = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join("");
  return `${koreanDay(at)}-${tail}`;
}
