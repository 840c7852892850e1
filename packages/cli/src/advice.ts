import type { Text } from "./text.js";

export const noSuchOrder: Text = {
  en: "This order has no payment attempt.",
  ko: "이 주문의 결제 시도가 없습니다.",
};

/** The reason why an order with an unknown call is locked. Nothing was done. */
export const outcomeUnknown: Text = {
  en: "The outcome of an earlier call is unknown, so the order is locked. Look its oid up in the gateway's console (`payapi orders <orderId>`), then use `payapi resolve`.",
  ko: "이전 요청의 결과를 확인하지 못해 주문이 잠겨 있습니다. `payapi orders <주문번호>`의 oid를 결제사 관리자 화면에서 확인한 뒤 `payapi resolve`를 사용하세요.",
};

export const notReached: Text = {
  en: "The gateway was not reached; nothing was sent. You can try again.",
  ko: "결제사에 연결하지 못해 전송되지 않았습니다. 다시 시도할 수 있습니다.",
};

/** The call was not marked as sending. */
export const notMarked: Text = {
  en: "The ledger's database did not record in time that the call is about to be sent, so nothing was sent. `payapi doctor` checks the database. You can try again.",
  ko: "원장 데이터베이스에 전송 표시를 제때 기록하지 못해 전송되지 않았습니다. `payapi doctor`로 데이터베이스를 확인하세요. 다시 시도할 수 있습니다.",
};

/** How to resolve an unknown call. */
export const resolveAdvice: Text = {
  en: "Find the oid in the gateway's console, then: payapi resolve <orderId> --outcome moved|not-moved --actor NAME --evidence TEXT",
  ko: "결제사 관리자 화면에서 oid를 찾은 뒤: payapi resolve <주문번호> --outcome moved|not-moved --actor 이름 --evidence 근거",
};

/** The reason why calls are not sent, and what to do. */
export const databaseChanged: Text = {
  en: "The ledger's database was restored or replaced, and has not been accepted yet. Nothing is sent until it is: see `payapi database`.",
  ko: "원장 데이터베이스가 복원되었거나 바뀌었고 아직 승인되지 않았습니다. 승인 전에는 아무것도 전송되지 않습니다(`payapi database`).",
};
