import { isPayApiError } from "../../errors.js";
import { operations } from "../../operations/index.js";
import type { PageLink } from "../../store/index.js";
import { fieldsOf, pick } from "../body-fields.js";
import { fromLedger } from "../from-ledger.js";
import type { PaymentLink } from "../messages.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall } from "../route.js";
import { checkForGateway, gatewayProblem } from "./gateway-problems.js";
import { refusal } from "./payment-answers.js";

const { createLink } = operations.smsPay;

/** The fields that a buyer may give for a link. */
export const linkBody = fieldsOf(createLink, ["payType", "quotaBase"]);

/** Creates a link to the payment page, or returns the order's open one. */
export async function makeLink({
  order,
  body: given,
  services,
  slash,
  userAgent,
}: OrderCall): Promise<JsonAnswer<PaymentLink>> {
  const { payapi, ledger, logger, baseUrl, notificationUrl, returnTo, constantNextUrl } = services;
  // Fail before the buyer pays if returnTo returns no valid path.
  returnTo(order.id);
  const wanted = pick(given, linkBody) as { payType: string };
  const notiUrl = notificationUrl(slash);
  const input = {
    ...wanted,
    goodsName: pageText(order.goodsName ?? order.id),
    price: order.price,
    // The key exists also without a value: checkForGateway() then takes a missing hppMethod for the shop's mistake, not the buyer's.
    hppMethod: order.hppMethod,
    ...(notiUrl === undefined ? {} : { notiUrl }),
  };
  const urls = (token: string) => ({
    nextUrl: constantNextUrl ? `${baseUrl}/page-return${slash}` : `${baseUrl}/page-return/${token}${slash}`,
    returnUrl: `${baseUrl}/page-end/${token}${slash}`,
  });
  const probe = { ...input, ...urls("x".repeat(22)), oid: "0", reserved: "a=b" };
  checkForGateway(createLink, probe, given, services, { orderId: order.id });
  if (!services.methods.includes(wanted.payType)) throw notOffered();
  const request = { orderId: order.id, price: order.price, payType: wanted.payType };
  const reservation = await fromLedger(logger, { orderId: order.id }, () => ledger.openLink(request));
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
      userAgent,
    });
    await fromLedger(logger, { orderId: order.id }, () => ledger.settleLink(token, url));
    return linkAnswer(link, url);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    await fromLedger(logger, { orderId: order.id }, () => ledger.settleLink(token, undefined));
    // A link whose reply was lost has no buyer, and it moves no money until a buyer returns here.
    throw gatewayProblem(error);
  }
}

function notOffered(): HandlerProblem {
  const message = "is not a payment method that this shop offers";
  const ko = "이 상점에서 제공하지 않는 결제수단입니다";
  return new HandlerProblem("invalid-input", { errors: [{ field: "payType", message, ko }] });
}

function linkAnswer({ expiresAt }: PageLink, url: string): JsonAnswer<PaymentLink> {
  return { status: 200, body: { url, expiresAt: expiresAt.toISOString() } };
}

/** The payment page allows no form punctuation in names and at most 40 characters; names are for display only. */
function pageText(text: string): string {
  const plain = text
    .normalize("NFC")
    .replace(/[:?"&`\p{Cc}]+/gu, " ")
    .replace(/ +/g, " ");
  let name = "";
  // Cut between what a reader sees as characters: some are several code points also in NFC.
  for (const { segment } of new Intl.Segmenter("ko").segment(plain.trim())) {
    if ([...name, ...segment].length > 40) break;
    name += segment;
  }
  return name.trim();
}
