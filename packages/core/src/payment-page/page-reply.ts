import { readPriceText, unpadded } from "../as-meant.js";
import { refusalCode } from "../codes/setup-codes.js";
import { PayApiError, type PayApiErrorDetails } from "../errors.js";
import { parseKoreanTime } from "../korean-time.js";
import {
  type Charset,
  decodeText,
  type FormBytes,
  isFormProblem,
  readDisplayText,
  readFields,
  splitForm,
  trimBytes,
  unescapeBytes,
} from "../notifications/form.js";
import { type PagePayType, type PaidWith, paidWith, payTypeOf } from "../notifications/page-facts.js";
import { maskCardNumbers } from "../secret.js";
import type { TransportReply } from "../transport/transport.js";

/** The values that the reply must match. */
export interface AskedOrder {
  readonly mid: string;
  readonly oid: string;
  readonly price: number;
}

/** An approved payment. */
export interface PageApproval extends PaidWith {
  readonly resultCode: string;
  /** The gateway's message, for display only. */
  readonly resultMessage: string;
  /** The payment's transaction id, for cancels. */
  readonly tid: string;
  readonly oid: string;
  /** The paid amount, equal to the order's, in won. */
  readonly price: number;
  /** The payment method that was used (P_TYPE), if the gateway names a known one; cancels need it. */
  readonly payType?: Exclude<PagePayType, "vbank"> | undefined;
  readonly approvedAt?: Date | undefined;
  readonly applNum?: string | undefined;
  /** The phone company (P_HPP_CORP). */
  readonly phoneCompany?: string | undefined;
  /** Whether the payment can be cancelled in part (P_CARD_PRTC_CODE), if the gateway says so. */
  readonly partlyCancellable?: boolean | undefined;
  readonly buyerName: string;
  /** Every field of the reply as received, by the gateway's names; card numbers are `Secret`s. */
  readonly raw: Readonly<Record<string, unknown>>;
}

type Fail = (details: Omit<PayApiErrorDetails, "operation">) => PayApiError;

/**
 * Parses the reply of P_REQ_URL: `name=value` pairs, not URL-encoded, split at the first `=`. Values are read as they are meant, as in
 * notifications; a name that stands twice with the same value is one field.
 *
 * The request has no amount and no order, so the reply must name both; otherwise it could belong to another, cheaper payment.
 * A P_STATUS that means success elsewhere at the gateway proves nothing.
 *
 * @throws PayApiError `refused`, `moved` or `unknown`
 */
export function readPageReply(
  reply: TransportReply,
  asked: AskedOrder,
  {
    charset,
    isUnproven,
    setupCodes = [],
  }: {
    readonly charset: Charset;
    readonly isUnproven: (code: string) => boolean;
    readonly setupCodes?: readonly string[];
  },
): PageApproval {
  const { status } = reply;
  const fail: Fail = (details) =>
    new PayApiError({ operation: "page.approve", httpStatus: status, ...details });
  if (status >= 300 && status < 400) {
    throw fail({
      code: "redirected",
      message: `The page answered with HTTP ${status}; redirects are never followed.`,
    });
  }
  if (status !== 200 && (status < 400 || status >= 500)) {
    throw fail({
      code: "http-error",
      message: `HTTP ${status} proves nothing about the money; the outcome is unknown.`,
    });
  }
  const form = splitForm(trimBytes(reply.body), "none");
  const resultCode = isFormProblem(form) ? "" : textOf(form, "P_STATUS");
  if (isFormProblem(form) || !/^[A-Za-z0-9_-]{1,20}$/.test(resultCode)) {
    throw fail({
      code: "reply-invalid",
      message: "The payment page's reply is not a list of name=value pairs with a P_STATUS.",
    });
  }
  const resultMessage = readDisplayText(form.get("P_RMESG1"), charset);
  if (resultCode === "00" && status === 200) {
    return readApproval(form, asked, { resultCode, resultMessage }, charset, fail);
  }
  if (isUnproven(resultCode)) {
    const message = `P_STATUS ${resultCode} with HTTP ${status} proves neither success nor failure; an approval has 00 and HTTP 200.`;
    throw fail({ code: "result-unproven", message, resultCode, resultMessage });
  }
  throw fail({
    code: refusalCode(resultCode, { httpStatus: status, furtherCodes: setupCodes }, () => false),
    message: `The gateway refused: ${resultCode} ${resultMessage}`.trim(),
    resultCode,
    resultMessage,
  });
}

function readApproval(
  form: FormBytes,
  asked: AskedOrder,
  result: { resultCode: string; resultMessage: string },
  charset: Charset,
  fail: Fail,
): PageApproval {
  const text = (name: string) => textOf(form, name);
  const word = (name: string) => (/^[\x21-\x7e]{1,40}$/.test(text(name)) ? text(name) : undefined);
  const code = (name: string) => word(name)?.toUpperCase();
  const tid = word("P_TID");
  const price = readPriceText(text("P_AMT"));
  const payType = payTypeOf(text("P_TYPE"));
  const partly = text("P_CARD_PRTC_CODE") || text("P_PRTC_CODE");
  const partlyCancellable = partly === "1" ? true : partly === "0" ? false : undefined;
  const paidAt = text("P_AUTH_DT");
  const approvedAt = parseKoreanTime(paidAt.slice(0, 8), paidAt.slice(8));
  const authNo = word("P_AUTH_NO");
  const applNum = authNo === undefined ? undefined : maskCardNumbers(authNo);
  // Resolving a contradictory success needs all values of the reply.
  const facts = { ...result, tid, price, applNum, at: approvedAt };
  const incomplete = (name: string) => {
    const message = `The gateway reports success, but its reply has no usable ${name}.`;
    return fail({ code: "success-incomplete", message, ...facts });
  };
  const differs = (name: string) => {
    const message = `The gateway reports success, but its ${name} does not match the order.`;
    return fail({ code: "success-mismatch", message, ...facts });
  };
  for (const name of ["P_OID", "P_AMT", "P_MID"]) if (text(name) === "") throw incomplete(name);
  if (!isOid(form.get("P_OID"), asked.oid)) throw differs("P_OID");
  if (price !== asked.price) throw differs("P_AMT");
  if (text("P_MID") !== asked.mid) throw differs("P_MID");
  // A virtual account is issued without money, and never here.
  if (payType === "vbank") throw differs("P_TYPE");
  if (tid === undefined) throw incomplete("P_TID");
  return {
    ...result,
    tid,
    oid: asked.oid,
    price,
    payType,
    approvedAt,
    applNum,
    ...paidWith(payType, { fnCode: code("P_FN_CD1"), issuerCode: code("P_CARD_ISSUER_CODE") }),
    phoneCompany: code("P_HPP_CORP"),
    partlyCancellable,
    buyerName: readDisplayText(form.get("P_UNAME"), charset),
    raw: Object.fromEntries(readFields(form, charset)),
  };
}

// Whether the page escapes values is not documented; an order number with a % or + in it is the same either way.
export function isOid(bytes: Uint8Array | undefined, oid: string): boolean {
  if (bytes === undefined) return false;
  return [bytes, unescapeBytes(bytes)].some((variant) => unpadded(decodeText(variant, "utf-8")) === oid);
}

function textOf(form: FormBytes, name: string): string {
  const bytes = form.get(name);
  return bytes === undefined ? "" : unpadded(decodeText(bytes, "utf-8"));
}
