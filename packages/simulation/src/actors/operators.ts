import { maskCardNumbers } from "@payapi/core";
import {
  type CallInReview,
  type Ledger,
  LedgerError,
  LedgerUnavailableError,
  type ListedNotification,
} from "@payapi/ledger";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import type { BillingKeys } from "../rules/billing-keys.js";
import { isAsAsked, isOf } from "../rules/legal-steps.js";
import type { Observer } from "../rules/observer.js";
import { evidenceAfter } from "../rules/reviews.js";
import type { Random } from "../world/random.js";
import type { Member } from "./member.js";
import type { Shop } from "./shop.js";

/** Longer than a call can take that was sent late and carried out late. */
const orphanAgeMs = 20 * 60_000;

/** The staff that looks unknown calls up in the gateway's console, which shows the sandbox's book correctly. */
export class Operators {
  constructor(
    readonly shop: Shop,
    readonly sandbox: InProcessSandbox,
    readonly observer: Observer,
    readonly keys: BillingKeys,
    readonly random: Random,
  ) {}

  /** Looks into everything that is listed. */
  async work(member: Member): Promise<void> {
    const { ledger, process } = member;
    const { world } = this.shop;
    try {
      for (const call of await ledger.payments.needsReview()) {
        const found = this.#lookUp(call);
        if (found === undefined) continue;
        const evidence = { actor: "staff", evidence: "console", seenAt: world.date() };
        // The operator enters the resolution some time after the check.
        if (world.faulty && this.random.chance(0.5)) await process.wait(this.random.between(0, 900_000));
        const settled = await ledger.payments.resolve(call.orderId, {
          ...found,
          about: call.kind,
          ...evidence,
        });
        const reason = settled.status === "refused" ? settled.reason : "";
        world.note(`staff ${call.orderId} ${call.kind} ${found.outcome}: ${settled.status} ${reason}`);
      }
      await this.#vouch(ledger);
      await this.#dealWith(member);
      await this.#cleanUpKeys(ledger);
      await this.shop.consumers.mend(member);
      await this.shop.consumers.forget(member);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) world.fail(error);
      world.note(`${process.name} could not serve the staff`);
    }
  }

  /** Releases quarantined notifications that are true. */
  async #vouch(ledger: Ledger): Promise<void> {
    const { world } = this.shop;
    const held = await ledger.notifications.list({ effect: "quarantined", limit: 500 });
    // The oldest first, as in a work list.
    for (const notification of held.toReversed()) {
      const tid = tidShownFor(this.sandbox, notification);
      if (tid === undefined) continue;
      const named = tid === notification.tid ? {} : { tid };
      const { oid, event } = notification;
      try {
        const note = { actor: "staff", evidence: "console", ...named };
        const { effect } = await ledger.notifications.release(notification.id, note);
        world.note(`staff vouches for ${oid} ${event}: ${effect}`);
      } catch (error) {
        // Another operator has released it since the list was read.
        if (!(error instanceof LedgerError) || !["no-such-call", "masked-tid"].includes(error.code))
          throw error;
        world.note(`staff cannot vouch for ${oid} ${event}: ${error.code}`);
      }
    }
  }

  /** Reads the orders that need review, refunds in the console, and closes the reviews. */
  async #dealWith({ ledger, process }: Member): Promise<void> {
    const { world } = this.shop;
    const alarms = (await ledger.payments.needsReview()).filter(
      ({ order }) => order.status === "needs-review",
    );
    for (const orderId of new Set(alarms.map((call) => call.orderId))) {
      if (!this.random.chance(world.faulty ? 0.7 : 0.3)) continue;
      const { length } = await ledger.payments.timeline(orderId);
      // Reading and refunding take time.
      await process.wait(this.random.between(0, world.faulty ? 900_000 : 1_000));
      const note = { actor: "staff", evidence: evidenceAfter(length), seenEntries: length };
      const closed = await ledger.payments.closeReview(orderId, note);
      const reason = closed.status === "refused" ? closed.reason : "";
      world.note(`staff dealt with ${orderId}: ${closed.status} ${reason}`);
    }
  }

  /** Has the gateway's staff delete unused keys, once no call can activate them any more. */
  async #cleanUpKeys(ledger: Ledger): Promise<void> {
    const { world } = this.shop;
    for (const { callId, createdAt, state } of await ledger.keys.orphans()) {
      if (state === "unknown" && createdAt.getTime() + orphanAgeMs > world.now) continue;
      const key = this.keys.atGateway({ id: callId });
      if (key !== undefined) this.sandbox.outside.deleteKey(key.hash);
      const name = this.observer.keyName(callId);
      const closed = await ledger.keys.closeOrphan(callId, { actor: "staff", evidence: "console" });
      // The key may have been closed since the list was read, or is being closed; or the issue was sent late.
      const outcome = closed.status === "closed" ? closed.status : closed.reason;
      world.note(`staff closes key ${name}: ${outcome}`);
    }
  }

  #lookUp(call: CallInReview): { outcome: "moved"; tid?: string } | { outcome: "not-moved" } | undefined {
    if (call.state !== "unknown") return undefined;
    const { book } = this.sandbox;
    const rows = this.observer.order(call.orderId);
    if (call.kind === "approval") {
      const row = rows.approvals.find(({ oid, state }) => oid === call.oid && state === "unknown");
      if (row === undefined) return undefined;
      const found = book.transactions.find((paid) => isOf(row, paid));
      // A resolution is "moved as requested" or "not moved"; this is neither.
      if (found !== undefined && !isAsAsked(row, found)) return undefined;
      return found === undefined ? { outcome: "not-moved" } : { outcome: "moved", tid: found.tid };
    }
    const payment = rows.approvals.find(
      ({ oid, tid, authTid }) => oid === call.oid && (tid ?? authTid) === call.tid,
    );
    const transaction = book.find(call.tid ?? "");
    if (payment === undefined) return undefined;
    const known = rows.cancels
      .filter(({ approvalId, state }) => approvalId === payment.id && state === "done")
      .reduce((sum, { cancelPrice }) => sum + cancelPrice, 0);
    // A reversal by the bank is not a cancel of the shop.
    const given = (transaction?.cancels ?? [])
      .filter(({ kind }) => kind !== "reversal")
      .reduce((sum, { price }) => sum + price, 0);
    return given - known >= call.price ? { outcome: "moved" } : { outcome: "not-moved" };
  }
}

