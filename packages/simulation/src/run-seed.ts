import { createMemoryStore } from "@payapi/ledger/store";
import { type Rules, ruleChoices } from "@payapi/sandbox";
import { createInProcessSandbox } from "@payapi/sandbox/in-process";
import { BillingKeys, hashOf } from "./billing-keys.js";
import { Buyers } from "./buyers.js";
import { Consumers } from "./consumers.js";
import { Escrow } from "./escrow.js";
import { EventBook } from "./event-book.js";
import { EventFacts } from "./event-facts.js";
import type { Database } from "./faulty-store.js";
import { Gateway } from "./gateway.js";
import { HeardFacts } from "./heard-facts.js";
import { Invariants } from "./invariants.js";
import { messenger } from "./messenger.js";
import { Observer } from "./observer.js";
import { Operators } from "./operators.js";
import type { Sabotage } from "./sabotage.js";
import { gatewayOrigin, Shop, shopOrigin } from "./shop.js";
import { Violation, World } from "./world.js";

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly operations: number;
  readonly hash: string;
  /** One line for each step. */
  readonly trace: readonly string[];
  readonly violation?: Error;
}

const minute = 60_000;
/** How long things go wrong: less than the gateway repeats a notification. */
const faultyMs = 45 * minute;

/** One life of a shop: everything goes wrong for a while, then nothing does, and the books are compared. */
export async function runSeed(seed: number, sabotage?: Sabotage): Promise<SeedResult> {
  const world = new World(`simulation ${seed}`);
  const run = new Run(world, seed, sabotage);
  try {
    await run.live();
    return run.result();
  } catch (error) {
    return { ...run.result(), violation: error instanceof Error ? error : new Error(String(error)) };
  }
}

class Run {
  readonly #world: World;
  readonly #seed: number;
  readonly #shop: Shop;
  readonly #buyers: Buyers;
  readonly #operators: Operators;
  readonly #invariants: Invariants;
  readonly #database: Database;
  readonly #gateway: Gateway;
  readonly #facts: HeardFacts;
  readonly #keys: BillingKeys;
  readonly #events: EventBook;
  readonly #eventFacts: EventFacts;
  readonly #consumers: Consumers;

