import type { OrderRows } from "../store.js";
import type { LinkRow } from "./link-rows.js";

interface Asked {
  readonly price: number;
  readonly createdAt: Date;
}

/** Whether the shop asked for another amount since: accounts and links may be paid long after the order became dearer. */
export function isOutdated(
  { approvals }: Pick<OrderRows, "approvals">,
  links: readonly LinkRow[],
  paid: Pick<Asked, "price">,
): boolean {
  // What the page made of a link is no wish of the shop's own.
  const asked: readonly Asked[] = [...links, ...approvals.filter(({ authTid }) => authTid === null)];
  const last = asked.reduce<Asked | undefined>(
    (newest, each) => (newest !== undefined && newest.createdAt > each.createdAt ? newest : each),
    undefined,
  );
  return last !== undefined && last.price !== paid.price;
}
