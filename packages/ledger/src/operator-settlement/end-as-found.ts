import { LedgerError } from "../errors.js";
import { isOutdated } from "../payment-page/asked-since.js";
import type { LinkRow } from "../payment-page/link-rows.js";
import { postMoney } from "../report.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CancelState,
  type LedgerTransaction,
  type OrderRows,
  openCancelStates,
} from "../store.js";
import { type CallRows, transitionOf } from "../transitions.js";
import type { OperatorFinding } from "./operator-finding.js";
import { type ApprovalCall, type CancelCall, networkCancelOf } from "./unknown-call.js";

interface OrderAndCall {
  readonly rows: OrderRows;
  readonly links: readonly LinkRow[];
  readonly call: ApprovalCall;
}

/** Ends an approval, or an account that waits for a deposit, and with it the network cancel of what moved nothing. */
export async function endApproval(
  tx: LedgerTransaction,
  { rows, links, call: { approval } }: OrderAndCall,
  finding: OperatorFinding,
  at: Date,
): Promise<void> {
  const moved = finding.outcome === "moved";
  // Money for what the order cost before pays nothing, whoever tells of it.
  if (moved && approval.state === "awaiting_deposit" && isOutdated(rows, links, approval)) {
    await keepUnexplained(tx, approval, finding, at);
    return;
  }
  const to: ApprovalState = moved ? "approved" : "settled_not_moved";
  const row = await tx.moveApproval(approval.id, [approval.state], {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(moved
      ? {
          tid: finding.tid ?? null,
          remaining: approval.price,
          // A network cancel that did not end goes on as the cancel of the payment.
          held: approval.openCancel === null ? 0 : approval.price,
        }
      : {}),
  });
  if (row === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  const call = { kind: "approval", approval: row } as const;
  await addLine(tx, call, finding, to, at, approval.state);
  if (moved) await postMoney(tx, call, at, row.price, "paid");
  const undoing = moved ? undefined : networkCancelOf(rows, row);
  if (undoing !== undefined) await endCancel(tx, undoing, finding, at);
}

async function keepUnexplained(
  tx: LedgerTransaction,
  { id, state: from, price }: ApprovalRow,
  finding: OperatorFinding,
  at: Date,
): Promise<void> {
  const state = "conflict";
  const settled = { settledBy: "operator", settledAt: at } as const;
  const row = await tx.moveApproval(id, [from], {
    state,
    tid: finding.tid ?? null,
    reportedPrice: price,
    ...settled,
  });
  if (row === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  const call = { kind: "approval", approval: row } as const;
  await addLine(tx, call, finding, state, at, from);
  await postMoney(tx, call, at, price, "unexplained");
}

export async function endCancel(
  tx: LedgerTransaction,
  { approval, cancel }: CancelCall,
  finding: OperatorFinding,
  at: Date,
): Promise<void> {
  const moved = finding.outcome === "moved";
  const to: CancelState = moved ? "done" : "settled_not_moved";
  const row = await tx.moveCancel(cancel.id, openCancelStates, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(moved ? { cancelTid: finding.tid ?? null } : {}),
  });
  if (row === undefined) throw new LedgerError("broken-rule", "A locked cancel changed its state");
  const payment = moved
    ? await tx.takeHold(approval.id, cancel.id)
    : await tx.releaseHold(approval.id, cancel.id);
  if (payment === undefined) throw new LedgerError("broken-rule", "An unknown cancel has lost its hold");
  if (moved && payment.remaining !== cancel.confirmPrice) {
    throw new LedgerError("broken-rule", "Another amount remains than the cancel confirmed");
  }
  const call = { kind: "cancel", approval: payment, cancel: row } as const;
  await addLine(tx, call, finding, to, at, cancel.state);
  // A network cancel of what was no payment gave nothing back.
  if (moved && approval.state === "approved") await postMoney(tx, call, at, -row.cancelPrice, "paid");
}

function addLine(
  tx: LedgerTransaction,
  call: CallRows,
  { actor, evidence, tid }: OperatorFinding,
  to: ApprovalState | CancelState,
  at: Date,
  from: ApprovalState | CancelState,
): Promise<void> {
  return tx.addTransition({
    ...transitionOf(call, { at, from, to, actor }),
    tid: tid ?? null,
    evidence,
  });
}
