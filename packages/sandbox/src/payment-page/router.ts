import type { IncomingMessage, ServerResponse } from "node:http";
import type { PaymentLink } from "../book/payment-links.js";
import { answerIncoming, type RequestContext } from "../gateway/requests.js";
import { Rejection } from "../gateway/result-codes.js";
import { readBody, readForm } from "../http/form.js";
import { sendText } from "../http/send.js";
import { type ApprovalContext, approveAuthentication, pairsFormat } from "./approve.js";
import { authenticate, type Choice, failed, takeAccount } from "./choose.js";
import { offeredMethods } from "./methods.js";
import { renderAccount, renderChoice, renderNotice } from "./render.js";
import { PAGE_POLICY, returnToMerchant } from "./return.js";

/** The options of the payment page. */
export interface PageContext extends RequestContext, ApprovalContext {}

/** Returns whether a request is for a payment link, or for the approval of its payment. */
export function isPaymentPage(url: string): boolean {
  return /^\/(?:p|smart\/a)\/[^/?]+$/.test(url);
}

/** Answers a buyer's browser at `/p/`, and a merchant's server at `/smart/a/`, this sandbox's P_REQ_URL. */
export async function answerPaymentPage(
  request: IncomingMessage,
  response: ServerResponse,
  context: PageContext,
): Promise<void> {
  const [token = "", kind] = (request.url ?? "").split("/").toReversed();
  if (kind === "a") await answerApproval(token, request, response, context);
  else await answerBuyer(token, request, response, context);
}

async function answerApproval(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  context: PageContext,
): Promise<void> {
  const authentication = context.book.pages.authenticationAt(token);
  const form = await readForm(request, "any charset").catch((error: unknown) => {
    if (error instanceof Rejection) return error;
    throw error;
  });
  const format = pairsFormat(authentication?.link.charset ?? "euc-kr");
  const operation = "page.approve";
  if (form instanceof Rejection || !authentication) {
    const status = form instanceof Rejection ? form.status : 404;
    const message = form instanceof Rejection ? form.message : "존재하지 않는 승인 요청입니다";
    const body = { P_STATUS: "01", P_RMESG1: message };
    const reply = { status, body, outcome: "rejected", resultCode: "01" } as const;
    answerIncoming({ operation, format, process: () => reply }, request, response, context);
    return;
  }
  const about = { tid: authentication.tid, oid: authentication.link.oid };
  const process = () => approveAuthentication(authentication, form, context);
  answerIncoming({ operation, about, format, process }, request, response, context);
}

async function answerBuyer(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  context: PageContext,
): Promise<void> {
  const { book, rules } = context;
  const link = book.pages.find(token);
  const method = request.method ?? "";
  if (method !== "GET" && method !== "POST") {
    await readBody(request);
    sendPage(response, 405, renderNotice("잘못된 요청입니다", "결제 링크를 브라우저로 열어 주십시오."));
    return;
  }
  const choice = method === "POST" ? await readChoice(request) : undefined;
  // Looked at after the form has arrived: nothing may come between this and what follows.
  const closed = whyClosed(link, context);
  if (closed || !link) sendPage(response, closed?.status ?? 404, closed?.html ?? "");
  else if (!choice) {
    const html = renderChoice(link, offeredMethods(link, rules.pageOptions === "require"));
    sendPage(response, 200, html);
  } else pay(link, choice, request, response, context);
}

function pay(
  link: PaymentLink,
  choice: Choice,
  request: IncomingMessage,
  response: ServerResponse,
  context: PageContext,
): void {
  const outcome = carryOut(link, choice, context.originOf(request), context);
  if (outcome) {
    context.log(`payment page  P_STATUS ${outcome.P_STATUS}`);
    returnToMerchant(response, link, outcome, context.rules);
  } else {
    const text = "선택할 수 없는 결제 수단입니다. 다시 시도해 주십시오.";
    sendPage(response, 400, renderNotice("결제할 수 없습니다", text));
  }
}

/** Returns the merchant's return values for a buyer's choice; `undefined` if the page does not offer it. */
export function carryOut(
  link: PaymentLink,
  choice: Choice,
  origin: string,
  context: ApprovalContext,
): Readonly<Record<string, string>> | undefined {
  const { book, rules } = context;
  const action = choice.get("action");
  if (action === "abandon") return failed(link, "사용자가 결제를 취소하였습니다");
  if (action === "decline") return failed(link, "인증에 실패하였습니다");
  const offered = offeredMethods(link, rules.pageOptions === "require");
  const chosen = offered.find(({ method }) => method.payType === choice.get("method"));
  const isKnown = action === "approve" || action === "decline-later";
  if (!isKnown || !chosen || chosen.missing.length > 0) return undefined;
  const declines = action === "decline-later";
  // A virtual account has no approval that could be declined later.
  if (chosen.method.payType === "vbank") {
    return declines ? failed(link, "발급에 실패하였습니다") : takeAccount(link, choice, context);
  }
  return authenticate(link, chosen.method, choice, { book, origin, declines });
}

function whyClosed(
  link: PaymentLink | undefined,
  { book }: PageContext,
): { readonly status: number; readonly html: string } | undefined {
  if (!link) {
    const text = "주소를 다시 확인해 주십시오. 샌드박스를 다시 시작하면 이전 링크는 사라집니다.";
    return { status: 404, html: renderNotice("존재하지 않는 결제 링크입니다", text) };
  }
  if (link.state === "used") {
    const account = book.accounts.find(({ tid }) => book.vaults.find(tid)?.link === link);
    if (account?.state === "issued") {
      const html = renderNotice(
        "입금을 기다리고 있습니다",
        "아래 계좌로 입금해 주십시오.",
        renderAccount(account),
        link,
      );
      return { status: 200, html };
    }
    const text = "이 링크로 결제가 진행되었습니다. 같은 링크로 다시 결제할 수 없습니다.";
    return { status: 200, html: renderNotice("이미 사용된 결제 링크입니다", text, "", link) };
  }
  if (!book.pages.isExpired(link)) return undefined;
  const text = "결제 링크는 만든 때부터 72시간 동안 유효합니다. 가맹점에 새 링크를 요청해 주십시오.";
  return { status: 410, html: renderNotice("유효기간이 지난 결제 링크입니다", text, "", link) };
}

/** A browser's form; `undefined` if it cannot be read, so that the page is shown again. */
async function readChoice(request: IncomingMessage): Promise<Choice | undefined> {
  try {
    return await readForm(request);
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  sendText(response, status, "text/html; charset=utf-8", html, PAGE_POLICY);
}
