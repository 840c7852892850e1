import type { Route } from "../route.js";
import { changeBillingKey, deleteBillingKey, issueBillingKey, showBillingKey } from "./billing-keys.js";
import { fullCancel, partialCancel } from "./cancels.js";
import { cardApproval } from "./card-approval.js";
import { cardPrefix } from "./card-prefix.js";
import { charge } from "./charges.js";
import { escrowRoutes } from "./escrow.js";
import { notificationRoutes } from "./notifications.js";
import { orderStatus } from "./orders.js";
import { pageRoutes } from "./payment-page.js";

/** Every endpoint the handler has. */
export const routes: readonly Route[] = [
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
];
