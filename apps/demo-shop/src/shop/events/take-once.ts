import type { Pool, PoolClient } from "pg";

/**
 * Does something about an event and remembers the event, both or neither: the ledger tells each at least once, and a worker
 * that ended between its work and saying so is told again.
 */
export async function takeOnce(
  pool: Pool,
  { id, kind, orderId }: { readonly id: string; readonly kind: string; readonly orderId?: string },
  effect: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    // Whoever is second waits here until the first has committed.
    const { rowCount } = await client.query(
      `insert into demo_shop.handled_events (id, kind, order_id) values ($1, $2, $3) on conflict do nothing`,
      [id, kind, orderId ?? null],
    );
    if (rowCount === 1) await effect(client);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
