/**
 * What a restored backup, or another server that took over, differs in: either may have lost rows that were durable. A
 * text that means nothing but equal or not.
 */
export interface DatabaseReading {
  /** Which database answers, and which one was accepted last. */
  compare(): Promise<ComparedDatabase>;
}

export interface DatabaseRows extends DatabaseReading {
  /** Append-only. */
  accept(database: AcceptedDatabase): Promise<void>;
}

export interface AcceptedDatabase {
  readonly identity: string;
  readonly at: Date;
  readonly actor: string;
  readonly evidence: string;
}

/** The database that answers, beside the one that was accepted last. */
export interface ComparedDatabase {
  /** The database that answers. */
  readonly identity: string;
  /** The newest entry about what was accepted. */
  readonly accepted: AcceptedDatabase;
  /** Whether `accepted` is the entry that was written when the tables were made: the database was never changed. */
  readonly isFirst: boolean;
}
