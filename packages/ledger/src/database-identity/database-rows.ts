/**
 * What a restored backup, or another server that took over, differs in: either may have lost rows that were durable. A
 * text that means nothing but equal or not.
 */
export interface DatabaseReading {
  /** Which database answers, and the newest line about what was accepted. */
  compare(): Promise<{ readonly identity: string; readonly accepted: AcceptedDatabase }>;
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
