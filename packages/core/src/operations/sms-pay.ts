import { mid, payType, signature, timestamp } from "./common-fields.js";
import { defineOperation } from "./define.js";

const url = { size: 100, required: true, codec: "merchant-url" } as const;

/** Creates a link to the gateway's payment page, valid for 72 hours. */
export const createLink = defineOperation({
  section: "7.1",
  name: "smsPay.createLink",
  ko: "SMS 결제 링크 생성",
  path: "/smspay/makeUrl",
  effect: "changes-state",
  request: {
    mid,
    payType: { ...payType, size: 5 },
    goodsName: { wire: "P_GOODS", ko: "상품명", size: 40, required: true, codec: "text", pageText: true },
    oid: { wire: "P_OID", ko: "상점주문번호", size: 30, required: true, codec: "ascii", pageText: true },
    price: { wire: "P_AMT", ko: "승인금액", size: 9, required: true, codec: "amount" },
    hppMethod: {
      wire: "P_HPP_METHOD",
      ko: "휴대폰 결제 상품유형",
      size: 1,
      required: false,
      codec: "choice",
      requiredForPayType: "hpp",
      choices: { "digital-content": "1", "physical-goods": "2" },
    },
    quotaBase: {
      wire: "P_QUOTABASE",
      ko: "신용카드 할부기간 지정",
      size: 100,
      required: false,
      codec: "installment-list",
    },
    notiUrl: { ...url, wire: "P_NOTI_URL", ko: "노티결과수신", required: false },
    returnUrl: { ...url, wire: "P_RETURN_URL", ko: "승인결과수신" },
    nextUrl: { ...url, wire: "P_NEXT_URL", ko: "인증결과수신" },
    reserved: { wire: "P_RESERVED", ko: "복합파리미터", size: 300, required: true, codec: "page-options" },
    charset: {
      wire: "P_CHARSET",
      ko: "인증/승인 결과 캐릭터셋",
      size: 6,
      required: false,
      codec: "choice",
      // No other value is allowed; without one, results are in EUC-KR.
      choices: { "utf-8": "utf8" },
    },
    timestamp,
    signature,
  },
  signed: ["mid", "mkey", "oid", "price", "timestamp"],
  reply: { url: { wire: "MsgSend", ko: "결제URL", size: 50, codec: "text" } },
  success: { code: "00", needs: ["url"], echoes: {} },
});
