import type { OrderPayment } from "@payapi/core";
import { type Answers, decide, type Fact } from "../domain/decide.js";
import { type Changes, isEmpty } from "../domain/order.js";
import { viewOrder } from "../domain/order-status.js";
import { LedgerError, LedgerUnavailableError } from "../errors.js";
import type { NewEvent } from "../store/event-rows.js";
import { type Along, AlongRefused } from "../store/limit-rows.js";
import { type LoadedOrder, type LoadOptions, type NotificationWrite, UniqueConflict } from "../store/port.js";
import { databaseChanged, isAccepted } from "./accepted-database.js";
import { type LedgerContext, newId } from "./context.js";

/** How often an order is loaded again since somebody else was faster. Each time one of them has come to its end. */
const rounds = 50;
/** How often it is loaded again since another row stands in the way, which the order then knows of. */
const conflicts = 5;

type Kind = Fact["kind"];
type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>;

/** How a change is written. */
export interface ChangeOptions<K extends Kind> {
  /** Transaction ids that the fact names. */
  readonly ask?: Pick<LoadOptions, "tids" | "cancelTids">;
  /** Only while the database is accepted: what reserves a call, or is about to send one. */
  readonly onlyIfAccepted?: boolean;
  /** The notification that the fact comes of. */
  readonly inbox?: (answer: Answers[K]) => NotificationWrite;
  /** Rate limits and idempotency keys that are written with the change. */
  readonly along?: (at: Date) => Along;
  /** The limits of the counters that come along: full ones are mostly seen before anything is written. */
  readonly limits?: ReadonlyMap<string, number> | undefined;
}

/**
 * Loads an order, decides what a fact means for it, and saves that; again from the start if somebody else changed the order meanwhile.
 * The only way by which the money of an order changes.
 *
 * @param factOf the fact, with the time by the ledger's clock
 * @throws LedgerError `database-changed` with `onlyIfAccepted`; nothing was written
 */
export async function changeOrder<K extends Kind>(
  context: LedgerContext,
  orderId: string,
  factOf: (at: Date, loaded: LoadedOrder) => FactOf<K>,
  { ask = {}, onlyIfAccepted = false, inbox, along, limits }: ChangeOptions<K> = {},
): Promise<Answers[K]> {
  const { mid, store } = context;
  for (let round = 1, hits = 0; round <= rounds; round++) {
    const loaded = await store.load(mid, orderId, {
      ...ask,
      comparesDatabase: onlyIfAccepted,
      ...(limits && { limits }),
    });
    const { order, database } = loaded;
    if (database !== undefined && !isAccepted(database)) throw databaseChanged();
    const at = context.now(loaded);
    const { changes, answer } = decide<K>(order, factOf(at, loaded));
    if (inbox === undefined && isEmpty(changes)) return answer;
    if (loaded.fullUntil !== undefined && loaded.fullUntil > at) {
      throw new AlongRefused("rate-limited", Number(loaded.fullUntil) - Number(at));
    }
    try {
      const result = await store.save({
        mid,
        order: { orderId, version: order.version, changes },
        onlyIfAccepted,
        events: withIds(mid, changes.events),
        ...(inbox === undefined ? {} : { inbox: inbox(answer) }),
        ...(along === undefined ? {} : { along: along(at) }),
      });
      if (result === "saved") return answer;
      if (result === "database-changed") throw databaseChanged();
      if (result === "gone") throw notQuarantined();
    } catch (error) {
      // The row of another order, or of a notification, stands in the way: with it at hand, the decision is another one.
      if (!(error instanceof UniqueConflict) || isAboutInbox(error) || ++hits === conflicts) throw error;
    }
  }
  throw new LedgerUnavailableError(
    "The order was changed by others each time it was to be changed",
    undefined,
  );
}

/** Events as they are kept. */
export function withIds(mid: string, events: Changes["events"]): NewEvent[] {
  return events.map((event) => ({ id: newId(), mid, ...event }));
}

export function notQuarantined(): LedgerError {
  return new LedgerError("no-such-call", "No quarantined notification goes by this id");
}

function isAboutInbox({ constraint }: UniqueConflict): boolean {
  return constraint.startsWith("notifications_");
}

export function findOrder(context: LedgerContext, orderId: string): Promise<OrderPayment | undefined> {
  return context.store.read(async (tx) => viewOrder(orderId, await tx.ordersRows(context.mid, [orderId])));
}
