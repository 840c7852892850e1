import type {
  NewNotificationRow,
  NotificationRow,
  Notified,
  NotifiedQuestion,
} from "../../domain/notification-rows.js";
import type { Changes } from "../../domain/order.js";
import { type ApprovalRow, fixedFields, liveApprovalStates, openCancelStates } from "../../domain/rows.js";
import { type NotificationKey, type NotificationWrite, UniqueConflict } from "../port.js";
import { checkRules, type KeptOrder } from "./memory-tables.js";

/** Orders, links and notifications, with the constraints of the PostgreSQL tables. Each write is checked as a whole before it is made. */
export class MemoryOrders {
  readonly #orders = new Map<string, KeptOrder>();
  readonly #inbox = new Map<string, NotificationRow>();
  readonly #owners = new Map<string, string>();
  readonly #newestOfOid = new Map<string, { readonly orderId: string; readonly position: number }>();
  #position = 0;
  #inboxPosition = 0;

  get(mid: string, orderId: string): KeptOrder | undefined {
    return this.#orders.get(keyOf(mid, orderId));
  }

  /** All orders of a merchant, oldest first. */
  of(mid: string): KeptOrder[] {
    return [...this.#orders.values()].filter((order) => order.mid === mid);
  }

  notificationsOf(mid: string): NotificationRow[] {
    return [...this.#inbox.values()].filter((row) => row.mid === mid);
  }

  /** The orders with this transaction id, of a payment or of an authentication. */
  ordersOfTid(mid: string, tid: string): string[] {
    const owners = ["approvals_tid", "approvals_auth_tid"].map((key) =>
      this.#owners.get(`${key} ${keyOf(mid, tid)}`),
    );
    return owners.flatMap((owner) => this.#orderOf(owner) ?? []);
  }

  orderOfCancelTid(mid: string, tid: string): string | undefined {
    return this.#orderOf(this.#owners.get(`cancels_tid ${keyOf(mid, tid)}`));
  }

  notified(mid: string, { oid, tid, maskedTid, row }: NotifiedQuestion): Omit<Notified, "now"> {
    const orderId = oid === undefined ? undefined : this.#orderOfOid(mid, oid);
    const isOther = (other: NotificationRow) =>
      other.orderId === orderId &&
      (other.tid === tid || other.tid === maskedTid) &&
      other.kind === row.kind &&
      other.event === row.event &&
      other.dedupeKey !== row.dedupeKey;
    const ofCancel = this.orderOfCancelTid(mid, tid) === undefined ? undefined : "cancel";
    return {
      orderId,
      tid: this.ordersOfTid(mid, tid).length === 0 ? ofCancel : "attempt",
      first: this.#withKey({ mid, ...row }).find(({ beside }) => !beside),
      reportedOtherwise: orderId !== undefined && this.notificationsOf(mid).some(isOther),
    };
  }

  /** Whether a notification is in quarantine. */
  isQuarantined(mid: string, id: string): boolean {
    const row = this.#inbox.get(id);
    return row?.mid === mid && row.effect === "quarantined";
  }

  /** Writes the changes of an order. @throws UniqueConflict, or LedgerError if a rule does not hold; nothing was changed */
  write(
    mid: string,
    orderId: string,
    changes: Omit<Changes, "events">,
    inbox: NotificationWrite | undefined,
  ): void {
    const before = this.get(mid, orderId) ?? newOrder(mid, orderId);
    const after = afterChanges(before, changes, () => ++this.#position);
    checkRules(after, changes);
    const claims = this.#claims(before, after);
    this.writeNotification(inbox);
    claims();
    this.#orders.set(keyOf(mid, orderId), after);
    for (const { id, oid } of after.approvals) {
      const position = after.positions.get(id) ?? 0;
      const newest = this.#newestOfOid.get(keyOf(mid, oid));
      if (newest === undefined || newest.position < position) {
        this.#newestOfOid.set(keyOf(mid, oid), { orderId, position });
      }
    }
  }

  writeNotification(inbox: NotificationWrite | undefined): void {
    if (inbox === undefined) return;
    if ("insert" in inbox) this.#insert(structuredClone(inbox.insert));
    else if ("repeat" in inbox) {
      const row = this.#withKey(inbox.repeat).find(
        ({ fingerprint }) => fingerprint === inbox.repeat.fingerprint,
      );
      if (row !== undefined) this.#inbox.set(row.id, { ...row, repeats: row.repeats + 1 });
    } else {
      const { id, tid, verdict, actor, evidence, at } = inbox.release;
      const row = this.#inbox.get(id);
      if (row === undefined) return;
      const released = { releasedAt: at, releasedBy: actor, releaseEvidence: evidence };
      this.#inbox.set(id, { ...row, tid, ...verdict, ...released });
    }
  }

  #insert(row: NewNotificationRow): void {
    const others = this.#withKey(row);
    if (others.some(({ fingerprint }) => fingerprint === row.fingerprint))
      throw new UniqueConflict("notifications_body");
    if (!row.beside && others.some(({ beside }) => !beside)) throw new UniqueConflict("notifications_first");
    const nothingYet = { repeats: 0, releasedAt: null, releasedBy: null, releaseEvidence: null };
    this.#inbox.set(row.id, { ...row, position: ++this.#inboxPosition, ...nothingYet });
  }

  #withKey({ mid, listed, dedupeKey }: NotificationKey): NotificationRow[] {
    return this.notificationsOf(mid).filter((row) => row.listed === listed && row.dedupeKey === dedupeKey);
  }

  /** Checks that all unique keys of an order are free, and returns the function that takes the new ones and frees the old ones. */
  #claims(before: KeptOrder, after: KeptOrder): () => void {
    const had = new Map(uniqueKeys(before));
    const wants = uniqueKeys(after);
    const own = new Set<string>();
    for (const [key, owner] of wants) {
      const taken = had.has(key) ? undefined : this.#owners.get(key);
      if (taken !== undefined || own.has(key)) throw new UniqueConflict(key.slice(0, key.indexOf(" ")));
      own.add(key);
      had.set(key, owner);
    }
    return () => {
      for (const [key] of uniqueKeys(before)) this.#owners.delete(key);
      for (const [key, owner] of wants) this.#owners.set(key, owner);
    };
  }

