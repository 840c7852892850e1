import { createHash } from "node:crypto";

const maxLength = 30;

/**
 * The order number for the gateway: the order id and the number of the attempt, so that the gateway's console can be
 * searched by order, and no two attempts ever share one.
 *
 * Thirty characters of `[A-Za-z0-9_-]`, the least any of the gateway's services takes. An order id that does not fit
 * is replaced by a hash. A plain one always ends in `-<attempt>` and a hashed one in `_<attempt>`, so that no order id
 * can imitate the hash of another.
 */
export function oidFor(orderId: string, attemptNo: number): string {
  return join(orderId, String(attemptNo));
}

/**
 * The order number of a link to the payment page, as {@link oidFor}, ending in `L<link>`: no attempt's ends so, since the
 * number of an attempt has no letter.
 */
export function linkOidFor(orderId: string, linkNo: number): string {
  return join(orderId, `L${linkNo}`);
}

function join(orderId: string, number: string): string {
  const plain = `${orderId}-${number}`;
  if (plain.length <= maxLength && /^[A-Za-z0-9_-]+$/.test(orderId)) return plain;
  const hash = createHash("sha256").update(orderId, "utf8").digest("hex").slice(0, 20);
  return `${hash}_${number}`;
}
