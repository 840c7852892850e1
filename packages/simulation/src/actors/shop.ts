import type { Order } from "@payapi/core/handler";
import { createTimedHandler, createTimedPayApi } from "@payapi/core/internal";
import { type EventConsumer, LedgerError, LedgerUnavailableError } from "@payapi/ledger";
import { createLedger } from "@payapi/ledger/internal";
import type { Rules } from "@payapi/sandbox";
import { sandboxMerchant } from "@payapi/sandbox";
import type { BillingKeys } from "../rules/billing-keys.js";
import type { HeardFacts } from "../rules/heard-facts.js";
import type { Sabotage } from "../sabotage/sabotage.js";
import { changedLedger } from "../world/changed-ledger.js";
import { type Database, faultyStore } from "../world/faulty-store.js";
import { callMs, type Gateway } from "../world/gateway.js";
import { type Disk, journalOn } from "../world/journal-on-disk.js";
import { Process } from "../world/process.js";
import type { World } from "../world/world.js";
import type { Consumers } from "./consumers.js";
import { type Answered, type Asked, type Member, NoAnswer, shopOrigin } from "./member.js";

export const gatewayOrigin = "http://127.0.0.1:4010";

const silent = () => {};

/** The parts of a shop. */
export interface ShopParts {
  readonly world: World;
  readonly database: Database;
  readonly gateway: Gateway;
  readonly facts: HeardFacts;
  readonly keys: BillingKeys;
  readonly consumers: Consumers;
  readonly rules: Pick<Rules, "escrowAcknowledgement">;
  readonly sabotage: Sabotage | undefined;
  /** Whether the gateway's addresses for notifications are unknown. */
  readonly isUnlisted: boolean;
}

/** The shop: its orders, and the processes that serve them over one database. */
export class Shop {
  readonly orders = new Map<string, Order>();
  readonly world: World;
  readonly consumers: Consumers;
  members: Member[] = [];
  readonly #parts: ShopParts;
  #started = 0;
  #machines = 0;

  constructor(parts: ShopParts) {
    this.#parts = parts;
    this.world = parts.world;
    this.consumers = parts.consumers;
  }

