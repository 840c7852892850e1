import { currency, mid, payType, signature, tax, taxfree, tid, timestamp } from "./common-fields.js";
import { cancelledAt, merchantId, originalTid } from "./common-replies.js";
import { defineOperation } from "./define.js";

/** Cancels a payment in full, if no part of it was cancelled before. */
export const cancel = defineOperation({
  section: "2.1",
  name: "payments.cancel",
  ko: "전체취소",
  path: "/cancel/cancel",
  effect: "moves-money",
  request: {
    payType,
    mid,
    tid,
    price: { ko: "취소 금액", size: 22, required: true, codec: "amount" },
    currency,
    timestamp,
    signature,
    cancelType: {
      ko: "망취소옵션",
      size: 1,
      required: false,
      codec: "choice",
      choices: { "net-cancel": "C" },
    },
  },
  signed: ["mid", "mkey", "timestamp"],
  reply: {
    mid: merchantId,
    tid: originalTid,
    oid: { wire: "Moid", ko: "주문번호", size: 64, codec: "text" },
    price: { wire: "Price", ko: "취소 금액", size: 22, codec: "amount" },
    cancelledAt,
  },
  success: { code: "00", needs: ["tid"], echoes: { price: "price", tid: "tid" } },
});

/** Cancels a part of a payment, also the rest of a partly cancelled payment. */
export const cancelPartially = defineOperation({
  section: "2.2",
  name: "payments.cancelPartially",
  ko: "부분취소",
  path: "/cancel/repay",
  effect: "moves-money",
  request: {
    payType,
    mid,
    tid,
    cancelPrice: { ko: "부분 취소 금액", size: 22, required: true, codec: "amount" },
    confirmPrice: { ko: "취소 후남은 금액", size: 22, required: true, codec: "amount-or-zero" },
    currency,
    tax,
    taxfree,
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "timestamp"],
  reply: {
    mid: merchantId,
    tid: originalTid,
    cancelTid: { wire: "C_Tid", ko: "취소거래ID", size: 22, codec: "text" },
    price: { wire: "Price", ko: "부분 취소 금액", size: 22, codec: "amount" },
    remainingPrice: { wire: "RmainPrice", ko: "취소 후 남은 금액", size: 22, codec: "amount" },
    cancelledAt,
  },
  success: {
    code: "00",
    needs: ["tid"],
    echoes: { price: "cancelPrice", remainingPrice: "confirmPrice", tid: "tid" },
  },
});
