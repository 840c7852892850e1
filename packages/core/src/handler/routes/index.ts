import type { Route } from "../route.js";
import { cardApproval, charge } from "./approvals.js";
import { changeBillingKey, deleteBillingKey, issueBillingKey, showBillingKey } from "./billing-keys.js";
import { fullCancel, partialCancel } from "./cancels.js";
import { cardPrefix } from "./card-prefix.js";
import { escrowRoutes } from "./escrow.js";
import { notificationRoutes } from "./notifications.js";
import { orderStatus } from "./orders.js";
import { pageRoutes } from "./payment-page.js";

/** Every endpoint with literal types, with which the compiler checks the browser client. */
export const routeTable = [
  cardApproval,
  cardPrefix,
  ...pageRoutes,
  orderStatus,
  issueBillingKey,
  showBillingKey,
  changeBillingKey,
  deleteBillingKey,
  charge,
  fullCancel,
  partialCancel,
  ...escrowRoutes,
  ...notificationRoutes,
] as const satisfies readonly Route[];

/** Every endpoint of the handler. */
export const routes: readonly Route[] = routeTable;
