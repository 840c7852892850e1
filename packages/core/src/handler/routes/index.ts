import type { Route } from "../route.js";
import { cardApproval, charge } from "./approvals.js";
import { changeBillingKey, deleteBillingKey, issueBillingKey, showBillingKey } from "./billing-keys.js";
import { fullCancel, partialCancel } from "./cancels.js";
import { cardPrefix } from "./card-prefix.js";
import { escrowRoutes } from "./escrow.js";
import { notificationRoutes } from "./notifications.js";
import { orderStatus } from "./orders.js";
import { pageRoutes } from "./payment-page.js";

/** Every endpoint with its literal names, for the compiler to hold the types of the browser client against. */
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

/** Every endpoint the handler has. */
export const routes: readonly Route[] = routeTable;
