import type { LedgerStore } from "@payapi/ledger/internal";
import { type Rules, ruleChoices } from "@payapi/sandbox";
import { createInProcessSandbox } from "@payapi/sandbox/in-process";
import { Buyers } from "./actors/buyers.js";
import { Consumers } from "./actors/consumers.js";
import { Escrow } from "./actors/escrow.js";
import { shopOrigin } from "./actors/member.js";
import { Operators } from "./actors/operators.js";
import { gatewayOrigin, Shop } from "./actors/shop.js";
import { Strangers } from "./actors/strangers.js";
import { BillingKeys, hashOf } from "./rules/billing-keys.js";
import { EventBook } from "./rules/event-book.js";
import { EventFacts } from "./rules/event-facts.js";
import { HeardFacts } from "./rules/heard-facts.js";
import { Invariants } from "./rules/invariants.js";
import { movesMoney } from "./rules/legal-steps.js";
import { Observer } from "./rules/observer.js";
import type { Sabotage } from "./sabotage/sabotage.js";
import type { Database } from "./world/faulty-store.js";
import { Gateway } from "./world/gateway.js";
import { messenger } from "./world/messenger.js";
import { Random } from "./world/random.js";
import type { World } from "./world/world.js";

/** All actors of one life, and all rules. */
export class Cast {
  readonly shop: Shop;
  readonly buyers: Buyers;
  readonly operators: Operators;
  readonly database: Database;
  readonly gateway: Gateway;
  readonly consumers: Consumers;
  readonly invariants: Invariants;
  readonly facts: HeardFacts;
  readonly keys: BillingKeys;
  readonly events: EventBook;
  readonly eventFacts: EventFacts;
  /** Actions beside buying. */
  readonly others: Random;
  /** Only with unlisted sources. */
  readonly strangers: Strangers | undefined;

  constructor(
    readonly world: World,
    seed: number,
    store: LedgerStore,
    sabotage: Sabotage | undefined,
  ) {
    const { random } = world;
    const rules = Object.fromEntries(
      Object.entries(ruleChoices).map(([name, choices]) => [name, random.pick<string>(choices)]),
    ) as unknown as Rules;
    // A separate generator, so that the buyers' actions do not depend on it.
    const others = new Random(`others ${seed}`);
    const isUnlisted = others.chance(0.3);
    world.note(JSON.stringify({ ...rules, isUnlisted }));
    this.others = others;
    const events = new EventBook(world);
    const observer = new Observer(({ encryptedKey, id, mid }) => {
      if (encryptedKey === null || store.vault === undefined) return undefined;
      return hashOf(store.vault.decrypt(encryptedKey, { mid, rowId: id }).reveal());
    }, events);
    this.events = events;
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
        (path, request) => this.shop.ask({ path, ...request }),
        (path, body, { status, body: answer }) => {
          const isStored = status === 200 && !answer.startsWith("cd_rslt=9999");
          if (isStored) guarded(() => this.invariants.notifications.checkAcknowledged(path, body));
        },
      ),
    });
    const notified = `${shopOrigin}/pay/notifications`;
    sandbox.notifications.register({ depositUrl: `${notified}/deposit`, escrowUrl: `${notified}/escrow` });
    this.eventFacts = new EventFacts(events, observer, sandbox);
    this.keys = new BillingKeys(sandbox, observer);
    this.gateway = new Gateway(world, sandbox, {
      carriedOut: (reply, keyCall) => {
        const { oid, tid, operation } = sandbox.book.requests.at(-1) ?? {};
        if (operation?.startsWith("billing.issue")) this.keys.answered(reply, keyCall);
        guarded(() => {
          this.invariants.checkTransaction(oid, tid);
          if (operation?.startsWith("billing.")) this.keys.checkCharges();
        });
      },
      known: () => observer.known(),
      keyCallOf: (process) => this.keys.markedBy(process),
      hearing: (process, operation) => {
        // The worst moment for it: the payment was approved, and no process could store it.
        if (!world.faulty || !movesMoney(operation) || !random.chance(0.1)) return;
        this.databaseGoes();
        if (random.chance(0.5)) world.at(random.between(2_000, 60_000), () => process.crash());
      },
    });
    this.invariants = new Invariants(sandbox, observer, this.gateway);
    this.database = {
      store,
      observer,
      downUntil: 0,
      committed: ({ orders, keys }) => {
        guarded(() => this.eventFacts.check());
        for (const orderId of orders) guarded(() => this.invariants.check(orderId));
        if (keys) guarded(() => this.keys.check());
      },
    };
    this.facts = new HeardFacts(world, observer);
    this.consumers = new Consumers(world, events);
    const { database, gateway, facts, keys, consumers } = this;
    this.shop = new Shop({ world, database, gateway, facts, keys, consumers, rules, sabotage, isUnlisted });
    this.strangers = isUnlisted ? new Strangers(world, others, this.shop, sandbox) : undefined;
    const escrow = new Escrow(world, sandbox);
    this.buyers = new Buyers(world, this.shop, sandbox, escrow, {
      paid: (orderId) => guarded(() => this.invariants.checkToldPaid(orderId)),
      done: (orderId, act) => guarded(() => escrow.checkDone(orderId, act)),
    });
    this.operators = new Operators(this.shop, sandbox, observer, this.keys, others);
  }

  databaseGoes(): void {
    const { random, now } = this.world;
    // Sometimes longer than any timeout.
    const most = random.chance(0.3) ? 180_000 : 60_000;
    this.database.downUntil = now + random.between(200, most);
    this.world.note("the database goes away");
  }

  /** Runs a task in one of the processes, and waits for it. */
  async withMember(work: (member: Shop["members"][number]) => Promise<void>): Promise<void> {
    const [member] = this.shop.members;
    if (member === undefined) throw new Error("No process lives");
    let done = false;
    this.world.at(0, () => {
      work(member).then(
        () => {
          done = true;
        },
        (error: unknown) => this.world.fail(error),
      );
    });
    for (let tries = 0; !done && tries < 100; tries++) await this.world.pass(1_000);
    if (!done) throw new Error("The last work does not end");
  }
}
