import type { LedgerStore } from "@payapi/ledger/internal";
import { Cast } from "./cast.js";
import { comeToRest } from "./rest.js";
import type { Sabotage } from "./sabotage/sabotage.js";
import { memoryStore, postgresStore } from "./world/stores.js";
import { World } from "./world/world.js";

/** The result of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly operations: number;
  readonly hash: string;
  /** One line for each step. */
  readonly trace: readonly string[];
  readonly violation?: Error;
}

/** The options of a run. */
export interface SeedOptions {
  readonly sabotage?: Sabotage | undefined;
  /** Connection string of a PostgreSQL server (default: the memory store). The seed has a schema of its own, dropped at its end. */
  readonly database?: string | undefined;
}

const minute = 60_000;
/** How long faults occur: shorter than the gateway repeats a notification. */
const faultyMs = 45 * minute;

/** Runs one life of a shop: first with faults, then without, and compares the books. */
export async function runSeed(seed: number, { sabotage, database }: SeedOptions = {}): Promise<SeedResult> {
  const { store, drop } = database === undefined ? memoryStore() : await postgresStore(database);
  try {
    return await runOver(store, seed, sabotage);
  } finally {
    await drop();
  }
}

async function runOver(
  store: LedgerStore,
  seed: number,
  sabotage: Sabotage | undefined,
): Promise<SeedResult> {
  const world = new World(`simulation ${seed}`);
  const cast = new Cast(world, seed, store, sabotage);
  const result = () => ({
    seed,
    operations: cast.buyers.operations,
    hash: world.hash(),
    trace: world.lines,
  });
  try {
    await live(cast);
    await comeToRest(cast);
    return result();
  } catch (error) {
    return { ...result(), violation: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function live(cast: Cast): Promise<void> {
  const { world } = cast;
  const { random } = world;
  const orders = Array.from({ length: random.between(5, 10) }, (_, at) => {
    const order = {
      id: `o${at + 1}`,
      price: random.between(1, 400) * 100,
      buyerName: "홍길동",
      goodsName: "책",
      escrow: random.chance(0.4),
    };
    cast.shop.orders.set(order.id, order);
    return order;
  });
  const machines = Array.from({ length: random.between(1, 3) }, () => cast.shop.machine());
  for (let members = random.between(2, 3); members > 0; members--) {
    cast.shop.start(random.pick(machines));
  }
  for (let operations = random.between(30, 45); operations > 0; operations--) {
    const order = random.pick(orders);
    world.at(random.between(0, faultyMs - 5 * minute), () => cast.buyers.act(order));
  }
  planTrouble(cast);
  planOthers(cast, orders);
  await world.pass(faultyMs);
}

/** Strangers who forge notifications, and prices that change. */
function planOthers(
  { world, others, strangers, shop }: Cast,
  orders: readonly { readonly id: string }[],
): void {
  const sometime = (run: () => void) => world.at(others.between(0, faultyMs), run);
  for (let times = others.between(0, 8); times > 0; times--) sometime(() => strangers?.act());
  if (!others.chance(0.5)) return;
  for (let times = others.between(2, 8); times > 0; times--) {
    const { id } = others.pick(orders);
    const price = others.between(1, 400) * 100;
    sometime(() => shop.reprice(id, price));
  }
}

function planTrouble(cast: Cast): void {
  const { world } = cast;
  const { random } = world;
  const sometime = (run: () => void) => world.at(random.between(0, faultyMs), run);
  for (let times = random.between(0, 3); times > 0; times--) {
    sometime(
      () =>
        random.chance(0.8) && cast.shop.members.length > 0 && random.pick(cast.shop.members).process.crash(),
    );
    sometime(() => cast.databaseGoes());
    sometime(() => {
      cast.gateway.downUntil = world.now + random.between(1_000, 60_000);
      world.note("the gateway goes away");
    });
  }
  sometime(() => cast.consumers.beginMail(cast.shop.members));
  if (random.chance(0.4)) sometime(() => cast.consumers.giveUpExport(cast.shop.members));
  for (let times = random.between(2, 6); times > 0; times--) {
    sometime(() => {
      const [member] = cast.shop.members;
      if (member !== undefined) void cast.operators.work(member);
    });
  }
}
