import type { Pool, PoolClient } from "pg";

export type FulfilmentState = "preparing" | "held" | "cancelled";

export interface FulfilmentStep {
  readonly id: string;
  readonly state: FulfilmentState;
  readonly at: Date;
}

/** The steps of fulfilment, as the events of the payments demand. */
export function openFulfilment(pool: Pool) {
  return {
    async stepsOf(orderId: string): Promise<readonly FulfilmentStep[]> {
      const { rows } = await pool.query<FulfilmentStep>(
        "select id, state, at from demo_shop.fulfilment_steps where order_id = $1 order by id",
        [orderId],
      );
      return rows;
    },
    /** The last step of each of these orders; orders without one are left out. */
    async latestOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, FulfilmentState>> {
      const { rows } = await pool.query<{ order_id: string; state: FulfilmentState }>(
        `select distinct on (order_id) order_id, state from demo_shop.fulfilment_steps
         where order_id = any($1) order by order_id, id desc`,
        [orderIds],
      );
      return new Map(rows.map(({ order_id, state }) => [order_id, state]));
    },
    goOn: (orderId: string) => resume(pool, orderId),
  };
}

/**
 * Prepares the goods. Throws for an unknown order, so that its event becomes a dead letter for the staff. A late event must not restart
 * goods that were held or cancelled since.
 */
export const prepare = (client: PoolClient, orderId: string) =>
  add(client, "preparing", orderId, `where coalesce(${lastState}, 'preparing') = 'preparing'`);

export const giveUp = (client: PoolClient, orderId: string) => add(client, "cancelled", orderId, "");

/**
 * Holds the goods, if the order has any: an event about an order of another shop must not fail. With `ahead`, also goods that are not
 * being prepared yet.
 */
export const hold = (client: PoolClient, orderId: string, { ahead }: { readonly ahead: boolean }) =>
  add(
    client,
    "held",
    orderId,
    `${ifKnown} and ${lastState} ${ahead ? "is distinct from 'held'" : "= 'preparing'"}`,
  );

export const resume = (client: Pool | PoolClient, orderId: string) =>
  add(client, "preparing", orderId, `${ifKnown} and ${lastState} = 'held'`);

const lastState =
  "(select state from demo_shop.fulfilment_steps where order_id = $1 order by id desc limit 1)";
const ifKnown = "where exists (select from demo_shop.orders where id = $1)";

async function add(
  client: Pool | PoolClient,
  state: FulfilmentState,
  orderId: string,
  where: string,
): Promise<void> {
  const insert = "insert into demo_shop.fulfilment_steps (order_id, state)";
  await client.query(`${insert} select $1, '${state}' ${where}`, [orderId]);
}
