import type { Transaction } from "../book/book.js";
import type { Authentication } from "../book/payment-links.js";
import type { VirtualAccount } from "../book/virtual-accounts.js";
import { banks, institutionOf, payMethodOf } from "../gateway/pay-methods.js";
import { formatKoreanTime } from "../time/korean-time.js";
import type { ApprovalResult, DepositFacts, EscrowEvent } from "./notifier.js";

/** A notification's fields, in the order in which they are sent. */
export type Fields = Readonly<Record<string, string>>;

/** The mobile result of an approval: what P_REQ_URL answered, and how the gateway names a failure. */
export function approvalFields({ tid, link }: Authentication, result: ApprovalResult): Fields {
  // The guide gives the possibility of partial cancels another name here than in the reply.
  const { P_CARD_PRTC_CODE, ...rest } = result;
  const partly = P_CARD_PRTC_CODE === undefined ? {} : { P_PRTC_CODE: P_CARD_PRTC_CODE };
  return { ...rest, ...partly, P_TID: tid, P_MID: link.mid, P_OID: link.oid, P_AMT: String(link.price) };
}

/** The mobile result of a virtual account: `00` when it was issued, `02` when the money arrived. */
export function accountFields(
  account: VirtualAccount,
  event: { readonly status: "00" | "02"; readonly at: Date; readonly price: number; readonly noti: string },
): Fields {
  const due = formatKoreanTime(new Date(account.dueAt));
  return {
    P_STATUS: event.status,
    P_TID: account.tid,
    P_TYPE: "VBANK",
    P_AUTH_DT: formatKoreanTime(event.at),
    P_MID: account.mid,
    P_OID: account.oid,
    P_AMT: String(event.price),
    P_UNAME: account.buyerName,
    // The account stands in no field of its own in notifications.
    P_RMESG1: `P_VACCT_NO=${account.number}|P_EXP_DT=${due.slice(0, 8)}`,
    P_NOTI: event.noti,
    P_FN_CD1: account.bankCode,
    P_FN_NM: institutionOf(banks, account.bankCode).ko,
  };
}

/** A deposit to a virtual account of the PC window, or its reversal. */
export function depositFields(
  account: VirtualAccount,
  event: "deposit" | "reversal",
  { price, payer, payingBank }: DepositFacts,
  at: Date,
): Fields {
  const time = formatKoreanTime(at);
  return {
    no_tid: account.tid,
    no_oid: account.oid,
    cd_bank: account.bankCode,
    cd_deal: payingBank,
    dt_trans: time.slice(0, 8),
    tm_trans: time.slice(8),
    no_vacct: account.number,
    amt_input: String(price),
    type_msg: event === "deposit" ? "0200" : "0400",
    nm_input: payer,
  };
}

/** A change of an escrow purchase. */
export function escrowFields(
  transaction: Transaction,
  event: EscrowEvent,
  details: { readonly denyMsg?: string; readonly partial?: { readonly tid: string; readonly price: number } },
  at: Date,
): Fields {
  const { partial, denyMsg } = details;
  return {
    id_merchant: transaction.mid,
    no_oid: transaction.oid,
    no_tid: partial?.tid ?? transaction.tid,
    cl_status: event,
    dt_req: formatKoreanTime(at),
    cl_paymethod: payMethodOf(transaction.payType)?.escrowCode ?? "0",
    price: String(partial?.price ?? transaction.price),
    ...(denyMsg !== undefined && { msg_deny: denyMsg }),
    ...(partial && { tid_org: transaction.tid }),
  };
}
