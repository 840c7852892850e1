import {
  billkey,
  buyer,
  card,
  cardQuota,
  etc,
  goodsName,
  mid,
  oid,
  optionalPrice,
  passwd,
  payPeriodCode,
  price,
  quotaInterest,
  registNo,
  signature,
  tax,
  taxfree,
  timestamp,
} from "./common-fields.js";
import {
  applNum,
  cardResultCode,
  issuedAt,
  issuedKey,
  issueTid,
  newTid,
  paidPrice,
} from "./common-replies.js";
import { defineOperation } from "./define.js";

/** Issues a billing key for a card, after the issuer checked birth date and PIN. */
export const issueKey = defineOperation({
  section: "3.1",
  name: "billing.issueKey",
  ko: "빌키 발급 (인증)",
  path: "/billing/billkey/card",
  effect: "changes-state",
  request: {
    mid,
    goodsName,
    price: optionalPrice,
    ...buyer,
    ...card,
    registNo: { ...registNo, required: true },
    passwd: { ...passwd, required: true },
    payPeriodCode,
    etc: { ...etc, required: true, default: "" },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "cardNumber", "timestamp"],
  reply: {
    cardResultCode,
    cardKind: {
      wire: "CardKind",
      ko: "카드종류",
      size: 1,
      codec: "choice",
      choices: { "0": "personal", "1": "corporate", "9": "other" },
    },
    billkey: issuedKey,
    price: paidPrice,
    issuedAt,
    tid: issueTid,
  },
  success: { code: "00", needs: ["billkey"], echoes: { price: "price" } },
});

/** Issues a billing key for a card without asking for birth date and PIN. */
export const issueKeyWithoutAuthentication = defineOperation({
  section: "3.2",
  name: "billing.issueKeyWithoutAuthentication",
  ko: "빌키 발급 (비인증)",
  path: "/noauth/billkey/card",
  effect: "changes-state",
  request: {
    mid,
    goodsName,
    price: optionalPrice,
    ...buyer,
    ...card,
    payPeriodCode,
    etc,
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "cardNumber", "timestamp"],
  reply: { cardResultCode, billkey: issuedKey, price: paidPrice, issuedAt, tid: issueTid },
  success: { code: "00", needs: ["billkey"], echoes: { price: "price" } },
});

const charged = {
  approvedAt: {
    codec: "korean-time",
    wire: ["PayDate", "PayTime"],
    ko: ["빌링승인날짜", "빌링승인시간"],
    size: [8, 6],
  },
  price: paidPrice,
  tid: newTid,
} as const;

/** Charges a card through its billing key. */
export const charge = defineOperation({
  section: "3.3",
  name: "billing.charge",
  ko: "빌링 승인",
  path: "/billing/billpay",
  effect: "moves-money",
  request: {
    mid,
    oid,
    goodsName,
    price,
    tax,
    taxfree,
    ...buyer,
    billkey,
    cardQuota: { ...cardQuota, required: false },
    quotaInterest: { ...quotaInterest, required: false },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "oid", "price", "timestamp"],
  reply: { ...charged, applNum },
  success: { code: "00", needs: ["tid"], echoes: { price: "price" } },
});

/** Deletes a card's billing key. Keys of mobile phones cannot be deleted. */
export const deleteKey = defineOperation({
  section: "3.4",
  name: "billing.deleteKey",
  ko: "빌키 삭제",
  path: "/billing/billkey/delete",
  effect: "changes-state",
  request: { mid, billkey, timestamp, signature },
  signed: ["mid", "mkey", "timestamp"],
  reply: {},
  success: { code: "00", needs: [], echoes: {} },
});

/**
 * Charges a mobile phone through its billing key, which only the payment window issues. Allowed once a month, within five
 * days of the day of issue, with the amount of issue.
 */
export const chargeMobile = defineOperation({
  section: "3.5",
  name: "billing.chargeMobile",
  ko: "휴대폰 빌링 승인",
  path: "/billing/hppbillpay",
  effect: "moves-money",
  request: { mid, oid, goodsName, price, ...buyer, billkey, timestamp, signature },
  signed: ["mid", "mkey", "oid", "price", "timestamp"],
  reply: charged,
  success: { code: "00", needs: ["tid"], echoes: { price: "price" } },
});
