import type { OrderPayment } from "@payapi/core";
import type { CallRows, Draft } from "./order.js";
import { transitionOf } from "./order.js";
import { viewOrder } from "./order-status.js";
import type { OrderRows } from "./rows.js";

/** The word of a person who dealt with an order that needs attention. */
export interface AttentionWord {
  /** Who says so. */
  readonly actor: string;
  /** What was found and done, such as a refund in the console and its time; kept for ever. Not for card data. */
  readonly evidence: string;
  /** How many lines the order's `timeline()` had then: what came after them was not seen, and is not dealt with. */
  readonly seenLines: number;
}

/** What came of such a word. */
export type ClosedAttention =
  | { readonly status: "closed"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason:
        | "no-such-order"
        /** Nothing about the order contradicts the record, or this was dealt with before. */
        | "needs-no-attention"
        /** A call of the order is unknown: settle it first. */
        | "outcome-unknown"
        /** Something more was heard of the order since: look at it again. */
        | "changed";
      readonly order: OrderPayment | undefined;
    };

/** Takes an order off the list of those to be reviewed. No fact is changed by it: its status stays, and so do the books. */
export function closeReview(
  draft: Draft,
  { word, at }: { readonly word: AttentionWord; readonly at: Date },
): ClosedAttention {
  const { order: rows, orderId } = draft;
  const { actor, evidence, seenLines } = word;
  const order = viewOrder(orderId, rows);
  if (order === undefined) return { status: "refused", reason: "no-such-order", order };
  const call = needingReview(rows);
  if (order.status !== "needs-attention" || call === undefined || rows.reviewed) {
    return { status: "refused", reason: "needs-no-attention", order };
  }
  if ([...rows.approvals, ...rows.cancels].some(({ state }) => state === "unknown")) {
    return { status: "refused", reason: "outcome-unknown", order };
  }
  if (rows.entries !== seenLines) return { status: "refused", reason: "changed", order };
  const { state } = call.kind === "approval" ? call.approval : call.cancel;
  const entry = transitionOf(call, { at, from: state, to: state, actor });
  draft.review({ ...entry, price: null, evidence });
  return { status: "closed", order };
}

/** The call that the order needs review for, and the word is written to. */
function needingReview({ approvals, cancels }: OrderRows): CallRows | undefined {
  const states: readonly string[] = ["approved_mismatch", "approved_no_tid", "conflict"];
  const approval = approvals.find((row) => row.contradictedAt !== null || states.includes(row.state));
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = cancels.find(({ state }) => state === "drift");
  const payment = approvals.find(({ id }) => id === cancel?.approvalId);
  return cancel && payment && { kind: "cancel", approval: payment, cancel };
}
