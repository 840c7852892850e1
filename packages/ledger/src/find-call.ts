import type { ReservedCall } from "@payapi/core";
import type { OrderRows } from "./store.js";
import type { CallRows } from "./transitions.js";

/** The rows of one call among those of its order. */
export function findCall(rows: OrderRows, call: Pick<ReservedCall, "kind" | "id">): CallRows | undefined {
  if (call.kind === "approval") {
    const approval = rows.approvals.find((row) => row.id === call.id);
    return approval && { kind: "approval", approval };
  }
  const cancel = rows.cancels.find((row) => row.id === call.id);
  const approval = rows.approvals.find((row) => row.id === cancel?.approvalId);
  return cancel && approval && { kind: "cancel", approval, cancel };
}
