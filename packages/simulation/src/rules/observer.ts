import type {
  ApprovalRow,
  CancelRow,
  EventQueues,
  KeyRow,
  KeyTransition,
  NewNotificationRow,
  Posting,
  Save,
  TransitionRow,
} from "@payapi/ledger/internal";
import type { CommitWatch, Writes } from "../world/faulty-store.js";
import type { EventBook } from "./event-book.js";
import { isReview, type ReviewedOrder } from "./reviews.js";

type SavedChanges = NonNullable<Save["order"]>["changes"];

/** What is known of one order. */
export interface SeenOrder extends ReviewedOrder {
  readonly approvals: ApprovalRow[];
  readonly cancels: CancelRow[];
  /** The amount that the gateway took and did not refund, according to the books. */
  readonly won: number;
}

/**
 * Every committed row of every process, recorded as it is written. Querying the ledger after each step would take most of the time,
 * and would trust the ledger's own reports.
 */
export class Observer implements CommitWatch {
  readonly approvals = new Map<string, ApprovalRow>();
  readonly cancels = new Map<string, CancelRow>();
  readonly inbox: NewNotificationRow[] = [];
  readonly keys = {
    rows: new Map<string, KeyRow>(),
    steps: [] as Pick<KeyTransition, "rowId" | "from" | "to">[],
    /** The gateway's hash of a row's key. */
    hashes: new Map<string, string>(),
    /** Since when a row may not be charged any more, in the world's milliseconds. */
    stoppedAt: new Map<string, number>(),
  };
  readonly #keyNumbers = new Map<string, number>();
  readonly #postings = new Map<string, Posting[]>();
  readonly #transitions = new Map<string, TransitionRow[]>();
  readonly #postingsBeforeReview = new Map<string, number>();
  readonly #links = new Set<string>();
  readonly #asked = new Map<string, number[]>();
  readonly #ofTid = new Map<string, string>();
  readonly #ofOrder = new Map<string, Set<string>>();

  /** @param read what is kept of a billing key */
  constructor(
    readonly read: (row: KeyRow) => string | undefined,
    readonly events: EventBook,
  ) {}

  /** The queues of events, recording their writes. */
  watch(queues: EventQueues): { readonly queues: EventQueues; readonly writes: Writes } {
    const writes: Writes = newWrites();
    return { queues: this.events.watch(queues, (work) => writes.apply.push(work)), writes };
  }

