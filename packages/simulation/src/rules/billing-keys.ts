import { createHash } from "node:crypto";
import type { Ledger } from "@payapi/ledger";
import type { KeyRow } from "@payapi/ledger/internal";
import type { BillingKey } from "@payapi/sandbox";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import { changedLedger } from "../world/changed-ledger.js";
import type { Process } from "../world/process.js";
import { Violation, type World } from "../world/world.js";
import { illegalKeySteps } from "./legal-steps.js";
import type { Observer } from "./observer.js";

/** The billing keys at the gateway and in the ledger, and the rules about them. */
export class BillingKeys {
  /** The calls that asked for a key, by its hash; without the keys of the payment window. */
  readonly #askedBy = new Map<string, string>();
  readonly #marked = new WeakMap<Process, string>();
  #charges = 0;

  constructor(
    readonly sandbox: InProcessSandbox,
    readonly observer: Observer,
  ) {}

  /** The ledger, observing whose issue is being sent. */
  watch(ledger: Ledger, process: Process): Ledger {
    return changedLedger(ledger, {
      store: {
        markKeySending: async (call) => {
          await ledger.store.markKeySending(call);
          this.#marked.set(process, call.callId);
        },
        revealKey: async (id) => {
          const askedAt = process.world.now;
          const billkey = await ledger.store.revealKey(id);
          if (billkey !== undefined) this.#checkRevealed(process.world, hashOf(billkey.reveal()), askedAt);
          return billkey;
        },
      },
    });
  }

  /** The issue that this process marked last: the one whose first byte leaves next, since nothing waits between the two. */
  markedBy(process: Process): string | undefined {
    return this.#marked.get(process);
  }

  /** Called when the gateway answered a call about keys. */
  answered(reply: Uint8Array, callId: string | undefined): void {
    const [, billkey] = /"Billkey":"([^"]+)"/.exec(Buffer.from(reply).toString("latin1")) ?? [];
    if (billkey !== undefined && callId !== undefined) this.#askedBy.set(hashOf(billkey), callId);
  }

  /** The gateway's key of an issue, or of a row. */
  atGateway({ id }: Pick<KeyRow, "id">): BillingKey | undefined {
    const known = this.observer.keys.hashes.get(id);
    return this.sandbox.book.billingKeys.find(({ hash }) => hash === known || this.#askedBy.get(hash) === id);
  }

  /** The rules for every step. */
  check(): void {
    const illegal = illegalKeySteps(this.observer.keys.steps);
    if (illegal !== undefined) throw new Violation("I7", illegal);
    for (const row of this.observer.keys.rows.values()) {
      const key = this.atGateway(row);
      const isAlive = key !== undefined && key.deletedAt === undefined;
      const about = `the key ${this.observer.keyName(row.id)} is ${row.state}`;
      if (row.state === "active" && !isAlive) throw new Violation("I11", `${about}, and not at the gateway`);
      if (row.state === "deleted" && isAlive)
        throw new Violation("I11", `${about}, and alive at the gateway`);
      if (row.state === "failed" && isAlive)
        throw new Violation("I11", `${about}, and the gateway issued it`);
    }
  }

  /** The rules for a charge that the gateway carried out. */
  checkCharges(): void {
    const charges = this.sandbox.book.billingKeys.flatMap((key) =>
      key.charges.map((charge) => ({ ...charge, key })),
    );
    if (charges.length === this.#charges) return;
    this.#charges = charges.length;
    for (const { oid, key } of charges) {
      const approval = [...this.observer.approvals.values()].find((row) => row.oid === oid);
      for (const row of this.observer.keys.rows.values()) {
        const stoppedAt = this.observer.keys.stoppedAt.get(row.id);
        if (stoppedAt === undefined || approval === undefined || this.atGateway(row) !== key) continue;
        if (approval.createdAt.getTime() > stoppedAt) {
          throw new Violation(
            "I11",
            `${oid} was charged to the key ${this.observer.keyName(row.id)}, which was stopped before`,
          );
        }
      }
    }
  }

  #checkRevealed(world: World, revealed: string, askedAt: number): void {
    for (const [id, hash] of this.observer.keys.hashes) {
      const stoppedAt = this.observer.keys.stoppedAt.get(id);
      if (hash !== revealed || stoppedAt === undefined || stoppedAt >= askedAt) continue;
      const name = this.observer.keyName(id);
      world.fail(new Violation("I11", `the key ${name} was given away for a charge after it was stopped`));
    }
  }

  /** The rules for the end; `listed` are the rows that operators see. */
  checkRest(listed: ReadonlySet<string>): void {
    this.check();
    for (const { id, state } of this.observer.keys.rows.values()) {
      const name = this.observer.keyName(id);
      if (state === "reserved" || state === "sending") {
        throw new Violation("I8", `the key ${name} is still ${state}`);
      }
      if ((state === "unknown" || state === "deleting") && !listed.has(id)) {
        throw new Violation("I11", `the key ${name} is ${state}, but not listed`);
      }
    }
    for (const [hash, callId] of this.#askedBy) {
      const key = this.sandbox.book.billingKeys.find((each) => each.hash === hash);
      const state = this.observer.keys.rows.get(callId)?.state;
      if (key?.deletedAt === undefined && state !== "active" && !listed.has(callId)) {
        const name = this.observer.keyName(callId);
        throw new Violation("I11", `the gateway has ${name}, which is ${state} here, but not listed`);
      }
    }
  }
}

/** The hash by which the sandbox distinguishes keys. */
export function hashOf(billkey: string): string {
  return createHash("sha256").update(billkey).digest("hex").slice(0, 12);
}
