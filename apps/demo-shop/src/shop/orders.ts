import { randomInt } from "node:crypto";
import type { Pool } from "pg";
import type { BuyerDetails } from "./buyer-details.js";
import { nameOfOrder, type PricedCart } from "./cart.js";
import { koreanDay } from "./korean.js";

/** One line of an order, as it was sold. */
export interface OrderLine {
  readonly goodsId: string;
  readonly name: string;
  /** Won for one. */
  readonly unitPrice: number;
  readonly quantity: number;
}

/** An order as the shop keeps it. What was paid for it is the ledger's to know. */
export interface ShopOrder extends BuyerDetails {
  readonly id: string;
  /** Whose order it is: the fingerprint of a browser's cookie. */
  readonly owner: string;
  /** Won, shipping included. */
  readonly price: number;
  readonly shipping: number;
  readonly goodsName: string;
  readonly lines: readonly OrderLine[];
  readonly createdAt: Date;
}

/** The shop's orders. */
export interface OrderBook {
  place(order: { owner: string; buyer: BuyerDetails; cart: PricedCart }): Promise<ShopOrder>;
  find(id: string): Promise<ShopOrder | undefined>;
  /** A buyer's newest orders. */
  listOf(owner: string): Promise<readonly ShopOrder[]>;
  /** These orders by id; unknown ids are left out. */
  findMany(ids: readonly string[]): Promise<ReadonlyMap<string, ShopOrder>>;
}

interface OrderRow {
  id: string;
  owner: string;
  price: string;
  shipping: string;
  goods_name: string;
  buyer_name: string;
  buyer_tel: string;
  buyer_email: string;
  lines: OrderLine[];
  created_at: Date;
}

/** Orders in the shop's own schema. */
export function openOrderBook(pool: Pool): OrderBook {
  const select = async (rest: string, values: readonly unknown[]): Promise<ShopOrder[]> => {
    const { rows } = await pool.query<OrderRow>(`select * from demo_shop.orders ${rest}`, [...values]);
    return rows.map(toOrder);
  };
  return {
    async place({ owner, buyer, cart }) {
      const id = newOrderId(new Date());
      const lines: OrderLine[] = cart.lines.map(({ goods, quantity }) => ({
        goodsId: goods.id,
        name: goods.name,
        unitPrice: goods.price,
        quantity,
      }));
      const { rows } = await pool.query<OrderRow>(
        `insert into demo_shop.orders
           (id, owner, price, shipping, goods_name, buyer_name, buyer_tel, buyer_email, lines)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *`,
        [
          id,
          owner,
          cart.total,
          cart.shipping,
          nameOfOrder(cart.lines),
          buyer.buyerName,
          buyer.buyerTel,
          buyer.buyerEmail,
          JSON.stringify(lines),
        ],
      );
      const [row] = rows;
      if (row === undefined) throw new Error("The order was not stored");
      return toOrder(row);
    },
    async find(id) {
      const [order] = await select("where id = $1", [id]);
      return order;
    },
    listOf: (owner) => select("where owner = $1 order by created_at desc limit 50", [owner]),
    async findMany(ids) {
      const found = await select("where id = any($1)", [ids]);
      return new Map(found.map((order) => [order.id, order]));
    },
  };
}

function toOrder(row: OrderRow): ShopOrder {
  return {
    id: row.id,
    owner: row.owner,
    price: Number(row.price),
    shipping: Number(row.shipping),
    goodsName: row.goods_name,
    buyerName: row.buyer_name,
    buyerTel: row.buyer_tel,
    buyerEmail: row.buyer_email,
    lines: row.lines,
    createdAt: row.created_at,
  };
}

// Without 0, O, 1, I and L, so that a buyer can read it out on the phone.
const letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

function newOrderId(at: Date): string {
  const tail = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join("");
  return `${koreanDay(at)}-${tail}`;
}