  /** The writes of one save. */
  writesOf({ order, key, inbox, events = [] }: Save): Writes {
    const writes: Writes = newWrites();
    const { apply, notes } = writes;
    if (order !== undefined) {
      const { orderId, changes } = order;
      writes.orders.add(orderId);
      for (const { what, from, to } of changes.audit)
        notes.push(`writes ${orderId} ${what} ${from ?? "new"} to ${to}`);
      apply.push(() => this.#changeOrder(orderId, changes));
    }
    if (key !== undefined) {
      writes.keys = true;
      for (const { rowId, from, to } of key.history)
        notes.push(`writes key ${this.keyName(rowId)} ${from ?? "new"} to ${to}`);
      apply.push(() => this.#changeKey(key));
    }
    apply.push(() => {
      for (const event of events) this.events.written(event);
    });
    if (inbox !== undefined && "insert" in inbox) {
      const { orderId, effect, reason } = inbox.insert;
      notes.push(`is notified of ${orderId}: ${effect} ${reason ?? ""}`);
      apply.push(() => this.inbox.push(inbox.insert));
    }
    if (inbox !== undefined && "release" in inbox) {
      const { id, tid, verdict } = inbox.release;
      notes.push(`is notified of ${verdict.orderId}: ${verdict.effect} ${verdict.reason ?? ""}`);
      apply.push(() => this.#changeInbox(id, { tid, ...verdict }));
    }
    return writes;
  }

  #changeOrder(orderId: string, { approvals, cancels, links, audit, postings }: SavedChanges): void {
    for (const row of approvals) {
      // An attempt that the payment page makes from a link is not a request of the shop.
      if (!this.approvals.has(row.id) && row.authTid === null) append(this.#asked, orderId, row.price);
      this.#put(row);
    }
    for (const row of cancels) this.cancels.set(row.id, row);
    for (const { token, price } of links) {
      if (!this.#links.has(token)) append(this.#asked, orderId, price);
      this.#links.add(token);
    }
    for (const row of audit) append(this.#transitions, orderId, row);
    if (audit.some(isReview)) {
      this.#postingsBeforeReview.set(orderId, this.#postings.get(orderId)?.length ?? 0);
    }
    for (const posting of postings) append(this.#postings, orderId, posting);
  }

  #changeKey({ rows, history }: NonNullable<Save["key"]>): void {
    for (const row of rows) {
      this.keys.rows.set(row.id, row);
      const hash = this.read(row);
      if (hash !== undefined) this.keys.hashes.set(row.id, hash);
    }
    for (const { rowId, from, to, at } of history) {
      this.keys.steps.push({ rowId, from, to });
      if (to === "deleting" && from !== "deleting") this.keys.stoppedAt.set(rowId, at.getTime());
    }
  }

  /** The name of a billing key's row in a trace, since its id differs in each run. */
  keyName(rowId: string): string {
    return `k${this.keyNumber(rowId)}`;
  }

  keyNumber(rowId: string): number {
    const number = this.#keyNumbers.get(rowId) ?? this.#keyNumbers.size + 1;
    this.#keyNumbers.set(rowId, number);
    return number;
  }

  commit({ apply }: Writes): void {
    for (const each of apply) each();
  }

  order(orderId: string): SeenOrder {
    const approvals = [...(this.#ofOrder.get(orderId) ?? [])].flatMap((id) => this.approvals.get(id) ?? []);
    const ids = new Set(approvals.map(({ id }) => id));
    const postings = this.#postings.get(orderId) ?? [];
    const entries = postings.flatMap((posting) => posting.entries);
    return {
      approvals,
      cancels: [...this.cancels.values()].filter((row) => ids.has(row.approvalId)),
      won: entries.reduce((sum, { account, amount }) => sum + (account === "gateway" ? amount : 0), 0),
      postings,
      transitions: this.#transitions.get(orderId) ?? [],
      postingsBeforeReview: this.#postingsBeforeReview.get(orderId),
    };
  }

  /** The sum of every entry there is. */
  total(): number {
    return [...this.#postings.values()]
      .flat()
      .flatMap(({ entries }) => entries)
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Transaction ids that the shop has: of payments, and of cancels. */
  known(): { readonly tids: readonly string[]; readonly cancelTids: readonly string[] } {
    const cancelTids = [...this.cancels.values()].flatMap(({ cancelTid }) => cancelTid ?? []);
    return { tids: [...this.#ofTid.keys()], cancelTids };
  }

  /** The amounts that the shop requested for an order, by links and calls, in order. */
  askedFor(orderId: string): readonly number[] {
    return this.#asked.get(orderId) ?? [];
  }

  /** The order whose call requested this transaction. */
  orderOfTid(tid: string): string | undefined {
    return this.#ofTid.get(tid);
  }

  #changeInbox(id: string, change: Partial<NewNotificationRow>): void {
    const at = this.inbox.findIndex((row) => row.id === id);
    const row = this.inbox[at];
    if (row !== undefined) this.inbox[at] = { ...row, ...change };
  }

  #put(row: ApprovalRow): void {
    this.approvals.set(row.id, row);
    for (const tid of [row.authTid, row.tid]) if (tid !== null) this.#ofTid.set(tid, row.orderId);
    const ids = this.#ofOrder.get(row.orderId) ?? new Set();
    this.#ofOrder.set(row.orderId, ids.add(row.id));
  }
}

function newWrites(): Writes {
  return { orders: new Set(), keys: false, apply: [], notes: [] };
}

function append<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
