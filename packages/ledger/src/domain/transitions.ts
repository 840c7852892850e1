import type { CallRows } from "./order.js";
import type { SettledFacts } from "./reply-facts.js";
import type { OrderRows, TransitionRow } from "./rows.js";

type Fields = Pick<TransitionRow, "at" | "from" | "to"> & {
  readonly actor?: string | null;
  readonly facts?: SettledFacts;
  readonly contradiction?: boolean;
};

/** The entry of the audit trail for one step of one call. */
export function transitionOf(call: CallRows, fields: Fields): TransitionRow {
  const { facts } = fields;
  const asked = call.kind === "approval" ? call.approval.price : call.cancel.cancelPrice;
  const contradiction = fields.contradiction ?? false;
  return {
    at: fields.at,
    mid: call.approval.mid,
    orderId: call.approval.orderId,
    approvalId: call.approval.id,
    cancelId: call.kind === "cancel" ? call.cancel.id : null,
    what: contradiction ? `${call.kind}-contradiction` : call.kind,
    from: fields.from,
    to: fields.to,
    actor: fields.actor ?? null,
    outcome: facts?.outcome ?? null,
    price: facts?.reportedPrice ?? asked,
    tid: (call.kind === "cancel" ? facts?.cancelTid : facts?.tid) ?? null,
    failureCode: facts?.failureCode ?? null,
    resultCode: facts?.resultCode ?? null,
    resultMessage: facts?.resultMessage ?? null,
    evidence: null,
  };
}

/** The rows of one call among those of its order. */
export function findCall(
  rows: OrderRows,
  call: { readonly kind: "approval" | "cancel"; readonly id: string },
): CallRows | undefined {
  if (call.kind === "approval") {
    const approval = rows.approvals.find((row) => row.id === call.id);
    return approval && { kind: "approval", approval };
  }
  const cancel = rows.cancels.find((row) => row.id === call.id);
  const approval = rows.approvals.find((row) => row.id === cancel?.approvalId);
  return cancel && approval && { kind: "cancel", approval, cancel };
}
