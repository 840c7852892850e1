import type { OrderPayment } from "@payapi/core";
import { type Answers, decide, type Fact } from "../domain/decide.js";
import { type Changes, isEmpty } from "../domain/order.js";
import { viewOrder } from "../domain/order-status.js";
import { databaseChanged, LedgerError, LedgerUnavailableError } from "../errors.js";
import type { NewEvent } from "../store/event-rows.js";
import { type Along, AlongRefused } from "../store/limit-rows.js";
import {
  type ComparedDatabase,
  type LedgerStore,
  type LoadedOrder,
  type LoadOptions,
  type NotificationWrite,
  type Save,
  UniqueConflict,
} from "../store/port.js";
import { isAccepted } from "./accepted-database.js";
import { type LedgerContext, newId } from "./context.js";

/** How often an order is reloaded because another process changed it first. Each time, another process's change has succeeded. */
const rounds = 50;
/** How often it is reloaded after a unique conflict; the reloaded order includes the conflicting row. */
const conflicts = 5;

type Kind = Fact["kind"];
type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>;

/** Options of {@link changeOrder}. */
export interface ChangeOptions<K extends Kind> {
  /** Transaction ids of the fact, to look up in other orders. */
  readonly ask?: Pick<LoadOptions, "tids" | "cancelTids">;
  /** Fail if the database is not accepted; for reserving and sending calls (default: `false`). */
  readonly onlyIfAccepted?: boolean;
  /** The notification to store together with the change. */
  readonly inbox?: (answer: Answers[K]) => NotificationWrite;
  /** Rate limits and idempotency keys to write together with the change. */
  readonly along?: (at: Date) => Along;
  /** The limits of those counters, so that an exhausted one is usually found before anything is written. */
  readonly limits?: ReadonlyMap<string, number> | undefined;
}

/**
 * Loads an order, decides what a fact changes, and saves the changes; starts over if another process changed the order meanwhile. All changes
 * to an order's money go through this function.
 *
 * @param factOf returns the fact, given the time of the ledger's clock
 * @throws LedgerError `database-changed` with `onlyIfAccepted`; nothing was written
 */
export async function changeOrder<K extends Kind>(
  context: LedgerContext,
  orderId: string,
  factOf: (at: Date, loaded: LoadedOrder) => FactOf<K>,
  { ask = {}, onlyIfAccepted = false, inbox, along, limits }: ChangeOptions<K> = {},
): Promise<Answers[K]> {
  const { mid, store } = context;
  return untilSaved("order", store, async () => {
    const loaded = await store.load(mid, orderId, {
      ...ask,
      comparesDatabase: onlyIfAccepted,
      ...(limits && { limits }),
    });
    const { order, database } = loaded;
    checkAccepted(database);
    const at = context.now(loaded);
    const { changes, answer } = decide<K>(order, factOf(at, loaded));
    if (inbox === undefined && isEmpty(changes)) return { answer };
    if (loaded.fullUntil !== undefined && loaded.fullUntil > at) {
      throw new AlongRefused("rate-limited", Number(loaded.fullUntil) - Number(at));
    }
    const save = {
      mid,
      order: { orderId, version: order.version, changes },
      onlyIfAccepted,
      events: withIds(mid, changes.events),
      ...(inbox === undefined ? {} : { inbox: inbox(answer) }),
      ...(along === undefined ? {} : { along: along(at) }),
    };
    return { answer, save };
  });
}

/**
 * Saves what `attempt` decided, and returns its answer; calls `attempt` again if the save was stale, or ran into a unique constraint.
 *
 * @param what names what is changed, for an error
 */
export async function untilSaved<Answer>(
  what: string,
  store: Pick<LedgerStore, "save">,
  attempt: () => Promise<{ readonly answer: Answer; readonly save?: Save }>,
): Promise<Answer> {
  for (let round = 1, hits = 0; round <= rounds; round++) {
    const { answer, save } = await attempt();
    if (save === undefined) return answer;
    try {
      const result = await store.save(save);
      if (result === "saved") return answer;
      if (result === "database-changed") throw databaseChanged();
      if (result === "gone") throw notQuarantined();
    } catch (error) {
      // Another row caused the conflict. The next round loads it, and decides with it.
      if (!(error instanceof UniqueConflict) || isAboutInbox(error) || ++hits === conflicts) throw error;
    }
  }
  throw new LedgerUnavailableError(
    `The ${what} could not be changed: other processes changed it first ${rounds} times. Try again`,
    undefined,
  );
}

/** Throws unless a compared database is the accepted one. */
export function checkAccepted(database: ComparedDatabase | undefined): void {
  if (database !== undefined && !isAccepted(database)) throw databaseChanged();
}

/** Adds the ids and the mid with which events are stored. */
export function withIds(mid: string, events: Changes["events"]): NewEvent[] {
  return events.map((event) => ({ id: newId(), mid, ...event }));
}

export function notQuarantined(): LedgerError {
  return new LedgerError(
    "no-such-call",
    "No quarantined notification has this id: it was released already, or the id is wrong",
  );
}

function isAboutInbox({ constraint }: UniqueConflict): boolean {
  return constraint.startsWith("notifications_");
}

export async function findOrder(
  { store, mid }: LedgerContext,
  orderId: string,
): Promise<OrderPayment | undefined> {
  return viewOrder(orderId, (await store.load(mid, orderId)).order);
}
