import type { Pool, PoolClient } from "pg";

/** What is done about an order's goods. */
export type FulfilmentState = "preparing" | "held" | "cancelled";

/** One step, in the order in which they came. */
export interface FulfilmentStep {
  readonly id: string;
  readonly state: FulfilmentState;
  readonly at: Date;
}

/** What became of the orders' goods, as the events of their payments say it. */
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
    /** The staff lets goods go that were held. */
    goOn: (orderId: string) => resume(pool, orderId),
  };
}

/**
 * Fails for an order that this shop does not have: money for it is the staff's to look into, as a dead letter. One that is
 * taken late must not start again what was held or given up since.
 */
export async function prepare(client: PoolClient, orderId: string): Promise<void> {
  await client.query(
    `insert into demo_shop.fulfilment_steps (order_id, state)
     select $1, 'preparing' where coalesce(${lastState}, 'preparing') = 'preparing'`,
    [orderId],
  );
}

/** The order is over. */
export async function giveUp(client: PoolClient, orderId: string): Promise<void> {
  await client.query("insert into demo_shop.fulfilment_steps (order_id, state) values ($1, 'cancelled')", [
    orderId,
  ]);
}

/**
 * Stops the goods, if there are any: an alarm about an order of somebody else's must not fail by it. With `ahead` also what is
 * not being prepared yet.
 */
export async function hold(
  client: PoolClient,
  orderId: string,
  { ahead }: { readonly ahead: boolean },
): Promise<void> {
  await client.query(
    `insert into demo_shop.fulfilment_steps (order_id, state)
     select id, 'held' from demo_shop.orders
     where id = $1 and (${lastState} = 'preparing' or ($2 and ${lastState} is distinct from 'held'))`,
    [orderId, ahead],
  );
}

/** Goes on with goods that were held. */
export async function resume(client: Pool | PoolClient, orderId: string): Promise<void> {
  await client.query(
    `insert into demo_shop.fulfilment_steps (order_id, state)
     select id, 'preparing' from demo_shop.orders where id = $1 and ${lastState} = 'held'`,
    [orderId],
  );
}

const lastState =
  "(select state from demo_shop.fulfilment_steps where order_id = $1 order by id desc limit 1)";
