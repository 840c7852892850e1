import { isShopFault } from "../../codes/index.js";
import { isPayApiError } from "../../errors.js";
import { errorName } from "../../log/log.js";
import { logOutcome, outcomeFields } from "../../log/log-outcome.js";
import type { PageEnd } from "../../payment-page/page-end.js";
import { type PageAuthenticated, type PageReturn, returnedToken } from "../../payment-page/read-return.js";
import type { HostedApprovalResult } from "../../payments/hosted-payment.js";
import { shownName } from "../../secret.js";
import type { PageLink } from "../../store/index.js";
import { fromLedger } from "../from-ledger.js";
import type { HandlerLog } from "../log-lines.js";
import { HandlerProblem } from "../problems.js";
import { createTicket } from "../return-ticket.js";
import type { PageCall, Route, Services } from "../route.js";
import { keepAccount } from "./issued-account.js";
import { linkBody, makeLink } from "./payment-link.js";

/** The guide does not say whether the page returns by GET or as a form, so both are served. */
function returnRoutes(path: string, run: (call: PageCall) => Promise<Response>, summary: string) {
  const page = { group: "page", subject: "page", path, run } as const;
  return [
    { ...page, method: "GET", summary },
    { ...page, method: "POST", summary: "The same, for a return as a form." },
  ] as const;
}

export const pageRoutes = [
  {
    name: "createPaymentLink",
    group: "page",
    subject: "order",
    method: "POST",
    path: "/orders/:orderId/payment-link",
    action: "approve",
    summary: "Creates a link to the gateway's payment page, or returns the order's open one.",
    body: linkBody,
    answer: "PaymentLink",
    success: 200,
    counts: "links",
    run: makeLink,
  },
  ...returnRoutes(
    "/page-return/:token",
    takeReturn,
    "Receives the buyer from the payment page (P_NEXT_URL), requests the approval and redirects to the shop.",
  ),
  ...returnRoutes(
    "/page-return",
    takeReturn,
    "The same with the option `constantNextUrl`: the link is found by P_NOTI.",
  ),
  ...returnRoutes(
    "/page-end/:token",
    leaveEnd,
    "Receives the buyer at the end of the payment page (P_RETURN_URL) and links back to the shop. It proves no payment.",
  ),
] as const satisfies readonly Route[];

/**
 * Handles a buyer's return. It trusts no cookies, amounts or addresses from the browser: the token identifies the order, and the
 * price comes from the merchant's order.
 */
async function takeReturn({ token: inPath, form, services, isTooMuch }: PageCall): Promise<Response> {
  const { payapi, ledger, logger } = services;
  const token = inPath === "" ? returnedToken(form) : inPath;
  const link = await findLink(services, token);
  logger.about({ orderId: link.orderId });
  // Compute the redirect first, so that a buyer who has paid returns to the shop also after an error.
  const { status, headers } = seeOther(services, link);
  const back = (reason?: PageEnd) =>
    reason === undefined ? new Response(null, { status, headers }) : seeOther(services, link, reason);
  let pageReturn: PageReturn;
  try {
    pageReturn = await payapi.page.readReturn(form);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    logger.write("page-return-malformed", { problems: error.problems });
    return back();
  }
  if (pageReturn.token !== undefined && pageReturn.token !== token) {
    logger.write("page-return-differs");
    return back();
  }
  // A payment page link works once; without a payment the order gets another link.
  await fromLedger(logger, { orderId: link.orderId }, () => ledger.closeLink(token));
  if (pageReturn.status === "failed") {
    const reason = link.expiresAt.getTime() > services.timers.wall() ? pageReturn.reason : "expired";
    // The gateway's text passes through the buyer's browser, so only its code is logged.
    logger.write("page-failed", { statusCode: shownName(pageReturn.statusCode), reason });
    return back(reason);
  }
  const order = await services.findOrder(link.orderId);
  if (order === undefined || order.price !== link.price) {
    logger.write("order-changed", { price: order?.price, linkPrice: link.price });
    return back();
  }
  // A buyer with a link can forge any number of transactions and accounts, and the ledger would store each.
  if (await isTooMuch(link.orderId)) {
    logger.write("page-return-limited");
    return back();
  }
  if (pageReturn.status === "authenticated") return back(await approve(services, link, pageReturn));
  await keepAccount(services, link, pageReturn);
  return back();
}

/** Requests the approval, and returns why nothing was paid, if that is certain and not the shop's fault. */
async function approve(
  services: Services,
  link: PageLink,
  pageReturn: PageAuthenticated,
): Promise<PageEnd | undefined> {
  const { payments, logger } = services;
  const { orderId } = link;
  const result = await fromLedger(logger, { orderId }, () =>
    payments.approveHosted({ link, pageReturn }).catch((error: unknown) => {
      if (!isPayApiError(error)) throw error;
      logger.write("page-return-rejected", { problems: error.problems });
      return undefined;
    }),
  );
  if (result === undefined) return undefined;
  if (result.status === "not-reserved") {
    logger.write("page-return-refused", { reason: result.reason });
    return undefined;
  }
  if (result.netCancel === undefined) {
    // A notification may have resolved the outcome meanwhile.
    const isKnown = result.status === "settled" && result.outcome.outcome === "unknown";
    if (!isKnown) logOutcome(result, logger);
    const isDeclined = result.status === "settled" && result.order.status === "declined";
    return isDeclined && !isShopFault(result.outcome.code) ? "declined" : undefined;
  }
  const { netCancel } = result;
  logOutcome(result, logger, { netCancel: netCancel.status === "not-reserved" ? "none" : "sent" });
  logNetCancel(netCancel, logger);
  return undefined;
}

function logNetCancel(netCancel: NonNullable<HostedApprovalResult["netCancel"]>, logger: HandlerLog): void {
  if (netCancel.status === "not-reserved") return;
  if (netCancel.status === "ledger-failed") {
    logger.write("net-cancel-not-reserved", { error: errorName(netCancel.error) });
    return;
  }
  const isDone = netCancel.status === "settled" && netCancel.order.status === "net-cancelled";
  const { call, outcome } = netCancel;
  logger.write(isDone ? "net-cancelled" : "net-cancel-failed", {
    callId: call.id,
    ...outcomeFields(outcome),
  });
}

async function leaveEnd({ token, services }: PageCall): Promise<Response> {
  const link = await findLink(services, token);
  return seeOther(services, link);
}

async function findLink({ ledger, logger }: Services, token: string): Promise<PageLink> {
  const link = /^[A-Za-z0-9_-]{22}$/.test(token)
    ? await fromLedger(logger, { subject: "link" }, () => ledger.findLink(token))
    : undefined;
  if (link === undefined) throw new HandlerProblem("link-not-found");
  return link;
}

function seeOther(
  { returnTo, payapi, timers }: Services,
  { orderId, state, expiresAt }: PageLink,
  reason?: PageEnd,
): Response {
  // Only the first return: an address that stays in a browser's history or in a proxy's log gives no ticket.
  const isFirst = state === "open" && expiresAt.getTime() > timers.wall();
  const ticket = isFirst ? createTicket(orderId, payapi, timers.wall()) : undefined;
  return new Response(null, {
    status: 303,
    headers: {
      location: returnTo(orderId, ticket, state === "open" ? reason : undefined),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
  });
}
