import { isPayApiError } from "../../errors.js";
import { operations } from "../../operations/index.js";
import type { PageAuthenticated, PageReturn } from "../../payment-page/read-return.js";
import type { PageLink } from "../../record/index.js";
import { makeRecordedCall } from "../../record/recorded-call.js";
import { makeRecordedCancel } from "../../record/recorded-cancel.js";
import { fieldsOf, pick } from "../body-fields.js";
import type { PaymentLink } from "../messages.js";
import type { Order } from "../options.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, PageCall, Route, Services } from "../route.js";
import { checkForGateway } from "./check-for-gateway.js";
import { gatewayProblem } from "./gateway-problem.js";
import { errorName, fromRecord, refusal } from "./money.js";

const { createLink } = operations.smsPay;
const body = fieldsOf(createLink, ["payType", "quotaBase"]);

const page = { group: "page", subject: "page" } as const;

export const pageRoutes = [
  {
    name: "createPaymentLink",
    group: "page",
    subject: "order",
    method: "POST",
    path: "/orders/:orderId/payment-link",
    action: "approve",
    summary: "Gives a link to the gateway's payment page; the same one again while it is open.",
    body,
    answer: "PaymentLink",
    success: 200,
    counts: "links",
    run: makeLink,
  },
  {
    ...page,
    method: "GET",
    path: "/page-return/:token",
    summary:
      "Where the payment page sends the buyer (P_NEXT_URL): asks for the approval and leads back to the shop.",
    run: takeReturn,
  },
  {
    ...page,
    method: "POST",
    path: "/page-return/:token",
    summary: "The same, for pages that send a form.",
    run: takeReturn,
  },
  {
    ...page,
    method: "GET",
    path: "/page-end/:token",
    summary:
      "The end of the buyer's way through the page (P_RETURN_URL): leads back to the shop and proves nothing.",
    run: leaveEnd,
  },
  {
    ...page,
    method: "POST",
    path: "/page-end/:token",
    summary: "The same, for pages that send a form.",
    run: leaveEnd,
  },
] as const satisfies readonly Route[];

async function makeLink({ order, body: given, services }: OrderCall): Promise<JsonAnswer<PaymentLink>> {
  const { payapi, record, logger, baseUrl, notificationUrl, returnTo } = services;
  // Fails here, and not once the buyer has paid, where the shop cannot say where its buyer comes back to.
  returnTo(order.id);
  const wanted = pick(given, body) as { payType: string };
  const input = {
    ...wanted,
    goodsName: pageText(order.goodsName ?? order.id),
    price: order.price,
    ...(order.hppMethod === undefined ? {} : { hppMethod: order.hppMethod }),
    ...(notificationUrl === undefined ? {} : { notiUrl: notificationUrl }),
  };
  const urls = (token: string) => ({
    nextUrl: `${baseUrl}/page-return/${token}`,
    returnUrl: `${baseUrl}/page-end/${token}`,
  });
  const probe = { ...input, ...urls("x".repeat(22)), oid: "0", reserved: "a=b" };
  checkForGateway(createLink, probe, given, services, { orderId: order.id });
  const request = { orderId: order.id, price: order.price, payType: wanted.payType };
  const reservation = await fromRecord(logger, { orderId: order.id }, () => record.openLink(request));
  if (reservation.status === "refused") throw refusal(reservation);
  const { link } = reservation;
  if (reservation.status === "existing" && link.url !== undefined) return linkAnswer(link, link.url);
  const { token, oid } = link;
  try {
    const { url } = await payapi.page.createLink({
      ...input,
      ...urls(token),
      oid,
      token,
      escrow: order.escrow === true,
    });
    await fromRecord(logger, { orderId: order.id }, () => record.settleLink(token, url));
    return linkAnswer(link, url);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    await fromRecord(logger, { orderId: order.id }, () => record.settleLink(token, undefined));
    // A link that was made and not heard of is known to nobody, and moves no money until its buyer comes back here.
    throw gatewayProblem(error);
  }
}

function linkAnswer({ expiresAt }: PageLink, url: string): JsonAnswer<PaymentLink> {
  return { status: 200, body: { url, expiresAt: expiresAt.toISOString() } };
}

