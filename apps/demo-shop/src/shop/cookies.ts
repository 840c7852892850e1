import { createHash } from "node:crypto";

/** The cookie that says which browser this is. */
export const buyerCookie = "ondam_buyer";
export const cartCookie = "ondam_cart";

export function readCookie(header: string | null | undefined, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * Whom an order belongs to. A fingerprint, so that somebody who reads the database cannot use
 * what stands there as a cookie.
 */
export function ownerOf(cookie: string | undefined): string | undefined {
  return cookie === undefined || cookie.length < 32
    ? undefined
    : createHash("sha256").update(cookie).digest("base64url");
}