  constructor(world: World, seed: number, sabotage: Sabotage | undefined) {
    this.#world = world;
    this.#seed = seed;
    const { random } = world;
    const rules = Object.fromEntries(
      Object.entries(ruleChoices).map(([name, choices]) => [name, random.pick<string>(choices)]),
    ) as unknown as Rules;
    world.note(JSON.stringify(rules));
    const store = createMemoryStore();
    const events = new EventBook(world);
    const observer = new Observer(({ sealed, id, mid }) => {
      if (sealed === null || store.vault === undefined) return undefined;
      return hashOf(store.vault.open(sealed, { mid, rowId: id }).reveal());
    }, events);
    this.#events = events;
    const guarded = (check: () => void) => {
      try {
        check();
      } catch (error) {
        world.fail(error);
      }
    };
    const sandbox = createInProcessSandbox({
      ...rules,
      origin: gatewayOrigin,
      seed: `sandbox ${seed}`,
      time: { now: world.date, schedule: (ms, work) => world.at(ms, () => void work()) },
      notify: messenger(
        world,
        (path, request) => this.#shop.ask({ path, ...request }),
        (path, body, { status, body: answer }) => {
          const isStored = status === 200 && !answer.startsWith("cd_rslt=9999");
          if (isStored) guarded(() => this.#invariants.notifications.checkAcknowledged(path, body));
        },
      ),
    });
    const notified = `${shopOrigin}/pay/notifications`;
    sandbox.notifications.register({ depositUrl: `${notified}/deposit`, escrowUrl: `${notified}/escrow` });
    this.#eventFacts = new EventFacts(events, observer, sandbox);
    this.#keys = new BillingKeys(sandbox, observer);
    this.#gateway = new Gateway(world, sandbox, {
      carriedOut: (reply, keyCall) => {
        const { oid, tid, operation } = sandbox.book.requests.at(-1) ?? {};
        if (operation?.startsWith("billing.issue")) this.#keys.answered(reply, keyCall);
        guarded(() => {
          this.#invariants.checkTransaction(oid, tid);
          if (operation?.startsWith("billing.")) this.#keys.checkCharges();
        });
      },
      known: () => observer.known(),
      keyCallOf: (process) => this.#keys.markedBy(process),
      hearing: (process) => {
        // The worst moment for it: somebody knows of a payment, and nobody could be told.
        if (!world.faulty || !random.chance(0.05)) return;
        this.#databaseGoes();
        if (random.chance(0.5)) world.at(random.between(2_000, 60_000), () => process.crash());
      },
    });
    this.#invariants = new Invariants(sandbox, observer, this.#gateway);
    this.#database = {
      store,
      observer,
      downUntil: 0,
      committed: ({ orders, keys }) => {
        guarded(() => this.#eventFacts.check());
        for (const orderId of orders) guarded(() => this.#invariants.check(orderId));
        if (keys) guarded(() => this.#keys.check());
      },
    };
    this.#facts = new HeardFacts(world, observer);
    this.#consumers = new Consumers(world, events);
    this.#shop = new Shop(
      world,
      this.#database,
      this.#gateway,
      this.#facts,
      this.#keys,
      this.#consumers,
      rules,
      sabotage,
    );
    const escrow = new Escrow(world, sandbox);
    this.#buyers = new Buyers(world, this.#shop, sandbox, escrow, {
      paid: (orderId) => guarded(() => this.#invariants.checkToldPaid(orderId)),
      done: (orderId, act) => guarded(() => escrow.checkDone(orderId, act)),
    });
    this.#operators = new Operators(this.#shop, sandbox, observer, this.#keys);
  }

  async live(): Promise<void> {
    const { random } = this.#world;
    const orders = Array.from({ length: random.between(5, 10) }, (_, at) => {
      const order = {
        id: `o${at + 1}`,
        price: random.between(1, 400) * 100,
        buyerName: "홍길동",
        goodsName: "책",
        escrow: random.chance(0.4),
      };
      this.#shop.orders.set(order.id, order);
      return order;
    });
    const machines = Array.from({ length: random.between(1, 3) }, () => this.#shop.machine());
    for (let members = random.between(2, 3); members > 0; members--) {
      this.#shop.start(random.pick(machines));
    }
    for (let operations = random.between(30, 45); operations > 0; operations--) {
      const order = random.pick(orders);
      this.#world.at(random.between(0, faultyMs - 5 * minute), () => this.#buyers.act(order));
    }
    this.#planTrouble();
    await this.#world.pass(faultyMs);
    await this.#rest([...this.#shop.orders.keys()]);
  }

  result(): SeedResult {
    const { lines } = this.#world;
    return { seed: this.#seed, operations: this.#buyers.operations, hash: this.#world.hash(), trace: lines };
  }

  #planTrouble(): void {
    const world = this.#world;
    const { random } = world;
    const sometime = (run: () => void) => world.at(random.between(0, faultyMs), run);
    for (let times = random.between(0, 3); times > 0; times--) {
      sometime(
        () =>
          random.chance(0.8) &&
          this.#shop.members.length > 0 &&
          random.pick(this.#shop.members).process.crash(),
      );
      sometime(() => this.#databaseGoes());
      sometime(() => {
        this.#gateway.downUntil = world.now + random.between(1_000, 60_000);
        world.note("the gateway goes away");
      });
    }
    sometime(() => this.#consumers.beginMail(this.#shop.members));
    if (random.chance(0.4)) sometime(() => this.#consumers.giveUpExport(this.#shop.members));
    for (let times = random.between(2, 6); times > 0; times--) {
      sometime(() => {
        const [member] = this.#shop.members;
        if (member !== undefined) void this.#operators.work(member);
      });
    }
  }

  #databaseGoes(): void {
    const { random, now } = this.#world;
    // Longer, now and then, than anybody waits for it.
    const most = random.chance(0.3) ? 180_000 : 60_000;
    this.#database.downUntil = now + random.between(200, most);
    this.#world.note("the database goes away");
  }

  /** Nothing goes wrong any more, and everybody has time. */
  async #rest(orderIds: readonly string[]): Promise<void> {
    const world = this.#world;
    world.faulty = false;
    world.note("== nothing goes wrong any more");
    // The longest call, its grace, and the next turn of recover(); late commits and repeated notifications too.
    await world.pass(15 * minute);
    await this.#withMember((member) => this.#shop.recover(member));
    await this.#checkRest(orderIds);
    // An approval and then the cancel that was to undo it.
    for (let rounds = 0; rounds < 2; rounds++) {
      await world.pass(15 * minute);
      await this.#withMember((member) => this.#operators.work(member));
    }
    await this.#checkRest(orderIds);
    this.#invariants.checkSettled(orderIds);
    await this.#checkEvents();
  }

  /** Everybody who takes events takes what waits, until nothing does; then the staff sees to what could not be taken. */
  async #checkEvents(): Promise<void> {
    await this.#takeAll();
    await this.#withMember(async (member) => {
      this.#events.checkRest(await member.ledger.deadLetters({ limit: 500 }));
      await this.#operators.work(member);
    });
    await this.#takeAll();
    this.#events.checkRest([]);
    this.#eventFacts.checkRest();
  }

  async #takeAll(): Promise<void> {
    for (let rounds = 0; rounds < 20; rounds++) {
      let waiting = 0;
      await this.#withMember(async (member) => {
        for (const name of this.#events.living) {
          await this.#shop.deliver(member, this.#consumers.of(member, name));
        }
        for (const status of await member.ledger.consumers()) waiting += status.removing ? 0 : status.waiting;
      });
      if (waiting === 0) return;
      // The longest that an event is put off.
      await this.#world.pass(22 * minute);
    }
    throw new Violation("I13", "events wait for ever");
  }

  async #checkRest(orderIds: readonly string[]): Promise<void> {
    let listed: readonly string[] = [];
    await this.#withMember(async ({ ledger }) => {
      const [calls, keys] = [await ledger.unknowns(), await ledger.orphanKeys()];
      listed = [...calls.map(({ orderId }) => orderId), ...keys.map(({ callId }) => callId)];
    });
    const told = new Set(listed);
    this.#invariants.checkRest(orderIds, told);
    this.#keys.checkRest(told);
    this.#facts.checkRest();
  }

  async #withMember(work: (member: Shop["members"][number]) => Promise<void>): Promise<void> {
    const [member] = this.#shop.members;
    if (member === undefined) throw new Error("No process lives");
    let done = false;
    this.#world.at(0, () => {
      work(member).then(
        () => {
          done = true;
        },
        (error: unknown) => this.#world.fail(error),
      );
    });
    for (let tries = 0; !done && tries < 100; tries++) await this.#world.pass(1_000);
    if (!done) throw new Error("The last work does not end");
  }
}
