import type { PayApi, Transport } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import type { CreateLedgerOptions, Journal, LedgerStore } from "@payapi/ledger/internal";
import type { LedgerChanges } from "../world/changed-ledger.js";
import type { Disk } from "../world/journal-on-disk.js";
import type { Process } from "../world/process.js";

/** What a sabotaged ledger may be made from. */
export interface Kit {
  readonly process: Process;
  readonly store: LedgerStore;
  readonly client: PayApi;
  readonly options: CreateLedgerOptions;
}

/** A mistake somebody could make, wrapped around the real code. */
export interface Sabotage {
  /** The mistake, as the end of “finds code that …”. */
  readonly what: string;
  /** The smallest seed that finds it, as `--find-sabotages` prints it. Its test runs this seed only. */
  readonly foundBy: number;
  readonly transport?: (transport: Transport) => Transport;
  readonly store?: (store: LedgerStore) => LedgerStore;
  readonly journal?: (journal: Journal, process: Process, disk: Disk) => Journal;
  readonly ledger?: (ledger: Ledger, kit: Kit) => LedgerChanges;
  readonly client?: (client: PayApi, ledger: Ledger) => PayApi;
}
