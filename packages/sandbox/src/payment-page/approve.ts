import type { Book } from "../book/book.js";
import type { Authentication } from "../book/payment-links.js";
import type { GatewayReply } from "../gateway/gateway.js";
import type { ReplyFormat } from "../gateway/inject-fault.js";
import { declines } from "../gateway/result-codes.js";
import type { Rules } from "../gateway/rules.js";
import { testCards } from "../gateway/test-cards.js";
import { notiOf } from "../notifications/notifications.js";
import type { Notifier } from "../notifications/notifier.js";
import { formatKoreanTime } from "../time/korean-time.js";

/** The options of an approval. */
export interface ApprovalContext {
  readonly book: Book;
  readonly notifier: Notifier;
  readonly rules: Rules;
}

/** `name=value` pairs joined with `&`, raw, in the charset that the merchant requested. */
export function pairsFormat(charset: ReplyFormat["charset"]): ReplyFormat {
  return {
    contentType: `text/plain; charset=${charset}`,
    charset,
    // The guide's table of the reply lists P_TYPE twice.
    print: (body) =>
      [...Object.entries(body), ...Object.entries(body).filter(([name]) => name === "P_TYPE")]
        .map(([name, value]) => `${name}=${value}`)
        .join("&"),
  };
}

/** Answers the merchant's question at P_REQ_URL: the one step in which the money moves, once. */
export function approveAuthentication(
  authentication: Authentication,
  form: ReadonlyMap<string, string>,
  { book, notifier, rules }: ApprovalContext,
): GatewayReply {
  const { tid, link, state } = authentication;
  if (form.get("P_TID") !== tid || form.get("P_MID") !== link.mid) {
    return refused(authentication, 400, "rejected", "P_TID 또는 P_MID가 올바르지 않습니다");
  }
  if (state === "cancelled") return refused(authentication, 200, "declined", declines.cannotApprove.ko);
  if (state === "approved") {
    const isSpent = rules.repeatedApproval === "refuse" || book.find(tid)?.remaining === 0;
    if (isSpent) return refused(authentication, 200, "declined", declines.approvedBefore.ko);
    return {
      ...about(authentication),
      status: 200,
      outcome: "answered",
      resultCode: "00",
      body: result(authentication, book),
    };
  }
  const refusal = whyDeclined(authentication, book, rules);
  if (refusal !== undefined) {
    const reply = refused(authentication, 200, "declined", refusal);
    if (state === "authenticated") {
      book.pages.settle(tid, "declined");
      notifier.approval(authentication, reply.body);
    }
    return reply;
  }
  const { mid, oid, price } = link;
  book.approve({ mid, oid, payType: authentication.method, price, tid, ...cardOf(authentication) });
  if (link.reserved.useescrow === "Y" && authentication.method !== "hpp") book.purchases.open(tid);
  book.pages.settle(tid, "approved");
  const body = result(authentication, book);
  notifier.approval(authentication, body);
  return { ...about(authentication), status: 200, outcome: "committed", resultCode: "00", body };
}

function whyDeclined({ state, declines: isMeant, link }: Authentication, book: Book, rules: Rules) {
  if (state === "declined" || isMeant) {
    return testCards.find((card) => card.decline?.code === "2101")?.decline?.ko ?? declines.cannotApprove.ko;
  }
  const isTaken = rules.duplicateOid === "refuse" && book.hasOid(link.mid, link.oid);
  return isTaken ? declines.duplicateOid.ko : undefined;
}

function result(authentication: Authentication, book: Book): Readonly<Record<string, string>> {
  const { tid, link, details, buyerName, method } = authentication;
  const transaction = book.find(tid);
  if (!transaction) throw new Error("the book lost an approved payment");
  const { P_TYPE = "", ...rest } = details;
  return {
    P_STATUS: "00",
    P_TID: tid,
    P_TYPE,
    P_AUTH_DT: formatKoreanTime(new Date(transaction.approvedAt)),
    P_MID: link.mid,
    P_OID: link.oid,
    P_AMT: String(transaction.price),
    P_UNAME: buyerName,
    P_RMESG1: "정상 처리되었습니다",
    P_NOTI: notiOf(link),
    ...rest,
    ...(method === "card" && { P_AUTH_NO: transaction.applNum }),
  };
}

function refused(
  authentication: Authentication,
  status: number,
  outcome: "declined" | "rejected",
  message: string,
): GatewayReply {
  const { P_TYPE = "" } = authentication.details;
  return {
    ...about(authentication),
    status,
    outcome,
    resultCode: "01",
    body: {
      P_STATUS: "01",
      P_TID: authentication.tid,
      P_TYPE,
      P_RMESG1: message,
      P_NOTI: notiOf(authentication.link),
    },
  };
}

function about({ tid, link }: Authentication) {
  return { tid, oid: link.oid };
}

function cardOf({ method, details }: Authentication): { cardLast4?: string; isWhole?: true } {
  if (method !== "card") return {};
  const cardLast4 = details.P_CARD_NUM?.slice(-4) ?? "";
  return details.P_CARD_PRTC_CODE === "0" ? { cardLast4, isWhole: true } : { cardLast4 };
}
