import {
  buyerEmail,
  buyerName,
  buyerTel,
  cardExpireMM,
  cardExpireYY,
  cardNumber,
  cardQuota,
  goodsName,
  mid,
  oid,
  quotaInterest,
  signature,
  tax,
  taxfree,
  timestamp,
} from "./common-fields.js";
import { approvedAt, paidPrice } from "./common-replies.js";
import { defineOperation } from "./define.js";

/** Keyed-in card approval: the card's number goes through the merchant's own server. */
export const approve = defineOperation({
  section: "4.1",
  name: "cards.approve",
  ko: "수기결제 승인",
  path: "/noauth/pay/card",
  effect: "moves-money",
  request: {
    mid,
    cardNumber,
    cardExpireYY,
    cardExpireMM,
    registNo: {
      ko: "생년월일",
      size: 20,
      required: false,
      codec: "regist-no",
      encrypted: true,
      secret: true,
    },
    passwd: { ko: "비밀번호", size: 2, required: false, codec: "two-digits", encrypted: true, secret: true },
    cardQuota,
    quotaInterest,
    oid,
    price: { ko: "금액", size: 10, required: true, codec: "amount" },
    tax,
    taxfree,
    goodsName,
    buyerName,
    buyerTel,
    buyerEmail,
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "oid", "price", "timestamp"],
  reply: {
    approvedAt,
    price: paidPrice,
    tid: { wire: "tid", ko: "거래ID", size: 40, codec: "text" },
    applNum: { wire: "ApplNum", ko: "승인번호", size: 10, codec: "text" },
  },
  success: { code: "00", needs: ["tid"], echoes: { price: "price" } },
  unprovenCodes: [],
});

/** Who issued a card, from the first six digits of its number. */
export const lookupPrefix = defineOperation({
  section: "5.1",
  name: "cards.lookupPrefix",
  ko: "카드 BIN 조회",
  path: "/search/card/prefix",
  effect: "reads",
  request: {
    mid,
    cardNumber: { ko: "카드번호", size: 6, required: true, codec: "card-prefix" },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "cardNumber", "timestamp"],
  reply: {
    cardCode: { wire: "CardCode", ko: "카드코드", size: 2, codec: "text" },
    cardType: {
      wire: "CardType",
      ko: "카드종류",
      size: 1,
      codec: "choice",
      choices: { "0": "credit", "1": "debit", "2": "gift" },
    },
    cardName: { wire: "CardName", ko: "카드명", size: null, codec: "text" },
  },
  success: { code: "00", needs: [], echoes: {} },
  unprovenCodes: [],
});
