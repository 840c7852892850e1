import {
  buyer,
  card,
  cardQuota,
  goodsName,
  mid,
  oid,
  passwd,
  price,
  quotaInterest,
  registNo,
  signature,
  tax,
  taxfree,
  timestamp,
} from "./common-fields.js";
import { applNum, approvedAt, newTid, paidPrice } from "./common-replies.js";
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
    ...card,
    registNo,
    passwd,
    cardQuota,
    quotaInterest,
    oid,
    price,
    tax,
    taxfree,
    goodsName,
    ...buyer,
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "oid", "price", "timestamp"],
  reply: {
    approvedAt,
    price: paidPrice,
    tid: newTid,
    applNum,
  },
  success: { code: "00", needs: ["tid"], echoes: { price: "price" } },
});

/** Looks up a card's issuer by the first six digits of its number. */
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
});
