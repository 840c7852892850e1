import {
  type EventConsumer,
  type EventHandlers,
  keyEventKinds,
  type LedgerEvent,
  LedgerUnavailableError,
  orderEventKinds,
} from "@payapi/ledger";
import type { EventBook } from "../rules/event-book.js";
import type { World } from "../world/world.js";
import type { Member } from "./member.js";

/** The behaviour of a handler. */
const conducts = { fine: 80, throws: 8, slow: 5, "never-ends": 2, dies: 0.5 };
const handlerTimeoutMs = 120_000;
const kinds = [
  ...orderEventKinds,
  ...keyEventKinds,
  "escrow",
  "notification-needs-review",
  "database-changed",
] as const;

/** A consumer of the shop. */
interface Plan {
  readonly name: string;
  readonly startFrom: "beginning" | "now";
  isRunning: boolean;
}

/** The consumers of the ledger's events, in every process; some start late, and one is removed. */
export class Consumers {
  readonly #plans: Plan[];
  /** Events that fail until the consumer's program is fixed. */
  readonly #poison = new Set<string>();
  /** The processes with a running worker. */
  readonly #working = new Set<Member>();
  #isGivenUp = false;

  constructor(
    readonly world: World,
    readonly book: EventBook,
  ) {
    const startFrom = world.random.chance(0.5) ? "beginning" : "now";
    if (startFrom === "now") book.startsNow("mail");
    this.#plans = [
      { name: "delivery", startFrom: "beginning", isRunning: true },
      { name: "mail", startFrom, isRunning: false },
      { name: "export", startFrom: "beginning", isRunning: world.random.chance(0.6) },
    ];
  }

  /** Deploys the late consumer. */
  beginMail(members: readonly Member[]): void {
    for (const plan of this.#plans) if (plan.name === "mail") plan.isRunning = true;
    this.world.note("the shop begins to send mail");
    for (const member of members) if (this.#working.has(member)) this.#startOne(member, "mail");
  }

  /** A process with a running worker, beside those with single runs. */
  startWorkers(member: Member): void {
    this.#working.add(member);
    member.process.whenDead(() => this.#working.delete(member));
    for (const { name, isRunning } of this.#plans) if (isRunning) this.#startOne(member, name);
  }

  /** The consumer for a single run; `undefined` if this process has a running worker. */
  toRun(member: Member): EventConsumer | undefined {
    const running = this.#plans.filter(({ isRunning }) => isRunning);
    if (this.#working.has(member)) return undefined;
    return this.of(member, this.world.random.pick(running).name);
  }

  of({ process }: Member, name: string): EventConsumer {
    const startFrom = this.#plans.find((plan) => plan.name === name)?.startFrom ?? "beginning";
    const handle = (event: LedgerEvent) => this.#handle(process, name, event);
    return {
      consumer: name,
      startFrom,
      handlerTimeoutMs,
      on: Object.fromEntries(kinds.map((kind) => [kind, handle])) as EventHandlers,
      onError: (error) => this.world.note(`${process.name} ${name} fails: ${(error as Error).name}`),
    };
  }

  /** Removes a consumer; workers that still run get `consumer-removed`. */
  giveUpExport(members: readonly Member[]): void {
    for (const plan of this.#plans) if (plan.name === "export") plan.isRunning = false;
    this.#isGivenUp = true;
    this.world.note("the shop gives its export up");
    const [member] = members;
    if (member !== undefined) void this.forget(member);
  }

  /** Removes the consumer, unless that was done before. */
  async forget({ ledger, process }: Member): Promise<void> {
    if (!this.#isGivenUp) return;
    try {
      const was = await ledger.events.removeConsumer("export");
      this.world.note(`${process.name} removed export: ${was}`);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) throw error;
      this.world.note(`${process.name} could not remove export`);
    }
  }

  /** The staff fixes the program and redelivers the dead letters. */
  async mend({ ledger, process }: Member): Promise<void> {
    for (const { consumer, event } of await ledger.events.deadLetters()) {
      this.#poison.delete(`${consumer} ${event.position}`);
      const count = await ledger.events.redeliver(event.id, { consumer });
      this.world.note(`${process.name} redelivers ${event.kind} to ${consumer}: ${count}`);
    }
  }

  #startOne(member: Member, name: string): void {
    const { random } = this.world;
    const every = { intervalMs: random.between(100_000, 300_000), recoverEveryMs: 900_000 };
    member.ledger.operations.startWorker({ ...this.of(member, name), ...every });
  }

  async #handle(process: Member["process"], name: string, event: LedgerEvent): Promise<void> {
    const { random, faulty } = this.world;
    this.book.begins(name, event);
    const about = ("orderId" in event ? event.orderId : undefined) ?? "no order";
    this.world.note(`${process.name} gives ${event.kind} of ${about} to ${name}`);
    const letter = `${name} ${event.position}`;
    if (faulty && random.chance(0.004)) this.#poison.add(letter);
    const conduct = this.#poison.has(letter) ? "throws" : faulty ? random.weighted(conducts) : "fine";
    await process.step("handles");
    switch (conduct) {
      case "throws":
        throw new TypeError("The handler has a mistake");
      case "never-ends":
        return new Promise(() => {});
      case "dies":
        process.crash();
        return new Promise(() => {});
      case "slow":
        await process.wait(random.between(20_000, 150_000));
    }
    this.book.handled(name, event);
  }
}
