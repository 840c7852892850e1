import { timingSafeEqual } from "node:crypto";
import type { PayApi } from "../client.js";

type Signer = Pick<PayApi, "fingerprint" | "earlierFingerprints">;

/** The header with which a page sends the ticket of a buyer's return. */
export const ticketHeader = "payapi-ticket";

const lifeMs = 15 * 60_000;

/**
 * Creates the ticket of a buyer's return. For 15 minutes its holder may read the payment status of this order, and nothing else: a
 * buyer may come back without the session, since the cookie is `SameSite=Strict` or the return opened in another browser.
 */
export function createTicket(orderId: string, signer: Signer, now: number): string {
  const expiresAt = (now + lifeMs).toString(36);
  return `${expiresAt}.${signer.fingerprint(signedText(orderId, expiresAt))}`;
}

/** Returns whether a ticket is valid for an order. */
export function isTicket(ticket: string | null, orderId: string, signer: Signer, now: number): boolean {
  const [, expiresAt = "", signed = ""] = /^([0-9a-z]{1,10})\.([\w-]{43})$/.exec(ticket ?? "") ?? [];
  if (!(Number.parseInt(expiresAt, 36) > now)) return false;
  const text = signedText(orderId, expiresAt);
  return [signer.fingerprint(text), ...signer.earlierFingerprints(text)].some((signature) =>
    timingSafeEqual(Buffer.from(signed), Buffer.from(signature)),
  );
}

function signedText(orderId: string, expiresAt: string): string {
  return JSON.stringify(["return-ticket", orderId, expiresAt]);
}
