import type { TimelineLine } from "@payapi/ledger";

/** A line in which somebody says how an order that needs attention was dealt with: nothing moved by it. */
export function isClosing({ evidence, from, to }: TimelineLine): boolean {
  return evidence !== undefined && from === to;
}

/** The word of whoever dealt with an order, unless something was heard of it since. */
export function closingOf(timeline: readonly TimelineLine[]): TimelineLine | undefined {
  const last = timeline.at(-1);
  return last !== undefined && isClosing(last) ? last : undefined;
}
