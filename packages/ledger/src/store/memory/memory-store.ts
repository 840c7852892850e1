import type { Environment } from "@payapi/core";
import type { AcceptedDatabase, LedgerReading, LedgerStore, Save, SaveResult } from "../port.js";
import { createMemoryEvents } from "./memory-events.js";
import { createMemoryVault, MemoryKeys } from "./memory-keys.js";
import { MemoryLimits } from "./memory-limits.js";
import { memoryLists } from "./memory-lists.js";
import { MemoryOrders } from "./memory-orders.js";

/**
 * Creates a store in the memory of this process, for tests, simulations and first steps. It has the constraints of the PostgreSQL store, runs one
 * operation at a time, and loses its data when the process ends.
 */
export function createMemoryStore(): LedgerStore {
  const orders = new MemoryOrders();
  const limits = new MemoryLimits();
  const keys = new MemoryKeys();
  const environments = new Map<string, Environment>();
  const first: AcceptedDatabase = {
    identity,
    at: new Date(),
    actor: "memory",
    evidence: "made by this process",
  };
  let accepted = first;
  /** Memory is never restored, so it is accepted from the start. Acceptances are stored as in PostgreSQL. */
  const compared = () => ({ identity, accepted, isFirst: accepted === first });
  const events = createMemoryEvents();
  const lists = { ...memoryLists(orders, keys), ...events.reading };
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  }

  function write(save: Save): SaveResult {
    const { mid, order, key, inbox, onlyIfAccepted, along = {}, events: newEvents = [] } = save;
    // In the order of PostgreSQL's statement, which says first what came along and refuses.
    limits.check(mid, along);
    const { identity, accepted } = compared();
    if (onlyIfAccepted === true && identity !== accepted.identity) return "database-changed";
    if (inbox !== undefined && "release" in inbox && !orders.isQuarantined(mid, inbox.release.id))
      return "gone";
    if (order !== undefined && (orders.get(mid, order.orderId)?.version ?? 0) !== order.version)
      return "stale";
    if (key !== undefined && keys.get(mid, key.keyId).version !== key.version) return "stale";
    if (key !== undefined) keys.write(mid, key);
    if (order === undefined) {
      orders.writeNotification(inbox);
    } else {
      orders.write(mid, order.orderId, order.changes, inbox);
    }
    limits.write(mid, along);
    for (const event of newEvents) events.add(event);
    return "saved";
  }

  const { queues } = events;
  return {
    openQueue: (...given) => inTurn(() => queues.openQueue(...given)),
    fillQueue: (...given) => inTurn(() => queues.fillQueue(...given)),
    claim: (...given) => inTurn(() => queues.claim(...given)),
    updateClaim: (...given) => inTurn(() => queues.updateClaim(...given)),
    removeQueue: (...given) => inTurn(() => queues.removeQueue(...given)),
    revive: (...given) => inTurn(() => queues.revive(...given)),
    environmentOf: (mid, claimed) =>
      inTurn(async () => {
        if (claimed !== undefined && !environments.has(mid)) environments.set(mid, claimed);
        return environments.get(mid);
      }),
    load: (
      mid,
      orderId,
      { tids = [], cancelTids = [], comparesDatabase = false, limits: full = new Map() } = {},
    ) =>
      inTurn(async () => {
        const kept = orders.get(mid, orderId);
        const { version = 0, entries = 0, reviewed = false } = kept ?? {};
        const { approvals = [], cancels = [], links = [] } = kept ?? {};
        const isAnothers = (owner: string | undefined) => owner !== undefined && owner !== orderId;
        const taken = {
          tids: tids.filter((tid) => orders.ordersOfTid(mid, tid).some(isAnothers)),
          cancelTids: cancelTids.filter((tid) => isAnothers(orders.orderOfCancelTid(mid, tid))),
        };
        const rows = structuredClone({ approvals, cancels, links });
        const order = { mid, orderId, version, entries, reviewed, ...rows, taken };
        return {
          order,
          fullUntil: limits.fullUntil(mid, full),
          now: new Date(),
          database: comparesDatabase ? compared() : undefined,
        };
      }),
    loadKey: (mid, question, { comparesDatabase = false } = {}) =>
      inTurn(async () => ({
        ...structuredClone(keys.load(mid, question)),
        now: new Date(),
        database: comparesDatabase ? compared() : undefined,
      })),
    save: (save) => inTurn(async () => write(save)),
    request: (mid, id) => inTurn(async () => limits.request(mid, id)),
    removeEnded: (mid, now = new Date(), limit) => inTurn(async () => limits.removeEnded(mid, now, limit)),
    compareDatabase: () => inTurn(async () => structuredClone({ ...compared(), now: new Date() })),
    replication: async () => "none",
    acceptDatabase: (database) =>
      inTurn(async () => {
        accepted = structuredClone(database);
      }),
    notified: (mid, question) =>
      inTurn(async () => structuredClone({ ...orders.notified(mid, question), now: new Date() })),
    link: (mid, token) =>
      inTurn(async () =>
        structuredClone(
          orders
            .of(mid)
            .flatMap(({ links }) => links)
            .find((link) => link.token === token),
        ),
      ),
    read: <T>(work: (tx: LedgerReading) => Promise<T>) => inTurn(() => work({ ...lists, now: new Date() })),
    vault: createMemoryVault(),
    close: async () => {},
  };
}

const identity = "memory";