/** The gateway's times are in whole seconds. */
const toTheSecondMs = 1_000;

/** The transaction id that the gateway's console shows for a notification, if it shows its content. */
function tidShownFor(sandbox: InProcessSandbox, notification: ListedNotification): string | undefined {
  const { kind, event, oid, price, occurredAt } = notification;
  const { book } = sandbox;
  const isShown = (tid: string) => maskCardNumbers(tid) === maskCardNumbers(notification.tid);
  const isThen = (at: string) => {
    const passed = Date.parse(at) - (occurredAt?.getTime() ?? 0);
    return 0 <= passed && passed < toTheSecondMs;
  };
  if (event === "account-issued") {
    return book.accounts.find((account) => account.oid === oid && isShown(account.tid))?.tid;
  }
  const paid = book.transactions.filter((each) => each.oid === oid);
  if (kind === "escrow") {
    const isCancel = (cancel: { readonly price: number }) => price === undefined || cancel.price === price;
    const cancelled = paid.filter(({ cancels }) => cancels.some(isCancel));
    const shown = cancelled.flatMap(({ tid, cancels }) => [
      tid,
      ...cancels.filter(isCancel).map((cancel) => cancel.tid),
    ]);
    return cancelled.length === 0 ? undefined : (shown.find(isShown) ?? notification.tid);
  }
  if (event === "reversed") {
    const isReversal = (cancel: (typeof paid)[number]["cancels"][number]) =>
      cancel.kind === "reversal" && cancel.price === price && isThen(cancel.at);
    return paid.find(({ tid, cancels }) => isShown(tid) && cancels.some(isReversal))?.tid;
  }
  return paid.find((each) => isShown(each.tid) && each.price === price && isThen(each.approvedAt))?.tid;
}
