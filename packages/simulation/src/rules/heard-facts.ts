import type { CallOutcome, ReservedCall } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { changedLedger } from "../world/changed-ledger.js";
import { Disk } from "../world/journal-on-disk.js";
import type { Process } from "../world/process.js";
import { Violation, type World } from "../world/world.js";
import { isAlarm } from "./legal-steps.js";
import type { Observer } from "./observer.js";

/** How long after a process received a success it must be durable: the database's time limit, and the slowest disk. */
const safeAfterMs = 1_000 + 2 * 4_000;

/** Successes that a running process received: none may get lost, even while the database is unreachable. */
export class HeardFacts {
  readonly #disks: Disk[] = [];
  /** Successes that must be in the database at the end. */
  readonly #owed = new Map<string, ReservedCall>();

  constructor(
    readonly world: World,
    readonly observer: Observer,
  ) {}

  disk(name: string): Disk {
    const disk = new Disk(name);
    this.#disks.push(disk);
    return disk;
  }

  /** The ledger, observing the storage of every success. */
  watch(ledger: Ledger, process: Process, disk: Disk): Ledger {
    return changedLedger(ledger, {
      store: {
        settle: async (call, outcome) => {
          if (!isYes(outcome)) return ledger.store.settle(call, outcome);
          const heardAt = this.world.now;
          let ended = false;
          process.whenDead(() => {
            if (ended) return;
            const had = this.world.now - heardAt;
            const stood = process.stoodStillAt >= heardAt;
            if (had > safeAfterMs && !stood) this.#demand(call, disk, `its process died ${had} ms later`);
            else if (this.#isSafe(call, disk)) this.#owed.set(call.id, call);
          });
          try {
            return await ledger.store.settle(call, outcome);
          } finally {
            ended = true;
            this.#demand(call, disk, "settling ended");
          }
        },
      },
    });
  }

  /** The rules for the end. */
  checkRest(): void {
    for (const call of this.#owed.values()) {
      if (!this.#isInDatabase(call)) {
        throw new Violation(
          "I10",
          `the gateway's yes to ${call.kind} ${call.orderId} was safe, and got lost`,
        );
      }
    }
    for (const disk of this.#disks) {
      const [left] = disk.texts.keys();
      if (left !== undefined) throw new Violation("I10", `${left} is still in the journal of ${disk.name}`);
    }
  }

  #demand(call: ReservedCall, disk: Disk, when: string): void {
    if (this.#isSafe(call, disk)) this.#owed.set(call.id, call);
    else if (!disk.refused.has(call.id)) {
      const what = `the gateway's yes to ${call.kind} ${call.orderId}`;
      this.world.fail(new Violation("I10", `${what} is neither in the database nor in the journal: ${when}`));
    }
  }

  #isSafe(call: ReservedCall, disk: Disk): boolean {
    return disk.kept.has(call.id) || this.#isInDatabase(call);
  }

  #isInDatabase({ kind, id }: ReservedCall): boolean {
    if (kind === "approval") {
      const row = this.observer.approvals.get(id);
      if (row === undefined) return false;
      const { state, mismatchAt } = row;
      return state === "approved" || state === "net_cancelled" || isAlarm(state) || mismatchAt !== null;
    }
    const row = this.observer.cancels.get(id);
    const payment = this.observer.approvals.get(row?.approvalId ?? "");
    return row?.state === "done" || row?.state === "mismatch" || payment?.mismatchAt != null;
  }
}

function isYes({ outcome }: CallOutcome): boolean {
  return outcome === "succeeded" || outcome === "moved";
}
