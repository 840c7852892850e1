import type {
  ApprovalRow,
  CancelRow,
  InboxRow,
  KeyRow,
  KeyTransition,
  LedgerTransaction,
  Posting,
  TransitionRow,
} from "@payapi/ledger/store";
import { isWord } from "./attention.js";
import type { EventBook } from "./event-book.js";

/** What one transaction wrote, and nobody may believe before it is committed. */
export interface Writes {
  readonly orders: Set<string>;
  /** Whether billing keys changed. */
  keys: boolean;
  readonly apply: (() => void)[];
  /** What the trace should say of it. */
  readonly notes: string[];
}

/** What is known of one order. */
export interface SeenOrder {
  readonly approvals: ApprovalRow[];
  readonly cancels: CancelRow[];
  /** Won that the books say the gateway took and did not give back. */
  readonly won: number;
  readonly postings: readonly Posting[];
  readonly transitions: readonly TransitionRow[];
  /** How many postings there were when somebody last said that they dealt with the order. */
  readonly postingsBeforeWord: number | undefined;
}

/**
 * Every committed row of every process, seen as it is written: asking the ledger itself after each step would take most of
 * the time, and tell only what the ledger wants to say.
 */
export class Observer {
  readonly approvals = new Map<string, ApprovalRow>();
  readonly cancels = new Map<string, CancelRow>();
  readonly inbox: InboxRow[] = [];
  readonly keys = {
    rows: new Map<string, KeyRow>(),
    steps: [] as Pick<KeyTransition, "rowId" | "from" | "to">[],
    /** What the gateway knows the key of a row by. */
    hashes: new Map<string, string>(),
    /** Since when a row may not be charged any more, in the world's milliseconds. */
    stoppedAt: new Map<string, number>(),
  };
  readonly #keyNumbers = new Map<string, number>();
  readonly #postings = new Map<string, Posting[]>();
  readonly #transitions = new Map<string, TransitionRow[]>();
  readonly #postingsBeforeWord = new Map<string, number>();
  readonly #asked = new Map<string, number[]>();
  readonly #ofTid = new Map<string, string>();
  readonly #ofOrder = new Map<string, Set<string>>();

  /** @param read what is kept of a billing key */
  constructor(
    readonly read: (row: KeyRow) => string | undefined,
    readonly events: EventBook,
  ) {}

  /** The transaction, with everything noted that it writes. */
  watch(tx: LedgerTransaction): { readonly tx: LedgerTransaction; readonly writes: Writes } {
    const writes: Writes = { orders: new Set(), keys: false, apply: [], notes: [] };
    const approval = (row: ApprovalRow | undefined) => {
      if (row === undefined) return undefined;
      writes.orders.add(row.orderId);
      writes.apply.push(() => this.#put(row));
      return row;
    };
    const cancel = (row: CancelRow | undefined) => {
      if (row !== undefined) writes.apply.push(() => this.cancels.set(row.id, row));
      return row;
    };
    const key = (row: KeyRow | undefined) => {
      if (row === undefined) return;
      writes.keys = true;
      const hash = this.read(row);
      writes.apply.push(() => {
        this.keys.rows.set(row.id, row);
        if (hash !== undefined) this.keys.hashes.set(row.id, hash);
      });
    };
    const watched: LedgerTransaction = {
      ...tx,
      events: this.events.watch(tx.events, writes.apply),
      insertApproval: async (row) => {
        const inserted = approval(await tx.insertApproval(row));
        // What the payment page makes of a link is no wish of the shop's own.
        if (inserted?.authTid === null) {
          writes.apply.push(() => append(this.#asked, row.orderId, row.price));
        }
        return inserted;
      },
      moveApproval: async (id, from, change) => approval(await tx.moveApproval(id, from, change)),
      holdForCancel: async (id, by, amount) => approval(await tx.holdForCancel(id, by, amount)),
      holdForNetworkCancel: async (id, by) => approval(await tx.holdForNetworkCancel(id, by)),
      releaseHold: async (id, by) => approval(await tx.releaseHold(id, by)),
      takeHold: async (id, by) => approval(await tx.takeHold(id, by)),
      insertCancel: async (row) => cancel(await tx.insertCancel(row)),
      moveCancel: async (id, from, change) => cancel(await tx.moveCancel(id, from, change)),
      markContradicted: async (id, at) => {
        const marked = await tx.markContradicted(id, at);
        writes.apply.push(() => {
          const row = this.approvals.get(id);
          if (row !== undefined) this.#put({ ...row, contradictedAt: row.contradictedAt ?? at });
        });
        return marked;
      },
      addTransition: async (row) => {
        await tx.addTransition(row);
        writes.orders.add(row.orderId);
        writes.notes.push(`writes ${row.orderId} ${row.what} ${row.from ?? "new"} to ${row.to}`);
        writes.apply.push(() => {
          append(this.#transitions, row.orderId, row);
          const { length } = this.#postings.get(row.orderId) ?? [];
          if (isWord(row)) this.#postingsBeforeWord.set(row.orderId, length);
        });
      },
      post: async (posting) => {
        await tx.post(posting);
        writes.orders.add(posting.orderId);
        writes.apply.push(() => append(this.#postings, posting.orderId, posting));
      },
      keys: {
        ...tx.keys,
        insertKey: async (row) => {
          const inserted = await tx.keys.insertKey(row);
          key(inserted);
          return inserted;
        },
        moveKey: async (id, from, change) => {
          const moved = await tx.keys.moveKey(id, from, change);
          key(moved);
          return moved;
        },
        addKeyTransition: async (line) => {
          await tx.keys.addKeyTransition(line);
          const { rowId, from, to, at } = line;
          writes.notes.push(`writes key ${this.keyName(rowId)} ${from ?? "new"} to ${to}`);
          const isStopped = to === "deleting" && from !== "deleting";
          writes.apply.push(() => {
            this.keys.steps.push({ rowId, from, to });
            if (isStopped) this.keys.stoppedAt.set(rowId, at.getTime());
          });
        },
      },
      inbox: {
        ...tx.inbox,
        insert: async (row) => {
          const inserted = await tx.inbox.insert(row);
          if (inserted !== undefined) writes.apply.push(() => this.inbox.push(inserted));
          return inserted;
        },
        judge: async (id, verdict) => {
          await tx.inbox.judge(id, verdict);
          writes.apply.push(() => this.#changeInbox(id, verdict));
          writes.notes.push(`is notified of ${verdict.orderId}: ${verdict.effect} ${verdict.reason ?? ""}`);
        },
        recogniseTid: async (id, tid) => {
          await tx.inbox.recogniseTid(id, tid);
          writes.apply.push(() => this.#changeInbox(id, { tid }));
        },
      },
      links: {
        ...tx.links,
        insert: async (row) => {
          const inserted = await tx.links.insert(row);
          if (inserted !== undefined) writes.apply.push(() => append(this.#asked, row.orderId, row.price));
          return inserted;
        },
      },
    };
    return { tx: watched, writes };
  }

  /** What a trace calls the row of a billing key: its own id is another one each time. */
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
      postingsBeforeWord: this.#postingsBeforeWord.get(orderId),
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

  /** Won that the shop asked for, for an order: by links and by calls of its own, one after the other. */
  askedFor(orderId: string): readonly number[] {
    return this.#asked.get(orderId) ?? [];
  }

  /** The order whose call this transaction was asked for in. */
  orderOfTid(tid: string): string | undefined {
    return this.#ofTid.get(tid);
  }

  #changeInbox(id: string, change: Partial<InboxRow>): void {
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

function append<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
