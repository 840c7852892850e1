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
  unescapeBytes,
} from "../notifications/form.js";
import { type PagePayType, payTypeOf } from "../notifications/notification.js";
import { successCodes } from "../operations/index.js";
import { maskCardNumbers } from "../secret.js";
import type { TransportReply } from "../transport/transport.js";

/** The values that the reply must match. */
export interface AskedOrder {
  readonly mid: string;
  readonly oid: string;
  readonly price: number;
}

/** An approved payment. */
export interface PageApproval {
  readonly resultCode: string;
  /** The gateway's message, for display only. */
  readonly resultMessage: string;
  /** The payment's transaction id, for cancels. */
  readonly tid: string;
  readonly oid: string;
  /** The paid amount, equal to the order's, in won. */
  readonly price: number;
  /** The payment method, if the gateway names a known one. */
  readonly payType?: Exclude<PagePayType, "vbank"> | undefined;
  readonly approvedAt?: Date | undefined;
  readonly applNum?: string | undefined;
  /** The card's issuer, a code of `banksAndIssuers`. */
  readonly issuerCode?: string | undefined;
  /** The card company or bank, a code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
  readonly buyerName: string;
  /** Every field of the reply as received, by the gateway's names; card numbers are `Secret`s. */
  readonly raw: Readonly<Record<string, unknown>>;
}

type Fail = (details: Omit<PayApiErrorDetails, "operation">) => PayApiError;

/**
 * Parses the reply of P_REQ_URL: `name=value` pairs, not URL-encoded, split at the first `=`.
 *
 * The request has no amount and no order, so the reply must name both; otherwise it could belong to another, cheaper payment.
 * A P_STATUS that means success elsewhere at the gateway (`successCodes`) proves nothing.
 *
 * @throws PayApiError `refused`, `moved` or `unknown`
 */
export function readPageReply(reply: TransportReply, asked: AskedOrder, charset: Charset): PageApproval {
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
  const form = splitForm(trimAscii(reply.body), "none");
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
  if (successCodes.has(resultCode)) {
    const message = `P_STATUS ${resultCode} with HTTP ${status} proves neither success nor failure; an approval has 00 and HTTP 200.`;
    throw fail({ code: "result-unproven", message, resultCode, resultMessage });
  }
  throw fail({
    code: "refused",
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
  const tid = word("P_TID");
  const price = /^[1-9]\d{0,9}$/.test(text("P_AMT")) ? Number(text("P_AMT")) : undefined;
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
  const payType = payTypeOf(text("P_TYPE"));
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
    issuerCode: word("P_CARD_ISSUER_CODE"),
    bankCode: word("P_FN_CD1"),
    buyerName: readDisplayText(form.get("P_UNAME"), charset),
    raw: Object.fromEntries(readFields(form, charset)),
  };
}

// Whether the page escapes values is not documented; an order number with a % or + in it is the same either way.
function isOid(bytes: Uint8Array | undefined, oid: string): boolean {
  if (bytes === undefined) return false;
  return [bytes, unescapeBytes(bytes)].some((variant) => decodeText(variant, "utf-8") === oid);
}

function textOf(form: FormBytes, name: string): string {
  const bytes = form.get(name);
  return bytes === undefined ? "" : decodeText(bytes, "utf-8");
}

function trimAscii(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.byteLength;
  while (start < end && (bytes[start] ?? 0) <= 0x20) start += 1;
  while (end > start && (bytes[end - 1] ?? 0) <= 0x20) end -= 1;
  return bytes.subarray(start, end);
}
