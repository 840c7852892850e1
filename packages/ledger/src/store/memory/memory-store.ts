import type { Environment } from "@payapi/core";
import { type Along, AlongRefused } from "../limit-rows.js";
import type {
  AcceptedDatabase,
  DatabaseRows,
  LedgerReading,
  LedgerStore,
  LedgerTransaction,
  Save,
  SaveResult,
} from "../port.js";
import { createMemoryEvents } from "./memory-events.js";
import { createMemoryVault, MemoryKeys } from "./memory-keys.js";
import { memoryLists } from "./memory-lists.js";
import { MemoryOrders } from "./memory-orders.js";
import { createMemoryRateLimits, createMemoryRequests, UndoMap } from "./memory-tables.js";

/**
 * Creates a store in the memory of this process, for tests, simulations and first steps. It has the constraints of the PostgreSQL store, runs one
 * operation at a time, and loses its data when the process ends.
 */
export function createMemoryStore(): LedgerStore {
  const orders = new MemoryOrders();
  const rateLimits = createMemoryRateLimits();
  const requests = createMemoryRequests();
  const keys = new MemoryKeys();
  const database = createMemoryDatabase();
  const events = createMemoryEvents();
  const environments = new Map<string, Environment>();
  const undoable = [rateLimits.table, requests.table, database.table, ...events.tables];
  const operations = {
    ...memoryLists(orders, keys),
    rateLimits: rateLimits.rows,
    requests: requests.rows,
    database: database.rows,
    events: events.rows,
  };
  const begin = (): LedgerTransaction => ({ ...operations, now: new Date() });
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  }

  async function write(save: Save): Promise<SaveResult> {
    try {
      const result = await writeAll(save);
      for (const each of undoable) result === "saved" ? each.commit() : each.rollBack();
      return result;
    } catch (error) {
      for (const each of undoable) each.rollBack();
      throw error;
    }
  }

  async function writeAll(save: Save): Promise<SaveResult> {
    const { mid, order, key, inbox, onlyIfAccepted, events: newEvents = [] } = save;
    // In the order of PostgreSQL's statement, which says first what came along and refuses.
    await writeAlong(mid, save.along ?? {});
    const { identity, accepted } = await database.rows.compare();
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
    for (const event of newEvents) await events.rows.addEvent(event);
    return "saved";
  }

  async function writeAlong(mid: string, { count, release, begin, end }: Along): Promise<void> {
    if (count !== undefined) {
      const { limits, now, endsAt } = count;
      const rows = await rateLimits.rows.countUp(mid, [...limits.keys()], { now, endsAt });
      const full = rows.filter((row) => row.count > (limits.get(row.key) ?? 0));
      const wait = Math.max(...full.map((row) => Number(row.endsAt) - Number(now)));
      if (full.length > 0) throw new AlongRefused("rate-limited", Math.max(1, wait));
      count.counted(rows);
    }
    if (begin !== undefined && (await requests.rows.beginRequest(begin.row, begin.now)) !== undefined) {
      throw new AlongRefused("request-known", 0);
    }
    if (release !== undefined) await rateLimits.rows.countDown(mid, release);
    if (end === undefined) return;
    const endsAt = new Date(Number(end.now ?? new Date()) + end.retentionMs);
    if (end.answer === undefined) await requests.rows.forgetRequest(end.request);
    else await requests.rows.keepAnswer(end.request, end.answer, endsAt);
  }

  return {
    environmentOf: (mid, claimed) =>
      inTurn(async () => {
        if (claimed !== undefined && !environments.has(mid)) environments.set(mid, claimed);
        return environments.get(mid);
      }),
    load: (mid, orderId, { tids = [], cancelTids = [], comparesDatabase = false, limits = new Map() } = {}) =>
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
        const full = rateLimits.table.select(
          (row) => row.mid === mid && row.count >= (limits.get(row.key) ?? Number.POSITIVE_INFINITY),
        );
        const fullUntil = full.map(({ endsAt }) => endsAt).sort((a, b) => Number(b) - Number(a))[0];
        return {
          order,
          fullUntil,
          now: new Date(),
          database: comparesDatabase ? await database.rows.compare() : undefined,
        };
      }),
    loadKey: (mid, question, { comparesDatabase = false } = {}) =>
      inTurn(async () => ({
        ...structuredClone(keys.load(mid, question)),
        now: new Date(),
        database: comparesDatabase ? await database.rows.compare() : undefined,
      })),
    save: (save) => inTurn(() => write(save)),
    notified: (mid, question) =>
      inTurn(async () => structuredClone({ ...orders.notified(mid, question), now: new Date() })),
    notificationRow: (mid, id) => inTurn(async () => structuredClone(orders.notificationRow(mid, id))),
    link: (mid, token) =>
      inTurn(async () =>
        structuredClone(
          orders
            .of(mid)
            .flatMap(({ links }) => links)
            .find((link) => link.token === token),
        ),
      ),
    transaction: <T>(work: (tx: LedgerTransaction) => Promise<T>) =>
      inTurn(async () => {
        try {
          const result = await work(begin());
          for (const each of undoable) each.commit();
          return result;
        } catch (error) {
          for (const each of undoable) each.rollBack();
          throw error;
        }
      }),
    read: <T>(work: (tx: LedgerReading) => Promise<T>) => inTurn(() => work(begin())),
    vault: createMemoryVault(),
    close: async () => {},
  };
}

const identity = "memory";

/** Memory is never restored, so it is accepted from the start. Acceptances are stored as in PostgreSQL. */
export function createMemoryDatabase(): {
  readonly table: UndoMap<AcceptedDatabase>;
  readonly rows: DatabaseRows;
} {
  const first: AcceptedDatabase = {
    identity,
    at: new Date(),
    actor: "memory",
    evidence: "made by this process",
  };
  const table = new UndoMap<AcceptedDatabase>();
  return {
    table,
    rows: {
      compare: async () => {
        const later = table.get("newest");
        return { identity, accepted: later ?? structuredClone(first), isFirst: later === undefined };
      },
      replication: async () => "none",
      accept: async (database) => table.set("newest", database),
    },
  };
}
