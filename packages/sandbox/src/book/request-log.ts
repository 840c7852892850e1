/** What became of one request that the sandbox saw. */
export interface RequestEntry {
  /** From 1, in the order of arrival. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** As in the operation table, or `page.approve` for P_REQ_URL; absent for unknown paths and connection faults. */
  readonly operation?: string;
  readonly oid?: string;
  readonly tid?: string;
  /**
   * `committed`: carried out, the book changed. `answered`: carried out, nothing to change. `declined`: HTTP 200
   * with another code. `rejected`: 4xx. `dropped`: a fault kept the sandbox from looking at it. `pending`: a fault put
   * it off; the entry changes when it is carried out.
   */
  readonly outcome: "committed" | "answered" | "declined" | "rejected" | "dropped" | "pending";
  /** The code of the gateway's own reply, whether it was delivered or not. */
  readonly resultCode?: string;
  /** The status sent to the client; absent if none was sent. */
  readonly httpStatus?: number;
  /** Whether the gateway's own reply was handed to the socket whole. */
  readonly replied: boolean;
  /** The fault that was applied. */
  readonly fault?: string;
  /** What was sent, by wire name; secrets and free text are replaced. */
  readonly sent?: Readonly<Record<string, string>>;
}

/** An entry as the sandbox itself holds it. */
export type OpenEntry = { -readonly [K in keyof RequestEntry]: RequestEntry[K] };

/** The latest requests; older ones are forgotten, so that a long run does not fill the memory. */
export class RequestLog {
  readonly #entries: OpenEntry[] = [];
  readonly #limit: number;
  #seen = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Live, in the order of arrival. */
  get list(): readonly RequestEntry[] {
    return this.#entries;
  }

  /** How many requests there were in all. */
  get seen(): number {
    return this.#seen;
  }

  /** Enters a request; the entry is live, so that `replied` can become true later. */
  add(entry: Omit<RequestEntry, "seq">): OpenEntry {
    this.#seen += 1;
    const logged = { seq: this.#seen, ...entry };
    this.#entries.push(logged);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    return logged;
  }
}
