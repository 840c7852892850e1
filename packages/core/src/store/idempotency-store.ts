/** Stores the answers to requests with an Idempotency-Key for 24 hours. */
export interface IdempotencyStore {
  /**
   * Begins a request once: exactly one of all concurrent callers gets `new`. A request whose process died may begin again after
   * `leaseMs`; the payment store still prevents a second charge.
   */
  beginRequest(request: RememberedRequest): Promise<RequestBeginning>;
  /**
   * Stores the answer of a request. Without an answer it deletes the request, and its key is free again. With a fingerprint, it does
   * so only if the same request still runs under the key: a stalled process must not answer a later request.
   */
  endRequest(request: EndedRequest, answer: StoredAnswer | undefined): Promise<void>;
}

/** Identifies a request; a key is valid only within its scope. */
export interface RequestName {
  /** The route and the customer. */
  readonly scope: string;
  /** The Idempotency-Key. */
  readonly key: string;
}

/** The end of a request. */
export interface EndedRequest extends RequestName {
  /** The fingerprint with which the request began. */
  readonly fingerprint?: string;
}

export interface RememberedRequest extends RequestName {
  /** A keyed digest of the request's content: the same key with other content is an error. */
  readonly fingerprint: string;
  /** Milliseconds after which the key of a request without an answer is free again. */
  readonly leaseMs: number;
}

/** The result of beginning a request. */
export type RequestBeginning =
  | { readonly status: "new" | "in-progress" | "different" }
  | { readonly status: "done"; readonly answer: StoredAnswer };

/** A stored answer, without card data. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
