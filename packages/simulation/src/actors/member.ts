import type { PayApiHandler } from "@payapi/core/handler";
import type { Ledger } from "@payapi/ledger";
import type { Process } from "../world/process.js";

export const shopOrigin = "http://127.0.0.1:3000";

/** A request without an answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** One process of the shop, with all parts of a real one. */
export interface Member {
  readonly process: Process;
  readonly ledger: Ledger;
  readonly handler: PayApiHandler;
}

/** A request to the shop. */
export interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly idempotencyKey?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}
