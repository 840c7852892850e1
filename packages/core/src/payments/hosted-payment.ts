import type { PayApi } from "../client.js";
import type { PageReturn } from "../payment-page/read-return.js";
import type { PageLink, PaymentStore, ReservedApproval, ReservedCancel } from "../store/index.js";
import { type CancellingStore, cancel } from "./cancel.js";
import type { PaymentResult } from "./results.js";
import { sendAndSettle } from "./send-and-settle.js";

/** A request to approve a payment that the buyer authenticated on the hosted payment page. */
export interface HostedApprovalRequest {
  /** The buyer's link, found by its unguessable token. Its price must still equal the order's. */
  readonly link: Pick<PageLink, "orderId" | "oid" | "price" | "payType">;
  /** The buyer's return, from `payapi.page.readReturn`. */
  readonly pageReturn: PageReturn;
}

/** The result of approving a hosted payment. */
export type HostedApprovalResult = PaymentResult<ReservedApproval> & {
  /** The net cancel of an approval whose outcome is unknown. */
  readonly netCancel?:
    | PaymentResult<ReservedCancel>
    /** The ledger failed to reserve it: the order stays locked. */
    | { readonly status: "ledger-failed"; readonly error: unknown };
};

/**
 * Requests the approval of a hosted payment. The P_TID comes through the buyer's browser without proof that it belongs to this order,
 * so the ledger's reservation claims it: a P_TID that any payment had before is refused, and never net-cancelled.
 */
export async function approveHosted(
  payapi: Pick<PayApi, "page" | "payments">,
  ledger: CancellingStore & Pick<PaymentStore, "reserveApproval">,
  { link, pageReturn }: HostedApprovalRequest,
): Promise<HostedApprovalResult> {
  const { orderId, oid, price, payType } = link;
  const asked = { oid, price, payType };
  const { tid } = payapi.page.checkReturn(pageReturn, asked);
  const reservation = await ledger.reserveApproval({ orderId, price, payType, page: { oid, tid } });
  if (reservation.status === "refused") return { ...reservation, status: "not-reserved" };
  const approval = await sendAndSettle(ledger, reservation.call, (options) =>
    payapi.page.approve(pageReturn, asked, options),
  );
  if (approval.status !== "settled" || approval.order.status !== "unknown") return approval;
  const netCancel = await cancel(payapi, ledger, { orderId, netCancel: true }).catch(
    (error: unknown) => ({ status: "ledger-failed", error }) as const,
  );
  return { ...approval, netCancel };
}
