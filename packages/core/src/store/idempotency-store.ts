/** Remembers the answers to requests that came with an Idempotency-Key, for 24 hours. */
export interface IdempotencyStore {
  /**
   * Begins a request, once: of any number of concurrent callers one gets `new`. A request whose process died may begin
   * again after `leaseMs`; whatever it did is guarded by the store itself.
   */
  beginRequest(request: RememberedRequest): Promise<RequestBeginning>;
  /**
   * Keeps the answer of a request that began; without one the request is forgotten, and its key is free again. With a fingerprint
   * only if that is still what runs under the key: a process that stood still must not answer for what was asked after its lease.
   */
  endRequest(request: EndedRequest, answer: StoredAnswer | undefined): Promise<void>;
}

/** What a request goes by: its key means nothing outside its scope. */
export interface RequestName {
  /** The route and who asks. */
  readonly scope: string;
  /** The Idempotency-Key. */
  readonly key: string;
}

/** A request that ends. */
export interface EndedRequest extends RequestName {
  /** That of the beginning. */
  readonly fingerprint?: string;
}

export interface RememberedRequest extends RequestName {
  /** An opaque digest of what was asked: the same key with another content is a mistake. */
  readonly fingerprint: string;
  /** How long the request may stay without an answer before its key is free again, in milliseconds. */
  readonly leaseMs: number;
}

/** What beginning a request comes to. */
export type RequestBeginning =
  | { readonly status: "new" | "in-progress" | "different" }
  | { readonly status: "done"; readonly answer: StoredAnswer };

/** An answer as it was given: no card data is in it. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
