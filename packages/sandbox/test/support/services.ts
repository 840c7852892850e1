import vectors from "../fixtures/vectors.json" with { type: "json" };
import { encrypt, type Form, koreanNow, post, type Reply, sign } from "./merchant.js";

/** Paths of the services, as the guide has them. */
export const servicePaths = {
  issueKey: "/billing/billkey/card",
  issueKeyWithoutAuthentication: "/noauth/billkey/card",
  charge: "/billing/billpay",
  deleteKey: "/billing/billkey/delete",
  chargeMobile: "/billing/hppbillpay",
  registerDelivery: "/escrow/delivery",
  confirmPurchase: "/escrow/buyconfirm",
  rejectPurchase: "/escrow/buydeny",
  confirmRejection: "/escrow/denyconfirm",
  getStatus: "/escrow/checkstatus",
  createLink: "/smspay/makeUrl",
} as const;

/** Signs the named fields between mkey and timestamp, as the guide orders them. */
export function signed(fields: Form, names: readonly string[] = []): Form {
  const form: Form = { mid: vectors.mid, timestamp: koreanNow(), ...fields };
  const pairs = names.map((name): [string, string] => [name, form[name] ?? ""]);
  const signature = sign({
    mid: form.mid ?? "",
    ...Object.fromEntries(pairs),
    timestamp: form.timestamp ?? "",
  });
  return { ...form, signature };
}

/** The card number is signed in the clear and sent encrypted. */
export function keyForm(card = "4111111111111111", more: Form = {}): Form {
  const clear = signed(
    { cardExpireYY: "49", cardExpireMM: "12", buyerName: "홍길동", cardNumber: card, ...more },
    ["cardNumber"],
  );
  return { ...clear, cardNumber: encrypt(card) };
}

/** What 3.1 asks for besides. */
export const identity = { registNo: encrypt("880101"), passwd: encrypt("12"), etc: "" };

export function chargeForm(oid: string, billkey: string, price = "15000", more: Form = {}): Form {
  return signed({ oid, price, billkey, buyerName: "홍길동", ...more }, ["oid", "price"]);
}

/** Issues a card's key without authentication. */
export async function issueKey(url: string, card?: string): Promise<string> {
  const { json } = await post(url, servicePaths.issueKeyWithoutAuthentication, keyForm(card));
  if (!json.Billkey) throw new Error(`no key: ${json.ResultCode}`);
  return json.Billkey;
}

export const clientIp = "203.0.113.7";

export function deliveryForm(tid: string, oid: string, more: Form = {}): Form {
  return signed({
    clientIp,
    tid,
    oid,
    soid: "1",
    report: "I",
    invoice: "1234567890",
    registName: "담당자",
    exCode: "cjgls",
    exName: "CJ대한통운",
    charge: "S",
    invoiceDay: "20261121",
    sendName: "가게",
    sendPost: "06236",
    sendAddr1: "서울시 강남구",
    sendAddr2: "1층",
    sendTel: "02-000-0000",
    recvName: "홍길동",
    recvPost: "03187",
    recvAddr: "서울시 종로구",
    recvTel: "010-0000-0000",
    price: "15000",
    ...more,
  });
}

export const deliver = (url: string, tid: string, oid: string, more: Form = {}): Promise<Reply> =>
  post(url, servicePaths.registerDelivery, deliveryForm(tid, oid, more));
export const confirm = (url: string, originalTid: string): Promise<Reply> =>
  post(url, servicePaths.confirmPurchase, signed({ clientIp, originalTid, buyName: "홍길동" }));
export const rejectForm = (originalTid: string): Form =>
  signed({ clientIp, originalTid, buyName: "홍길동", refundName: "홍길동", denyMsg: "단순 변심" });
export const reject = (url: string, originalTid: string): Promise<Reply> =>
  post(url, servicePaths.rejectPurchase, rejectForm(originalTid));
export const acceptRejection = (
  url: string,
  originalTid: string,
  path: string = servicePaths.confirmRejection,
) => post(url, path, signed({ clientIp, originalTid, dcnfName: "담당자" }));
export const statusOf = (url: string, tid: string): Promise<Reply> =>
  post(url, servicePaths.getStatus, signed({ clientIp, tid }));

/** What each method needs in P_RESERVED. */
export const cardOptions = "twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N";
export const bankOptions = "twotrs_bank=Y&apprun_check=Y";

export function linkForm(oid: string, more: Form = {}): Form {
  return signed(
    {
      payType: "card",
      P_GOODS: "머그컵",
      P_OID: oid,
      P_AMT: "15000",
      P_RETURN_URL: "http://127.0.0.1:1/return",
      P_NEXT_URL: "http://127.0.0.1:1/next",
      P_RESERVED: cardOptions,
      ...(more.payType === "hpp" && { P_HPP_METHOD: "2" }),
      ...more,
    },
    ["P_OID", "P_AMT"],
  );
}

/** Makes a payment link. */
export async function createLink(url: string, oid: string, more: Form = {}): Promise<string> {
  const { json } = await post(url, servicePaths.createLink, linkForm(oid, more));
  if (!json.MsgSend) throw new Error(`no link: ${json.ResultCode} ${json.ResultMsg}`);
  return json.MsgSend;
}
