import { isShopFault } from "@payapi/core/codes";
import type { Ledger } from "@payapi/ledger";

const dayMs = 86_400_000;

/** The orders of the last day whose newest call the gateway refused for the shop's set-up or request. */
export async function recentSetupFaults(
  ledger: Ledger,
): Promise<readonly { readonly orderId: string; readonly resultCode: string | undefined }[]> {
  const since = Date.now() - dayMs;
  const newest = await ledger.payments.list({ limit: 500 });
  return newest.flatMap(({ orderId, createdAt, failureCode, resultCode, cancel }) => {
    if (createdAt.getTime() < since) return [];
    if (isShopFault(failureCode)) return [{ orderId, resultCode }];
    return isShopFault(cancel?.failureCode) ? [{ orderId, resultCode: cancel?.resultCode }] : [];
  });
}
