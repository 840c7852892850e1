import type { Book } from "../book/book.js";
import type { PaymentLink } from "../book/payment-links.js";
import type { PayMethod } from "../gateway/pay-methods.js";
import { banks, cardCompanies, carriers, institutionOf } from "../gateway/pay-methods.js";
import { notiOf } from "../notifications/notifications.js";
import type { Notifier } from "../notifications/notifier.js";
import { formatKoreanTime } from "../time/korean-time.js";
import { offeredInstallments } from "./methods.js";

type Fields = Readonly<Record<string, string>>;

/** The buyer's form. */
export type Choice = ReadonlyMap<string, string>;

/** The buyer did not get through: the link can be tried again. */
export function failed(link: PaymentLink, message: string): Fields {
  return { P_STATUS: "01", P_RMESG1: message, P_NOTI: notiOf(link) };
}

/** The buyer takes a virtual account: no approval follows, and no money yet. */
export function takeAccount(
  link: PaymentLink,
  choice: Choice,
  { book, notifier }: { readonly book: Book; readonly notifier: Notifier },
): Fields {
  const bank = institutionOf(banks, choice.get("vbankBank"));
  const { mid, oid, price } = link;
  const account = book.vaults.issue(
    {
      tid: book.newTid(),
      mid,
      oid,
      price,
      bankCode: bank.code,
      holder: "샌드박스",
      buyerName: buyerNameOf(choice),
    },
    link,
  );
  book.pages.use(link);
  notifier.accountIssued(account);
  const due = formatKoreanTime(new Date(account.dueAt));
  return {
    P_STATUS: "00",
    P_RMESG1: "가상계좌가 발급되었습니다",
    P_TID: account.tid,
    P_TYPE: "VBANK",
    P_MID: mid,
    P_OID: oid,
    P_AMT: String(price),
    P_NOTI: notiOf(link),
    P_VACT_NUM: account.number,
    P_VACT_DATE: due.slice(0, 8),
    P_VACT_TIME: due.slice(8),
    P_VACT_NAME: account.holder,
    P_VACT_BANK_CODE: bank.code,
  };
}

/** The buyer authenticates. The merchant's server must then request the approval at P_REQ_URL; until then no money moves. */
export function authenticate(
  link: PaymentLink,
  method: PayMethod,
  choice: Choice,
  context: { readonly book: Book; readonly origin: string; readonly declines: boolean },
): Fields {
  const { book, origin, declines } = context;
  const authentication = book.pages.authenticate({
    tid: book.newTid(),
    link,
    method: method.payType,
    details: detailsOf(method, link, choice),
    buyerName: buyerNameOf(choice),
    declines,
  });
  return {
    P_STATUS: "00",
    P_RMESG1: "인증이 완료되었습니다",
    P_TID: authentication.tid,
    P_REQ_URL: `${origin}/smart/a/${authentication.token}`,
    // The guide has it for some methods only, so merchants must not count on it.
    ...(method.payType === "card" && { P_AMT: String(link.price) }),
    P_NOTI: notiOf(link),
  };
}

/** The approval's values about the payment method. */
function detailsOf(method: PayMethod, link: PaymentLink, choice: Choice): Fields {
  switch (method.payType) {
    case "card": {
      const company = institutionOf(cardCompanies, choice.get("company"));
      const months = offeredInstallments(link);
      const quota = months.find((month) => month === choice.get("quota")) ?? months[0] ?? "00";
      return {
        P_TYPE: company.isp ? "ISP" : "CARD",
        P_RMESG2: quota,
        P_CARD_NUM: "411111******1111",
        P_CARD_ISSUER_CODE: company.code,
        P_CARD_PRTC_CODE: "1",
        P_FN_CD1: company.code,
        P_FN_NM: company.ko,
      };
    }
    case "bank": {
      const bank = institutionOf(banks, choice.get("transferBank"));
      return { P_TYPE: method.type, P_FN_CD1: bank.code, P_FN_NM: bank.ko };
    }
    default: {
      const carrier = institutionOf(carriers, choice.get("carrier"));
      return { P_TYPE: method.type, P_FN_CD1: carrier.code, P_FN_NM: carrier.ko };
    }
  }
}

/** A name that can stand in name=value pairs. */
function buyerNameOf(choice: Choice): string {
  const name = (choice.get("buyer") ?? "").replace(/[\p{Cc}&=]/gu, "").trim();
  return [...name].slice(0, 30).join("") || "홍길동";
}