  /** Changes the price of an order. */
  reprice(id: string, price: number): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    this.orders.set(id, { ...order, price });
    this.world.note(`${id} costs ${price} won now`);
  }

  /** A machine of the shop, with its own disk. */
  machine(): Disk {
    this.#machines += 1;
    return this.#parts.facts.disk(`m${this.#machines}`);
  }

  /** Starts another process on a machine. */
  start(disk: Disk): Member {
    const { world, database, gateway, facts, keys, rules, sabotage, isUnlisted } = this.#parts;
    this.#started += 1;
    const process = new Process(world, `p${this.#started}`);
    const transport = gateway.transport(process);
    const timers = {
      monotonic: () => world.now,
      wall: () => process.time().getTime(),
      wait: process.wait,
      random: () => world.random.next(),
    };
    const client = createTimedPayApi(
      {
        ...sandboxMerchant,
        environment: "sandbox",
        baseUrl: gatewayOrigin,
        timeoutMs: callMs,
        now: process.time,
        transport: sabotage?.transport?.(transport) ?? transport,
      },
      timers,
    );
    const plain = faultyStore(process, database);
    const store = sabotage?.store?.(plain) ?? plain;
    const journal = journalOn(disk, process, sandboxMerchant.mid);
    const options = {
      journal: sabotage?.journal?.(journal, process, disk) ?? journal,
      clock: world.date,
      callTimeoutMs: callMs,
      // The clocks of these processes differ by hours on purpose.
      maxSkewMs: Number.MAX_SAFE_INTEGER,
      logger: silent,
      timers,
    };
    const honest = createLedger(client, store, options);
    const changes = sabotage?.ledger?.(honest, { process, store, client, options }) ?? {};
    const made = changedLedger(honest, changes);
    const ledger = keys.watch(facts.watch(made, process, disk), process);
    const payapi = sabotage?.client?.(client, ledger) ?? client;
    const handler = createTimedHandler(
      {
        payapi,
        ledger,
        orders: { find: async (id) => this.orders.get(id) },
        authorize: () => true,
        authorizeBillingKey: () => true,
        customerId: () => "buyer",
        clientAddress: () => "127.0.0.1",
        publicUrl: shopOrigin,
        basePath: "/pay",
        groups: ["cards", "page", "orders", "billing-keys", "charges", "cancels", "escrow", "notifications"],
        notificationCharsets: { mobile: "utf-8" },
        escrowAcknowledgement: rules.escrowAcknowledgement,
        returnTo: (id) => `/orders/${id}`,
        rateLimits: false,
        ...(isUnlisted ? { sources: "unlisted" as const } : {}),
        logger: silent,
      },
      timers,
    );
    const member = { process, ledger, handler };
    this.members.push(member);
    world.note(`${process.name} starts`);
    process.whenDead(() => {
      this.members = this.members.filter((other) => other !== member);
      world.at(world.random.between(500, 60_000), () => this.start(disk));
    });
    if (world.random.chance(0.5)) this.consumers.startWorkers(member);
    this.#recoverNowAndThen(member);
    return member;
  }

  /** Sends a request to one of the running processes. @throws NoAnswer */
  ask(asked: Asked): Promise<Answered> {
    if (this.members.length === 0) return Promise.reject(new NoAnswer());
    return this.askMember(this.world.random.pick(this.members), asked);
  }

  askMember({ process, handler }: Member, asked: Asked): Promise<Answered> {
    const { method, path, body, contentType = "application/json", idempotencyKey } = asked;
    const request = new Request(`${shopOrigin}${path}`, {
      method,
      headers: {
        // Forms come from the gateway, not from the shop's pages.
        ...(contentType === "application/json" ? { origin: shopOrigin } : {}),
        ...(method === "GET" ? {} : { "content-type": contentType }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return new Promise((resolve, reject) => {
      process.whenDead(() => reject(new NoAnswer()));
      const answer = async () => {
        const response = await handler(request, undefined);
        const text = await response.text();
        await process.step(`answers ${response.status}`);
        resolve({ status: response.status, body: text });
      };
      this.world.at(this.world.lag(), () => {
        if (process.isAlive) answer().catch((error: unknown) => this.world.fail(error));
      });
    });
  }

  async recover({ ledger, process }: Member): Promise<void> {
    try {
      const done = await ledger.operations.recover();
      if (done.notSent + done.unknown > 0) {
        this.world.note(`${process.name} recovered: not sent ${done.notSent}, unknown ${done.unknown}`);
      }
    } catch (error) {
      this.#forgive(process, "recover", error);
    }
  }

  /** Recovers and delivers events once. */
  async deliver({ ledger, process }: Member, consumer: EventConsumer): Promise<void> {
    try {
      const { delivered, failed, dead } = await ledger.operations.runOnce(consumer);
      if (delivered + failed + dead === 0) return;
      this.world.note(`${process.name} ${consumer.consumer} took ${delivered}, not ${failed}, never ${dead}`);
    } catch (error) {
      this.#forgive(process, "deliver", error);
    }
  }

  /** A process that can't reach its database tries again later; no other error is allowed. */
  #forgive(process: Process, what: string, error: unknown): void {
    const isRemoved = error instanceof LedgerError && error.code === "consumer-removed";
    if (!isRemoved && !isUnavailable(error)) this.world.fail(error);
    this.world.note(`${process.name} could not ${what}`);
  }

  #recoverNowAndThen(member: Member): void {
    const { world } = this;
    const turn = () => {
      if (!member.process.isAlive) return;
      const consumer = world.random.chance(0.6) ? this.consumers.toRun(member) : undefined;
      const done = consumer === undefined ? this.recover(member) : this.deliver(member, consumer);
      const [least, most] = world.faulty ? [60_000, 400_000] : [300_000, 800_000];
      void done.then(() => world.at(world.random.between(least, most), turn));
    };
    world.at(world.random.between(10, 1_000), turn);
  }
}

/** Also for journal entries, each of which was refused on its own. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof LedgerError) || error.code !== "not-replayed") {
    return error instanceof LedgerUnavailableError;
  }
  return error.cause instanceof AggregateError && error.cause.errors.every(isUnavailable);
}
