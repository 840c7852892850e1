import { setTimeout as wait } from "node:timers/promises";
import type { CallOutcome, OrderPayment, ReservedCall } from "@payapi/core";
import type { Pool, PoolClient } from "pg";
import { inTransaction, isUniqueViolation, RecordError } from "./database.js";
import { type Approval, type Cancel, readOrder, viewOrder } from "./order.js";

/** What is known must become durable: a database that is away for a moment is asked again, for half a minute. */
export async function settle(pool: Pool, call: ReservedCall, outcome: CallOutcome): Promise<OrderPayment> {
  const giveUpAt = performance.now() + 30_000;
  let known = { ...outcome, tid: usable(outcome.tid) };
  for (;;) {
    try {
      return await settleOnce(pool, call, known);
    } catch (error) {
      if (isUniqueViolation(error)) known = { ...known, tid: undefined };
      else if (error instanceof RecordError || performance.now() > giveUpAt) throw error;
      else await wait(200);
    }
  }
}

type Known = Omit<CallOutcome, "tid"> & { readonly tid: string | undefined };

function settleOnce(pool: Pool, call: ReservedCall, outcome: Known): Promise<OrderPayment> {
  return inTransaction(pool, async (db) => {
    const rows = await readOrder(db, call.orderId, "FOR UPDATE");
    if (call.kind === "approval") await settleApproval(db, find(rows.approvals, call), outcome);
    else await settleCancel(db, find(rows.cancels, call), outcome);
    const order = viewOrder(call.orderId, await readOrder(db, call.orderId));
    if (order === undefined) throw new RecordError("The order is gone");
    return order;
  });
}

async function settleApproval(db: PoolClient, approval: Approval, outcome: Known): Promise<void> {
  const { id, state, price, tid } = approval;
  const moved = outcome.outcome === "succeeded" || outcome.outcome === "moved";
  if (state === "declined" || state === "not-sent" || state === "paid") {
    // A fact that contradicts the record overwrites nothing; it calls for somebody to look.
    const another = outcome.tid !== undefined && outcome.tid !== tid;
    if (moved && (state !== "paid" || another)) {
      await db.query("UPDATE payment_approvals SET contradicted = true WHERE id = $1", [id]);
    }
    return;
  }
  if (state === "needs-attention" || (state === "unknown" && !moved)) return;
  const asked = outcome.price === undefined || outcome.price === price;
  const paid = outcome.outcome === "succeeded" && asked && outcome.tid !== undefined;
  const next = paid ? "paid" : moved ? "needs-attention" : endings[outcome.outcome];
  await db.query(
    "UPDATE payment_approvals SET state = $2, tid = $3, remaining = $4, reply = $5 WHERE id = $1 AND state = $6",
    [id, next, moved ? outcome.tid : null, paid ? price : 0, replyOf(outcome), state],
  );
}

const endings = { refused: "declined", "not-sent": "not-sent", unknown: "unknown" } as Record<
  CallOutcome["outcome"],
  string
>;

async function settleCancel(db: PoolClient, cancel: Cancel, outcome: Known): Promise<void> {
  const { id, state, cancel_price, confirm_price } = cancel;
  const moved = outcome.outcome === "succeeded" || outcome.outcome === "moved";
  const ended = state === "refused" || state === "not-sent";
  if (state === "done" || state === "needs-attention" || (!moved && (ended || state === "unknown"))) return;
  if (ended) {
    await db.query(
      `UPDATE payment_approvals SET contradicted = true
       WHERE id = (SELECT approval_id FROM payment_cancels WHERE id = $1)`,
      [id],
    );
    return;
  }
  const asAsked =
    outcome.outcome === "succeeded" &&
    (outcome.price ?? cancel_price) === cancel_price &&
    (outcome.remainingPrice ?? confirm_price) === confirm_price;
  const next = asAsked ? "done" : moved ? "needs-attention" : outcome.outcome;
  await db.query("UPDATE payment_cancels SET state = $2, reply = $3 WHERE id = $1", [
    id,
    next,
    replyOf(outcome),
  ]);
  if (!asAsked) return;
  await db.query(
    `UPDATE payment_approvals SET remaining = $2
     WHERE id = (SELECT approval_id FROM payment_cancels WHERE id = $1)`,
    [id, confirm_price],
  );
}

function find<Row extends { readonly id: string }>(rows: readonly Row[], call: ReservedCall): Row {
  const row = rows.find(({ id }) => id === call.id);
  if (row === undefined) throw new RecordError("The call to settle is not in the record");
  return row;
}

/** A tid that could not be sent back to the gateway is none. */
function usable(tid: string | undefined): string | undefined {
  return tid !== undefined && /^[\x21-\x7e]{1,64}$/.test(tid) ? tid : undefined;
}

/** A strange reply must not make settling fail: PostgreSQL keeps neither NUL nor half a character. */
function replyOf({ resultCode, resultMessage, applNum, at }: Known): object {
  const clean = (text: string | undefined) =>
    text
      ?.toWellFormed()
      .replaceAll(/\p{Cc}/gu, " ")
      .slice(0, 500);
  return { resultCode: clean(resultCode), resultMessage: clean(resultMessage), applNum: clean(applNum), at };
}
