import { actingName, clientIp, mid, oid, originalTid, signature, tid, timestamp } from "./common-fields.js";
import { defineOperation } from "./define.js";

const name = { size: null, required: true, codec: "text" } as const;
const optionalName = { ...name, required: false } as const;

const processedAt = (date: string, time: string) =>
  ({ codec: "korean-time", wire: ["ResultDate", "ResultTime"], ko: [date, time], size: [8, 6] }) as const;

// Only 6.1 to 6.4 succeed with this code; 6.5 has the common one.
const success = { code: "310000", needs: [], echoes: {} } as const;

/** Registers the delivery of an escrow order, or changes it. */
export const registerDelivery = defineOperation({
  section: "6.1",
  name: "escrow.registerDelivery",
  ko: "에스크로 배송등록",
  path: "/escrow/delivery",
  effect: "changes-state",
  request: {
    mid,
    clientIp,
    tid,
    oid: { ...oid, ko: "주문번호" },
    soid: { ko: "주문번호 순번", size: 2, required: true, codec: "word" },
    report: {
      ko: "에스크로등록형태",
      size: 1,
      required: true,
      codec: "choice",
      choices: { register: "I", change: "U" },
    },
    invoice: { ...name, ko: "운송장번호" },
    registName: { ...name, ko: "배송등록자" },
    exCode: { ko: "택배사코드", size: null, required: true, codec: "word" },
    exName: { ...name, ko: "택배사명" },
    charge: {
      ko: "배송비지급",
      size: 1,
      required: true,
      codec: "choice",
      choices: { seller: "S", buyer: "B" },
    },
    invoiceDay: { ko: "배송등록 확인일자", size: null, required: true, codec: "korean-date" },
    sendName: { ...name, ko: "송신자 이름" },
    sendPost: { ko: "송신자 우편번호", size: null, required: true, codec: "digits" },
    sendAddr1: { ...name, ko: "송신자 주소1" },
    sendAddr2: { ...name, ko: "송신자 주소2" },
    sendTel: { ...name, ko: "송신자 전화번호" },
    recvName: { ...name, ko: "수신자 이름" },
    recvPost: { ko: "수신자 우편번호", size: 40, required: true, codec: "digits" },
    recvAddr: { ...name, ko: "수신자 주소" },
    recvTel: { ...name, ko: "수신자 전화번호" },
    goodsCode: { ...optionalName, ko: "상품코드" },
    goodsName: { ...optionalName, wire: "goods", ko: "상품명" },
    goodsCnt: { ko: "상품수량", size: null, required: false, codec: "count" },
    price: { ko: "가격", size: null, required: true, codec: "amount" },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "timestamp"],
  reply: { processedAt: processedAt("등록날짜", "등록시간") },
  success,
});

/** Confirms an escrow purchase for the buyer; the seller is paid. */
export const confirmPurchase = defineOperation({
  section: "6.2",
  name: "escrow.confirmPurchase",
  ko: "에스크로 구매확정",
  path: "/escrow/buyconfirm",
  effect: "changes-state",
  request: { mid, clientIp, tid: originalTid, buyName: actingName, timestamp, signature },
  signed: ["mid", "mkey", "timestamp"],
  reply: { processedAt: processedAt("구매확정날짜", "구매확정시간") },
  success,
});

/** Rejects an escrow purchase for the buyer. */
export const rejectPurchase = defineOperation({
  section: "6.3",
  name: "escrow.rejectPurchase",
  ko: "에스크로 구매거절",
  path: "/escrow/buydeny",
  effect: "changes-state",
  request: {
    mid,
    clientIp,
    tid: originalTid,
    buyName: actingName,
    denyMsg: { ...optionalName, ko: "구매거절 사유" },
    refundBankCode: { ko: "환불 은행 코드", size: 2, required: false, codec: "word" },
    refundAccount: { ko: "환불 계좌번호", size: 13, required: false, codec: "digits", secret: true },
    refundName: { ...name, ko: "환불 계좌주명" },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "timestamp"],
  reply: { processedAt: processedAt("구매거절날짜", "구매거절시간") },
  success,
});

/** Accepts the rejection of an escrow purchase for the seller; the buyer is refunded. */
export const confirmRejection = defineOperation({
  section: "6.4",
  name: "escrow.confirmRejection",
  ko: "에스크로 구매거절 확인",
  // The guide's first edition; a later one repeats the path of 6.3 here. A merchant can override it.
  path: "/escrow/denyconfirm",
  effect: "changes-state",
  request: { mid, clientIp, tid: originalTid, dcnfName: actingName, timestamp, signature },
  signed: ["mid", "mkey", "timestamp"],
  reply: { processedAt: processedAt("확인날짜", "확인시간") },
  success,
});

/** Reads the state of an escrow payment; the gateway's only inquiry. */
export const getStatus = defineOperation({
  section: "6.5",
  name: "escrow.getStatus",
  ko: "에스크로 상태조회",
  path: "/escrow/checkstatus",
  effect: "reads",
  request: { mid, clientIp, tid, timestamp, signature },
  signed: ["mid", "mkey", "timestamp"],
  reply: {
    mid: { wire: "idMerchant", ko: "가맹점ID", size: null, codec: "text" },
    oid: { wire: "noOid", ko: "주문번호", size: null, codec: "text" },
    tid: { wire: "noTid", ko: "거래ID", size: null, codec: "text" },
    status: {
      wire: "clStatus",
      ko: "거래상태",
      size: null,
      codec: "choice",
      // The notification's cl_status has another table: 2 and 10 mean something else there.
      choices: {
        "0": "approved",
        "1": "cancelled-same-day",
        "2": "cancelled-later",
        "3": "purchase-confirmed",
        "10": "purchase-rejected",
      },
    },
    approvedDate: { wire: "dtAppl", ko: "승인일자", size: null, codec: "text" },
    payMethod: {
      wire: "clPaymethod",
      ko: "지불수단코드",
      size: null,
      codec: "choice",
      choices: { "0": "card", "16": "bank", "17": "vbank" },
    },
    price: { wire: "price", ko: "가격", size: null, codec: "amount" },
    denyMsg: { wire: "msgDeny", ko: "구매거절사유", size: null, codec: "text" },
  },
  success: { code: "00", needs: [], echoes: {} },
});
