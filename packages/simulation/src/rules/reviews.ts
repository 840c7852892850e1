import type { Posting, TransitionRow } from "@payapi/ledger/internal";

/** What is known of an order that the staff may have reviewed. */
export interface ReviewedOrder {
  readonly postings: readonly Posting[];
  readonly transitions: readonly TransitionRow[];
  /** How many postings there were at the last review. */
  readonly postingsBeforeReview: number | undefined;
}

/** The evidence of a review: how many entries of the audit trail the reviewer had read. */
export const evidenceAfter = (entries: number) => `console, after ${entries} entries`;

/** Whether an audit entry is a review by the staff: it changes no state and carries evidence. */
export function isReview({ evidence, from, to }: TransitionRow): boolean {
  return evidence !== null && from === to;
}

/** The first review of entries that the reviewer had not read. */
export function unseenReview({ transitions }: ReviewedOrder): string | undefined {
  const at = transitions.findIndex(
    (entry, index) => isReview(entry) && entry.evidence !== evidenceAfter(index),
  );
  return at < 0
    ? undefined
    : `entry ${at + 1} is a review by somebody who had read ${transitions[at]?.evidence}`;
}

/** Whether an order was reviewed, and neither an entry nor money came since. */
export function isReviewed({ transitions, postings, postingsBeforeReview }: ReviewedOrder): boolean {
  const last = transitions.at(-1);
  return last !== undefined && isReview(last) && postings.length === postingsBeforeReview;
}
