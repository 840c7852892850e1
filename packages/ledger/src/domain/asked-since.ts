import type { Order } from "./rows.js";

interface Asked {
  readonly price: number;
  readonly createdAt: Date;
}

/** Whether the shop asked for another amount since: accounts and links may be paid long after the order became dearer. */
export function isOutdated(
  { approvals, links }: Pick<Order, "approvals" | "links">,
  paid: Pick<Asked, "price">,
): boolean {
  // What the page made of a link is no request of the shop's own.
  const asked: readonly Asked[] = [...links, ...approvals.filter(({ authTid }) => authTid === null)];
  const last = asked.reduce<Asked | undefined>(
    (newest, each) => (newest !== undefined && newest.createdAt > each.createdAt ? newest : each),
    undefined,
  );
  return last !== undefined && last.price !== paid.price;
}
