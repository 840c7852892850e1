import type { ShopSettings } from "./shop.js";

/** A request exactly as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Raw: not normalised, not encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Sends the body without saying its length. */
  readonly chunked?: boolean | undefined;
  /** The client goes away when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** A complete answer. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A way to serve the handler. */
export interface Mount {
  send(request: WireRequest): Promise<WireAnswer>;
  /** What the server printed. */
  output(): string;
  close(): Promise<void>;
}

/** Where frameworks answer before the handler, or after it declined. */
export interface MountTraits {
  /** The answer to paths that are no route: the handler's own problem, or whatever comes after the middleware. */
  readonly unknownPath: "problem" | "passed-on";
  /** The answer to a route with a slash at its end. */
  readonly trailingSlash: "problem" | "passed-on" | "redirect";
  /** The answer to a path that is not valid percent-encoding. */
  readonly malformedPath: "problem" | "passed-on" | "framework-error";
}

/** Starts one. */
export type StartMount = (settings: ShopSettings) => Promise<Mount>;
