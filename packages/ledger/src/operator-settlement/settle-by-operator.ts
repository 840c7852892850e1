import type { OrderPayment } from "@payapi/core";
import type { LedgerContext } from "../context.js";
import { endSilentCalls } from "../end-silent-calls.js";
import { LedgerError } from "../errors.js";
import { viewOrder } from "../order-view.js";
import { retryConflicts } from "../settle.js";
import { endApproval, endCancel } from "./end-as-found.js";
import { checkFinding, type OperatorFinding } from "./operator-finding.js";
import { unknownCall } from "./unknown-call.js";
import { type SettlementRefusal, whyNot, whyNotYet } from "./why-not-settled.js";

/** What came of an operator's finding. */
export type OperatorSettlement =
  | { readonly status: "settled"; readonly kind: "approval" | "cancel"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason: SettlementRefusal;
      readonly order: OrderPayment | undefined;
      /** For `too-early`: when it may be settled so. */
      readonly notBefore?: Date;
    };

/**
 * Ends an unknown call, or an account that waits for a deposit, with what an operator found out. It never overwrites a fact, and a fact that contradicts it later
 * overrules it openly: the order then needs attention.
 */
export async function settleByOperator(
  context: LedgerContext,
  orderId: string,
  finding: OperatorFinding,
): Promise<OperatorSettlement> {
  const checked = checkFinding(orderId, finding);
  await endSilentCalls(context, orderId);
  return retryConflicts(() =>
    context.store.transaction(async (tx): Promise<OperatorSettlement> => {
      const links = await tx.links.lock(context.mid, orderId);
      const rows = await tx.lockOrder(context.mid, orderId);
      const call = unknownCall(rows, checked);
      const refusal =
        whyNotYet(context, rows, call, context.now(tx)) ??
        (await whyNot(tx, rows, call, checked, context.now(tx)));
      if (refusal !== undefined || call === undefined) {
        return {
          status: "refused",
          ...(refusal ?? { reason: "not-unknown" }),
          order: viewOrder(orderId, rows),
        };
      }
      if (call.kind === "approval") await endApproval(tx, { rows, links, call }, checked, context.now(tx));
      else await endCancel(tx, call, checked, context.now(tx));
      const order = viewOrder(orderId, await tx.ordersRows(context.mid, [orderId]));
      if (order === undefined) throw new LedgerError("broken-rule", "A settled call has no order");
      return { status: "settled", kind: call.kind, order };
    }),
  );
}