  #orderOfOid(mid: string, oid: string): string | undefined {
    const ofLink = this.#orderOf(this.#owners.get(`links_oid ${keyOf(mid, oid)}`));
    return ofLink ?? this.#newestOfOid.get(keyOf(mid, oid))?.orderId;
  }

  #orderOf(owner: string | undefined): string | undefined {
    return owner === undefined ? undefined : (JSON.parse(owner) as [string])[0];
  }
}

function newOrder(mid: string, orderId: string): KeptOrder {
  const empty = { version: 0, entries: 0, reviewed: false, approvals: [], cancels: [], links: [] };
  return { mid, orderId, ...empty, positions: new Map(), audit: [], postings: [] };
}

function afterChanges(
  before: KeptOrder,
  given: Omit<Changes, "events">,
  nextPosition: () => number,
): KeptOrder {
  const changes = structuredClone(given);
  const approvals = replaced(before.approvals, changes.approvals, ({ id }) => id, fixedFields.approvals);
  const isNew = ({ id }: ApprovalRow) => !before.positions.has(id);
  return {
    ...before,
    version: before.version + 1,
    entries: changes.entries,
    reviewed: changes.reviewed,
    approvals,
    cancels: replaced(before.cancels, changes.cancels, ({ id }) => id, fixedFields.cancels),
    links: replaced(before.links, changes.links, ({ token }) => token, fixedFields.links),
    positions: new Map([
      ...before.positions,
      ...approvals.filter(isNew).map(({ id }) => [id, nextPosition()] as const),
    ]),
    audit: [...before.audit, ...changes.audit],
    postings: [...before.postings, ...changes.postings],
  };
}

function replaced<Row>(
  rows: readonly Row[],
  changed: readonly Row[],
  keyOfRow: (row: Row) => string,
  fixed: readonly (keyof Row)[],
): Row[] {
  const all = new Map(rows.map((row) => [keyOfRow(row), row]));
  for (const row of changed) {
    const before = all.get(keyOfRow(row)) ?? row;
    const kept = Object.fromEntries(fixed.map((field) => [field, before[field]]));
    all.set(keyOfRow(row), { ...row, ...kept });
  }
  return [...all.values()];
}

/** One unambiguous string for several values. */
function keyOf(...values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}

/** The unique keys of an order, each with its owner. */
function uniqueKeys({ mid, orderId, approvals, cancels, links }: KeptOrder): [key: string, owner: string][] {
  const of = (constraint: string, ...values: readonly (string | number)[]) =>
    [`${constraint} ${keyOf(...values)}`, JSON.stringify([orderId])] as [string, string];
  return [
    ...approvals.flatMap((row) => [
      // The payment page may authenticate several times with the oid of one link.
      of("approvals_oid", mid, row.oid, row.authTid ?? ""),
      of("approvals_attempt", mid, orderId, row.attemptNo),
      ...(row.tid === null ? [] : [of("approvals_tid", mid, row.tid)]),
      ...(row.authTid === null ? [] : [of("approvals_auth_tid", mid, row.authTid)]),
      ...(includes(liveApprovalStates, row.state) ? [of("approvals_one_live", mid, orderId)] : []),
    ]),
    ...cancels.flatMap((row) => [
      of("cancels_seq", row.approvalId, row.seq),
      ...(row.cancelTid === null ? [] : [of("cancels_tid", mid, row.cancelTid)]),
      ...(includes(openCancelStates, row.state) ? [of("cancels_one_open", row.approvalId)] : []),
      ...(row.state === "done" && row.operation === "payments.cancel"
        ? [of("cancels_one_full", row.approvalId)]
        : []),
    ]),
    ...links.flatMap((row) => [
      of("links_pkey", row.token),
      of("links_oid", mid, row.oid),
      of("links_number", mid, orderId, row.linkNo),
      ...(row.state === "closed" ? [] : [of("links_one_live", mid, orderId)]),
    ]),
  ];
}

function includes(states: readonly string[], state: string): boolean {
  return states.includes(state);
}
