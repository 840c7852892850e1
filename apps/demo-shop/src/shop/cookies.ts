import { createHash } from "node:crypto";

/** The cookie that identifies the browser. */
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
 * The owner of an order: a fingerprint of the cookie, so that a reader of the database cannot use it as a cookie.
 */
export function ownerOf(cookie: string | undefined): string | undefined {
  return cookie === undefined || cookie.length < 32
    ? undefined
    : createHash("sha256").update(cookie).digest("base64url");
}
