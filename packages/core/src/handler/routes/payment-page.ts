import { isShopFault } from "../../codes/index.js";
import { isPayApiError } from "../../errors.js";
import type { PageEnd } from "../../payment-page/page-end.js";
import { type PageAuthenticated, type PageReturn, returnedToken } from "../../payment-page/read-return.js";
import type { HostedApprovalResult } from "../../payments/hosted-payment.js";
import type { PageLink } from "../../store/index.js";
import { errorName, fromLedger } from "../from-ledger.js";
import type { Log } from "../log.js";
import { HandlerProblem } from "../problems.js";
import { createTicket } from "../return-ticket.js";
import type { PageCall, Route, Services } from "../route.js";
import { keepAccount } from "./issued-account.js";
import { logOutcome } from "./payment-answers.js";
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
  // Compute the redirect first, so that a buyer who has paid returns to the shop also after an error.
  const { status, headers } = seeOther(services, link);
  const back = (reason?: PageEnd) =>
    reason === undefined ? new Response(null, { status, headers }) : seeOther(services, link, reason);
  let pageReturn: PageReturn;
  try {
    pageReturn = await payapi.page.readReturn(form);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    logger.warn(
      { orderId: link.orderId, problems: error.problems },
      "Malformed return from the payment page.",
    );
    return back();
  }
  if (pageReturn.token !== undefined && pageReturn.token !== token) {
    logger.warn({ orderId: link.orderId }, "A return from the payment page has another link's token.");
    return back();
  }
  // A payment page link works once; without a payment the order gets another link.
  await fromLedger(logger, { orderId: link.orderId }, () => ledger.closeLink(token));
  if (pageReturn.status === "failed")
    return back(link.expiresAt > new Date() ? pageReturn.reason : "expired");
  const order = await services.findOrder(link.orderId);
  if (order === undefined || order.price !== link.price) {
    logger.warn(
      { orderId: link.orderId },
      "The order changed after its link was created; nothing was approved.",
    );
    return back();
  }
  // A buyer with a link can forge any number of transactions and accounts, and the ledger would store each.
  if (await isTooMuch(link.orderId)) {
    logger.warn(
      { orderId: link.orderId },
      "Too many returns from the payment page for an order; nothing was approved.",
    );
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
      logger.warn({ orderId, problems: error.problems }, "Rejected a return from the payment page.");
      return undefined;
    }),
  );
  if (result === undefined) return undefined;
  if (result.status === "not-reserved") {
    logger.warn({ orderId, reason: result.reason }, "A return from the payment page was not approved.");
    return undefined;
  }
  if (result.netCancel === undefined) {
    // A notification may have resolved the outcome meanwhile.
    const isKnown = result.status === "settled" && result.outcome.outcome === "unknown";
    if (!isKnown) logOutcome(result, logger);
    const isDeclined = result.status === "settled" && result.order.status === "declined";
    return isDeclined && !isShopFault(result.outcome.code) ? "declined" : undefined;
  }
  const { call, outcome, netCancel } = result;
  const facts = { orderId, callId: call.id, ...outcome };
  const isSent = netCancel.status !== "not-reserved";
  const then = isSent
    ? "sending a net cancel."
    : "no net cancel is sent. A notification or an operator ends it.";
  logger.warn(facts, `The approval's outcome is unknown; ${then}`);
  logNetCancel(orderId, netCancel, logger);
  return undefined;
}

function logNetCancel(
  orderId: string,
  netCancel: NonNullable<HostedApprovalResult["netCancel"]>,
  logger: Log,
): void {
  if (netCancel.status === "not-reserved") return;
  if (netCancel.status === "ledger-failed") {
    const message = "Failed to reserve the net cancel; the order stays locked for an operator.";
    logger.error({ orderId, error: errorName(netCancel.error) }, message);
    return;
  }
  if (netCancel.status === "settled" && netCancel.order.status === "net-cancelled") return;
  const { call, outcome } = netCancel;
  const message = "The net cancel did not succeed; the order stays locked for an operator.";
  logger.warn({ orderId, callId: call.id, ...outcome }, message);
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
  { returnTo, payapi }: Services,
  { orderId, state, expiresAt }: PageLink,
  reason?: PageEnd,
): Response {
  // Only the first return: an address that stays in a browser's history or in a proxy's log gives no ticket.
  const isFirst = state === "open" && expiresAt > new Date();
  const ticket = isFirst ? createTicket(orderId, payapi) : undefined;
  return new Response(null, {
    status: 303,
    headers: {
      location: returnTo(orderId, ticket, state === "open" ? reason : undefined),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
  });
}
