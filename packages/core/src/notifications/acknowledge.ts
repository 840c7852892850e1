import { maskCardNumbers } from "../secret.js";
import type { NotificationKind } from "./notification.js";

/** What became of a notification: durably stored, or why not. */
export type AcknowledgeResult = "stored" | { readonly failed: string };

/** What {@link acknowledge} can be told. */
export interface AcknowledgeOptions {
  /** How the gateway wants escrow notifications answered: `cd_rslt` as its guide says (the default), or a plain `OK`. */
  readonly escrow?: "cd_rslt" | "ok" | undefined;
}

/** An HTTP answer, to be sent byte by byte as it is. */
export interface Acknowledgement {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * The exact answer the gateway expects. Say `"stored"` only after the record is durable: the gateway then never sends
 * it again. After anything else it repeats the notification, which cancels nothing.
 *
 * A reason goes to the gateway, so write nothing secret in it.
 */
export function acknowledge(
  kind: NotificationKind,
  result: AcknowledgeResult,
  options: AcknowledgeOptions = {},
): Acknowledgement {
  const byCode = kind === "escrow" && options.escrow !== "ok";
  if (result === "stored") return answer(200, byCode ? "cd_rslt=0000&msg_rslt=" : "OK");
  // The code says it, and a status other than 200 could keep the gateway from reading it.
  if (byCode) return answer(200, `cd_rslt=9999&msg_rslt=${encodeURIComponent(readable(result.failed))}`);
  return answer(503, "FAIL");
}

function answer(status: number, text: string): Acknowledgement {
  return { status, contentType: "text/plain; charset=utf-8", body: new TextEncoder().encode(text) };
}

function readable(reason: string): string {
  return [...maskCardNumbers(reason.replace(/\p{Cc}+/gu, " ")).toWellFormed()].slice(0, 100).join("");
}
