import { LedgerUnavailableError } from "@payapi/ledger";
import type {
  DueCall,
  EventQueues,
  LedgerReading,
  LedgerStore,
  Save,
  SaveResult,
  StaleCall,
} from "@payapi/ledger/internal";
import type { Process } from "./process.js";

/** The writes of one store operation; they count once committed. */
export interface Writes {
  readonly orders: Set<string>;
  /** Whether billing keys changed. */
  keys: boolean;
  readonly apply: (() => void)[];
  /** Its text in the trace. */
  readonly notes: string[];
}

/** Sees every write of every process. */
export interface CommitWatch {
  /** The queues of events, recording their writes. */
  watch(queues: EventQueues): { readonly queues: EventQueues; readonly writes: Writes };
  /** Called with the writes of a save. */
  writesOf(save: Save): Writes;
  commit(writes: Writes): void;
  /** A name for the row of a billing key that is the same in every run of a seed. */
  keyName(rowId: string): string;
}

/** The database that all processes share. */
export interface Database {
  readonly store: LedgerStore;
  readonly observer: CommitWatch;
  /** Until when it is unreachable, in the world's milliseconds. */
  downUntil: number;
  /** Called with the changes of a commit. */
  readonly committed: (writes: Writes) => void;
}

const rates = { refused: 0.01, lost: 0.02 };

/** The database for one process, over a network that loses requests and answers. */
export function faultyStore(process: Process, database: Database): LedgerStore {
  const { world } = process;
  const { store, observer } = database;

  async function reach(what: string): Promise<void> {
    await process.step(what);
    if (world.faulty && world.now < database.downUntil) {
      throw new LedgerUnavailableError("The database cannot be reached", undefined);
    }
  }

  /** Runs a commit, which may be refused, or whose answer may be lost. */
  async function committing<T>(
    what: string,
    commit: (refuse: () => void) => Promise<{ readonly result: T; readonly writes: Writes | undefined }>,
  ): Promise<T> {
    await reach(what);
    const isRefused = world.faulty && world.random.chance(rates.refused);
    const isLost = world.faulty && world.random.chance(rates.lost);
    const refuse = () => {
      if (isRefused) throw new LedgerUnavailableError("The database refused the work", "53100");
    };
    const { result, writes } = await world.standStillFor(commit(refuse));
    if (writes !== undefined) {
      for (const note of writes.notes) world.note(`${process.name} ${note}`);
      observer.commit(writes);
      database.committed(writes);
    }
    await process.step("committed");
    if (isLost) {
      world.note(`${process.name} hears nothing of its commit`);
      throw new LedgerUnavailableError("Connection terminated unexpectedly", undefined);
    }
    return result;
  }

  /** One store operation that writes nothing of an order or a key. */
  function changing<T>(change: (store: LedgerStore) => Promise<T>): Promise<T> {
    return committing("begin", async (refuse) => {
      refuse();
      const { queues, writes } = observer.watch(store);
      return { result: await change({ ...store, ...queues }), writes };
    });
  }

  async function reading<T>(read: () => Promise<T>): Promise<T> {
    await reach("read");
    return world.standStillFor(read());
  }

  return {
    // Known from the start: the simulation has one environment.
    environmentOf: async () => "sandbox",
    load: (...asked) => reading(() => store.load(...asked)),
    loadKey: (...asked) => reading(() => store.loadKey(...asked)),
    notified: (...asked) => reading(() => store.notified(...asked)),
    link: (...asked) => reading(() => store.link(...asked)),
    save: (save: Save): Promise<SaveResult> =>
      committing("save", async (refuse) => {
        refuse();
        const result = await store.save(save);
        return { result, writes: result === "saved" ? observer.writesOf(save) : undefined };
      }),
    request: (...asked) => reading(() => store.request(...asked)),
    compareDatabase: () => reading(() => store.compareDatabase()),
    replication: () => reading(() => store.replication()),
    removeEnded: (...given) => changing((all) => all.removeEnded(...given)),
    acceptDatabase: (...given) => changing((all) => all.acceptDatabase(...given)),
    openQueue: (...given) => changing((all) => all.openQueue(...given)),
    fillQueue: (...given) => changing((all) => all.fillQueue(...given)),
    claim: (...given) => changing((all) => all.claim(...given)),
    updateClaim: (...given) => changing((all) => all.updateClaim(...given)),
    removeQueue: (...given) => changing((all) => all.removeQueue(...given)),
    revive: (...given) => changing((all) => all.revive(...given)),
    read: <T>(work: (tx: LedgerReading) => Promise<T>): Promise<T> =>
      reading(() => store.read((tx) => work(inOrder(tx, observer)))),
    close: async () => {},
    ...(store.vault === undefined ? {} : { vault: store.vault }),
  };
}

/**
 * The transaction, with results in an order that does not depend on ids, since ids differ in each run of a seed.
 */
function inOrder<Tx extends LedgerReading>(tx: Tx, observer: CommitWatch): Tx {
  const nameOf = ({ id, of }: DueCall | StaleCall, isKey: boolean) =>
    isKey ? observer.keyName(id).padStart(9) : `order ${of}`;
  const sorted = <Row extends DueCall | StaleCall>(rows: readonly Row[], isKey: (row: Row) => boolean) =>
    rows.toSorted((a, b) => timeOf(a) - timeOf(b) || (nameOf(a, isKey(a)) < nameOf(b, isKey(b)) ? -1 : 1));
  return {
    ...tx,
    staleCalls: async (...page) => sorted(await tx.staleCalls(...page), ({ kind }) => kind === "key"),
    dueCalls: async (mid, kind, page) =>
      sorted(await tx.dueCalls(mid, kind, page), () => kind === "deletion"),
  };
}

function timeOf(call: DueCall | StaleCall): number {
  return "at" in call ? call.at.getTime() : 0;
}
