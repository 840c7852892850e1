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
  const plain = `${orderId}-${attemptNo}`;
  if (plain.length <= maxLength && /^[A-Za-z0-9_-]+$/.test(orderId)) return plain;
  const hash = createHash("sha256").update(orderId, "utf8").digest("hex").slice(0, 20);
  return `${hash}_${attemptNo}`;
}
