/** A request that the sandbox received, and its result. */
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
   * `committed`: processed, the book changed. `answered`: processed without a change. `declined`: HTTP 200 with another code.
   * `rejected`: 4xx. `dropped`: a fault ended the request before it was processed. `pending`: a fault delayed it; the entry changes when
   * it is processed.
   */
  readonly outcome: "committed" | "answered" | "declined" | "rejected" | "dropped" | "pending";
  /** The result code of the gateway's reply, delivered or not. */
  readonly resultCode?: string;
  /** The HTTP status sent to the client, if any. */
  readonly httpStatus?: number;
  /** Whether the complete reply of the gateway was written to the socket. */
  readonly replied: boolean;
  /** The applied fault, if any. */
  readonly fault?: string;
  /** The request's fields by wire name; secrets and free text are replaced. */
  readonly sent?: Readonly<Record<string, string>>;
}

/** An entry as the sandbox itself holds it. */
export type OpenEntry = { -readonly [K in keyof RequestEntry]: RequestEntry[K] };

/** The latest requests; older ones are dropped, so that a long run does not fill the memory. */
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

  /** The number of all requests. */
  get seen(): number {
    return this.#seen;
  }

  /** Adds a request; the entry is live, so that `replied` can become true later. */
  add(entry: Omit<RequestEntry, "seq">): OpenEntry {
    this.#seen += 1;
    const logged = { seq: this.#seen, ...entry };
    this.#entries.push(logged);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    return logged;
  }
}
