import { maskCardNumbers } from "../secret.js";
import type { NotificationKind } from "./notification.js";

/** The result for a notification: stored durably, or the reason why not. */
export type AcknowledgeResult = "stored" | { readonly failed: string };

/** The options of {@link acknowledge}. */
export interface AcknowledgeOptions {
  /** The answer to escrow notifications: `cd_rslt` as in the guide, or a plain `OK` (default: `cd_rslt`). */
  readonly escrow?: "cd_rslt" | "ok" | undefined;
}

/** `Uint8Array<ArrayBuffer>`, which is what `Response` takes. TypeScript before 5.7 knows it as `Uint8Array` only. */
type Bytes = ReturnType<typeof Uint8Array.of>;

/** An HTTP answer; send it unchanged. */
export interface Acknowledgement {
  readonly status: number;
  readonly contentType: string;
  readonly body: Bytes;
}

/**
 * Returns the exact answer that the gateway expects. Pass `"stored"` only after the notification is stored durably: the gateway then
 * never sends it again. After any other answer it repeats the notification; the payment is not cancelled.
 *
 * The gateway receives the reason, so it must not contain secrets.
 */
export function acknowledge(
  kind: NotificationKind,
  result: AcknowledgeResult,
  options: AcknowledgeOptions = {},
): Acknowledgement {
  const byCode = kind === "escrow" && options.escrow !== "ok";
  if (result === "stored") return answer(200, byCode ? "cd_rslt=0000&msg_rslt=" : "OK");
  // The body has the result; with a status other than 200 the gateway might not read it.
  if (byCode) return answer(200, `cd_rslt=9999&msg_rslt=${encodeURIComponent(readable(result.failed))}`);
  return answer(503, "FAIL");
}

function answer(status: number, text: string): Acknowledgement {
  return { status, contentType: "text/plain; charset=utf-8", body: new TextEncoder().encode(text) };
}

function readable(reason: string): string {
  return [...maskCardNumbers(reason.replace(/\p{Cc}+/gu, " ")).toWellFormed()].slice(0, 100).join("");
}
