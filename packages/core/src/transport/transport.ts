/**
 * How a request travels to the gateway. The default is HTTPS over `node:https`; a transport of your own must keep the
 * same promises, above all {@link TransportError.sent}.
 */
export type Transport = (request: TransportRequest) => Promise<TransportReply>;

/** A request. Send it at most once, over a fresh connection; never repeat or redirect it. */
export interface TransportRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Milliseconds until the complete reply. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Awaited once, after the connection (and its TLS handshake) is up and before the first byte of the request. If it
   * throws, nothing may be sent.
   */
  readonly beforeSend?: (() => Promise<void> | void) | undefined;
}

/** A complete HTTP reply. */
export interface TransportReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** The reason why no complete reply came. */
export type TransportFailure =
  | "connection-failed"
  | "tls-failed"
  | "unsupported-runtime"
  | "before-send-failed"
  | "not-sent"
  | "connection-lost"
  | "deadline"
  | "aborted"
  | "reply-too-large"
  | "reply-invalid";

const brand = Symbol.for("@payapi/core.TransportError");

/** The error of a transport without a complete reply. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Whether a byte of the request may have been sent. If in doubt, `true`. */
  readonly sent: boolean;
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, sent: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.sent = sent;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Returns whether the value is a {@link TransportError}, also one thrown by another copy of this package. */
export function isTransportError(error: unknown): error is TransportError {
  return typeof error === "object" && error !== null && brand in error;
}