/** The page takes no punctuation of its own form in names, and 40 characters; for people only. */
function pageText(text: string): string {
  const plain = text.replace(/[:?"&`\p{Cc}]+/gu, " ").replace(/ +/g, " ");
  return [...plain.trim()].slice(0, 40).join("").trim();
}

/**
 * The buyer comes back. Neither cookies nor amounts nor addresses from the browser are believed: the token alone tells the
 * order, and the merchant's order the price.
 */
async function takeReturn({ token, form, services, isTooMuch }: PageCall): Promise<Response> {
  const { payapi, record, logger } = services;
  const link = await findLink(services, token);
  // Before anything is done: a buyer who has paid is led back, whatever happens.
  const { status, headers } = seeOther(services, link.orderId);
  const back = () => new Response(null, { status, headers });
  let pageReturn: PageReturn;
  try {
    pageReturn = await payapi.page.readReturn(form);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    logger.warn({ orderId: link.orderId, problems: error.problems }, "A return from the page is unreadable.");
    return back();
  }
  if (pageReturn.token !== undefined && pageReturn.token !== token) {
    logger.warn({ orderId: link.orderId }, "A return from the page brought another link's token.");
    return back();
  }
  // Whatever the buyer did there, the page takes nobody twice; without money the order gets another link.
  await fromRecord(logger, { orderId: link.orderId }, () => record.closeLink(token));
  if (pageReturn.status === "failed") return back();
  const order = await services.findOrder(link.orderId);
  if (order === undefined || order.price !== link.price) {
    logger.warn({ orderId: link.orderId }, "The order changed since its link was made; nothing is approved.");
    return back();
  }
  // Whoever has a link can make up as many transactions and accounts as they like, and each would be kept.
  if (await isTooMuch(link.orderId)) {
    logger.warn({ orderId: link.orderId }, "A buyer came back from the page too often; nothing is approved.");
    return back();
  }
  if (pageReturn.status === "account-issued") await keepAccount(services, link, pageReturn);
  else await approve(services, link, order, pageReturn);
  return back();
}

async function approve(
  services: Services,
  link: PageLink,
  order: Order,
  pageReturn: PageAuthenticated,
): Promise<void> {
  const { payapi, record, logger } = services;
  const { oid, price, payType } = link;
  const asked = { oid, price, payType };
  try {
    payapi.page.checkReturn(pageReturn, asked);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    logger.warn({ orderId: order.id, problems: error.problems }, "A return from the page is not believed.");
    return;
  }
  const request = { orderId: order.id, price, payType, page: { oid, tid: pageReturn.tid } };
  const reservation = await fromRecord(logger, { orderId: order.id }, () => record.reserveApproval(request));
  if (reservation.status === "refused") {
    const { reason } = reservation;
    logger.warn({ orderId: order.id, reason }, "A return from the page was not approved.");
    return;
  }
  const { call } = reservation;
  const {
    order: payment,
    outcome,
    settleError,
  } = await makeRecordedCall(record, call, (options) =>
    // The record has claimed the P_TID; the network cancel is a call of its own in the record, below.
    payapi.page.approve(pageReturn, asked, { ...options, claimTid: () => true, networkCancel: false }),
  );
  const facts = { orderId: order.id, callId: call.id, ...outcome };
  if (payment === undefined) {
    logger.error(
      { ...facts, error: errorName(settleError) },
      "The outcome could not be recorded; the order stays locked.",
    );
    return;
  }
  if (payment.status !== "unknown") {
    if (outcome.outcome === "moved")
      logger.warn(facts, "The outcome needs an operator; the order is locked.");
    return;
  }
  logger.warn(facts, "The approval's outcome is unknown; it is cancelled by a network cancel.");
  await cancelUnknown(services, order.id);
}

async function cancelUnknown({ payapi, record, logger }: Services, orderId: string): Promise<void> {
  const cancel = await record.reserveCancel({ orderId, network: true }).catch((error: unknown) => {
    // The buyer is led back all the same: the order is locked, and an operator finds it among the unknown ones.
    logger.error(
      { orderId, error: errorName(error) },
      "The network cancel could not be reserved; the order stays locked for an operator.",
    );
  });
  if (cancel === undefined || cancel.status === "refused") return;
  const { order, outcome } = await makeRecordedCancel(payapi, record, cancel.call);
  if (order?.status === "network-cancelled") return;
  logger.warn(
    { orderId, callId: cancel.call.id, ...outcome },
    "The network cancel did not succeed; the order stays locked for an operator.",
  );
}

async function keepAccount(
  { record, logger }: Services,
  link: PageLink,
  issued: Extract<PageReturn, { status: "account-issued" }>,
): Promise<void> {
  const { tid, account, bankCode, accountHolder, dueAt, price } = issued;
  const { orderId, oid } = link;
  if (price !== undefined && price !== link.price) {
    logger.warn({ orderId }, "An account was issued for another amount; it is not kept.");
    return;
  }
  const facts = {
    orderId,
    oid,
    price: link.price,
    tid,
    account,
    ...(bankCode === undefined ? {} : { bankCode }),
    ...(accountHolder === "" ? {} : { accountHolder }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  await fromRecord(logger, { orderId }, () =>
    record.awaitDeposit(facts).catch((error: unknown) => {
      if (!isContradiction(error)) throw error;
      logger.warn(
        { orderId, code: error.code },
        "A buyer brought an account that fits no link; it is not kept.",
      );
    }),
  );
}

function isContradiction(error: unknown): error is { code: string } {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    (error.code === "tid-used" || error.code === "invalid-argument")
  );
}

async function leaveEnd({ token, services }: PageCall): Promise<Response> {
  const link = await findLink(services, token);
  return seeOther(services, link.orderId);
}

async function findLink({ record, logger }: Services, token: string): Promise<PageLink> {
  const link = /^[A-Za-z0-9_-]{22}$/.test(token)
    ? await fromRecord(logger, { subject: "link" }, () => record.findLink(token))
    : undefined;
  if (link === undefined) throw new HandlerProblem("link-not-found");
  return link;
}

function seeOther({ returnTo }: Services, orderId: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: returnTo(orderId), "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
