import { maskCardNumbers } from "@payapi/core";
import type { NewNotificationRow } from "@payapi/ledger/internal";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import { Violation } from "../world/world.js";
import { orderOf } from "./legal-steps.js";
import type { Observer } from "./observer.js";

type Fields = Readonly<Record<string, string>>;

/** The payer's name in every forged notification, by which the rules know it. */
export const stranger = "stranger";

/** The rules about notifications: an acknowledged one is stored, and counts once. */
export class NotificationRules {
  constructor(
    readonly sandbox: InProcessSandbox,
    readonly observer: Observer,
  ) {}

  /** Called when a notification was acknowledged: the gateway will not repeat it. */
  checkAcknowledged(path: string, body: string): void {
    const fields = Object.fromEntries(new URLSearchParams(body));
    if (!this.#isKept(fields)) {
      throw new Violation("I5", `${path}: ${tidOf(fields)} was acknowledged and is not durable`);
    }
  }

  /** The amount of deposits and reversals whose notification did not arrive yet, or is quarantined. */
  unheardOf(orderId: string): number[] {
    return this.sandbox.notifications.list
      .filter(({ oid, status }) => orderOf(oid) === orderId && ["02", "0200", "0400"].includes(status))
      .filter(({ fields }) => !this.#isBelieved(fields))
      .map(({ fields, status }) => Number(fields.P_AMT ?? fields.amt_input) * (status === "0400" ? -1 : 1));
  }

  /** The rules for the end. */
  checkRest(): void {
    const rows = new Map<string, number>();
    for (const { dedupeKey, kind, tid, event, listed, beside, fields } of this.observer.inbox) {
      if (beside && listed) throw new Violation("I5", `${dedupeKey} came with other content`);
      if (isMadeUp(fields)) continue;
      const at = fields.tm_trans ?? fields.dt_req ?? "";
      count(rows, [kind, tid, event, listed, fields.P_STATUS ?? "", at].join(" "));
    }
    for (const [name, times] of rows) {
      if (times > 1) throw new Violation("I5", `the event ${name} was taken for ${times} events`);
    }
    for (const { status, state, oid, fields } of this.sandbox.notifications.list) {
      if (state !== "acknowledged") throw new Violation("I5", `${oid} ${status} is ${state} at the end`);
      if (!this.#isKept(fields)) {
        throw new Violation("I5", `${oid} ${status} was acknowledged, and is not in the ledger`);
      }
    }
  }

  /** The rules after the staff released every true notification. */
  checkReleased(): void {
    for (const { status, oid, fields } of this.sandbox.notifications.list) {
      if (!this.#isBelieved(fields)) {
        throw new Violation("I5", `${oid} ${status} is true, and still in quarantine`);
      }
    }
  }

  #isKept(fields: Fields): boolean {
    return this.#rowsOf(fields).length > 0;
  }

  #isBelieved(fields: Fields): boolean {
    return this.#rowsOf(fields).some(({ effect }) => effect !== "quarantined");
  }

  #rowsOf(fields: Fields): readonly NewNotificationRow[] {
    const tid = tidOf(fields) ?? "";
    const tids = [tid, maskCardNumbers(tid)];
    return this.observer.inbox.filter(
      (row) => tids.includes(row.tid) && isOfSameStatus(row, fields) && !isMadeUp(row.fields),
    );
  }
}

function tidOf(fields: Fields): string | undefined {
  return fields.P_TID ?? fields.no_tid;
}

function isOfSameStatus(row: NewNotificationRow, fields: Fields): boolean {
  return statusOf(row.fields) === statusOf(fields);
}

function statusOf(fields: Fields): string | undefined {
  return fields.P_STATUS ?? fields.type_msg ?? fields.cl_status;
}

/** Whether a stranger forged a notification. */
function isMadeUp(fields: Fields): boolean {
  return fields.P_UNAME === stranger || fields.nm_input === stranger;
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
