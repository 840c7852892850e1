import { LedgerError } from "../errors.js";
import type { Draft } from "./order.js";
import { isContradicted } from "./order-status.js";
import type { OrderRows } from "./rows.js";
import { findCall, transitionOf } from "./transitions.js";

/** Marks a reserved call as being sent: from now on its outcome is unknown until a fact says otherwise. */
export function markSending(
  draft: Draft,
  {
    call,
    at,
    deadlineAt,
  }: {
    readonly call: { readonly kind: "approval" | "cancel"; readonly id: string };
    readonly at: Date;
    readonly deadlineAt: Date;
  },
): undefined {
  const rows = findCall(draft.order, call);
  if (rows === undefined) throw new LedgerError("may-not-send", "The call is not in the record");
  const state = rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
  if (state !== "reserved") throw notYours();
  refuseContradicted(draft.order);
  if (rows.kind === "cancel" && rows.cancel.network && rows.approval.state !== "unknown") {
    throw new LedgerError("may-not-send", "It is known by now what became of the approval to undo");
  }
  const change = { state: "sending", sendingAt: at, deadlineAt } as const;
  if (rows.kind === "approval") draft.changeApproval(call.id, change);
  else draft.changeCancel(call.id, change);
  const actor = rows.kind === "cancel" ? rows.cancel.actor : null;
  draft.audit(transitionOf(rows, { at, from: "reserved", to: "sending", actor }));
}

export function refuseContradicted({ approvals }: OrderRows): void {
  if (!isContradicted(approvals)) return;
  throw new LedgerError("may-not-send", "The order needs attention: a reply contradicts its record");
}

/** Whoever settled it as not sent would free an order whose first byte may have left in another's hands. */
export function notYours(): LedgerError {
  return new LedgerError(
    "not-yours",
    "The call is no longer reserved: another sent it or gave it up. Send nothing and settle nothing",
  );
}
