import type { SettledFacts } from "./reply-facts.js";
import type { ApprovalRow, CancelRow, TransitionRow } from "./store.js";

/** The call a transition belongs to. */
export type CallRows =
  | { readonly kind: "approval"; readonly approval: ApprovalRow }
  | { readonly kind: "cancel"; readonly approval: ApprovalRow; readonly cancel: CancelRow };

type Fields = Pick<TransitionRow, "at" | "from" | "to"> & {
  readonly actor?: string | null;
  readonly facts?: SettledFacts;
  readonly contradiction?: boolean;
};

/** The line of the timeline for one step of one call. */
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

/** Whether two lines say the same about the same call in the same state, whenever they were said. */
export function saysTheSame(a: TransitionRow, b: TransitionRow): boolean {
  return (
    a.approvalId === b.approvalId &&
    a.cancelId === b.cancelId &&
    a.to === b.to &&
    a.outcome === b.outcome &&
    a.price === b.price &&
    a.tid === b.tid &&
    a.resultCode === b.resultCode
  );
}
