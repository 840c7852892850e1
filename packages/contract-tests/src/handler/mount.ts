import type { ProblemCode } from "@payapi/core/handler";
import type { ShopSettings } from "./shop.js";

/** A request exactly as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Raw: not normalised, not encoded. */
  readonly path: string;
  /** A list stands for several headers of one name. */
  readonly headers: WireHeaders;
  /** Chunks are sent as they come. */
  readonly body?: WireBody | undefined;
  /** Sends the body without saying its length; chunks always go without. */
  readonly chunked?: boolean | undefined;
  /** The client goes away when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Every byte of the request, instead of those that the rest would make. Only for mounts that are a server. */
  readonly verbatim?: string | Uint8Array | undefined;
}

export type WireHeaders = Readonly<Record<string, string | readonly string[]>>;

export type WireBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** A complete answer. */
export interface WireAnswer {
  readonly status: number;
  /** Several headers of one name are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that are not UTF-8 appear as `\xb0`. */
  readonly text: string;
}

/** A way to serve the handler. */
export interface Mount {
  /** @throws when the client went away, or the server closed the connection without an answer */
  send(request: WireRequest): Promise<WireAnswer>;
  /** The output of the server. */
  output(): string;
  close(): Promise<void>;
}

/** Where frameworks answer before the handler, or after it declined. */
export interface MountTraits {
  /** Whether there is an HTTP server, or only the function. */
  readonly server: boolean;
  /** The answer to unknown paths: the handler's problem, or that of the next middleware. */
  readonly unknownPath: "problem" | "passed-on";
  /** The answer to a route with a slash at its end: the route's, or a redirect to the route. */
  readonly trailingSlash: "served" | "redirect";
  /** The answer to a path that is not valid percent-encoding. */
  readonly malformedPath: "problem" | "passed-on" | "framework-error";
  /** Situations in which the handler never sees the request, or not as it was sent. */
  readonly exceptions: Exceptions;
}

/** What may come between the client and the handler. */
export type Situation =
  | "malformed-json"
  | "json-that-is-no-object"
  | "json-not-flat"
  | "json-key-twice"
  | "json-no-utf-8"
  | "json-other-charset"
  | "form-no-utf-8"
  | "form-over-128-kib"
  | "repeated-content-type"
  | "trace";

/** The answer instead, and the reason why it can't be changed. */
export interface Exception {
  readonly status: number;
  /** The problem, where it is the handler that answers. */
  readonly problem?: { readonly code: ProblemCode; readonly title: string; readonly detail: string };
  readonly because: string;
}

export type Exceptions = Readonly<Partial<Record<Situation, Exception>>>;

/** Starts one. */
export type StartMount = (settings: ShopSettings) => Promise<Mount>;
