import type { OrderPayment } from "@payapi/core";
import { checkText, keptWord } from "./check-request.js";
import type { LedgerContext } from "./context.js";
import { LedgerError } from "./errors.js";
import { viewOrder } from "./order-view.js";
import type { LedgerTransaction, OrderRows, TransitionRow } from "./store.js";
import { type CallRows, transitionOf } from "./transitions.js";

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

/**
 * Takes an order that needs attention off the list of `unknowns()`, until something new is heard of it. No fact is changed by it:
 * the order's status stays, and with it the lock, and so do the books.
 */
export async function closeAttention(
  { mid, store, now }: LedgerContext,
  orderId: string,
  word: AttentionWord,
): Promise<ClosedAttention> {
  checkText("orderId", orderId, 200);
  const { actor, evidence } = keptWord(word);
  const { seenLines } = word;
  if (!Number.isSafeInteger(seenLines) || seenLines < 1) {
    throw new LedgerError("invalid-argument", "seenLines must be how many lines the timeline had");
  }
  return store.transaction(async (tx): Promise<ClosedAttention> => {
    const rows = await tx.lockOrder(mid, orderId);
    const order = viewOrder(orderId, rows);
    if (order === undefined) return { status: "refused", reason: "no-such-order", order };
    const lines = await tx.transitions(mid, orderId);
    const call = attentionOf(rows);
    if (order.status !== "needs-attention" || call === undefined || isAttentionWord(lines.at(-1))) {
      return { status: "refused", reason: "needs-no-attention", order };
    }
    if ([...rows.approvals, ...rows.cancels].some(({ state }) => state === "unknown")) {
      return { status: "refused", reason: "outcome-unknown", order };
    }
    if (lines.length !== seenLines) return { status: "refused", reason: "changed", order };
    await addWord(tx, call, { at: now(tx), actor, evidence });
    return { status: "closed", order };
  });
}

/** Whether a line of the timeline is such a word: nothing moved by it, and somebody says why. */
export function isAttentionWord(line: Pick<TransitionRow, "from" | "to" | "evidence"> | undefined): boolean {
  return line !== undefined && line.evidence !== null && line.from === line.to;
}

/** The call that the order needs attention for, and the word is written to. */
function attentionOf({ approvals, cancels }: OrderRows): CallRows | undefined {
  const states: readonly string[] = ["approved_mismatch", "approved_no_tid", "conflict"];
  const approval = approvals.find((row) => row.contradictedAt !== null || states.includes(row.state));
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = cancels.find(({ state }) => state === "drift");
  const payment = approvals.find(({ id }) => id === cancel?.approvalId);
  return cancel && payment && { kind: "cancel", approval: payment, cancel };
}

async function addWord(
  tx: LedgerTransaction,
  call: CallRows,
  { at, actor, evidence }: { readonly at: Date; readonly actor: string; readonly evidence: string },
): Promise<void> {
  const { state } = call.kind === "approval" ? call.approval : call.cancel;
  const line = transitionOf(call, { at, from: state, to: state, actor });
  await tx.addTransition({ ...line, price: null, evidence });
}
