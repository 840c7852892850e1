import type { Text } from "../text.js";

/** What to ask the gateway for before selling; no check can prove it. */
export const goingLive: readonly Text[] = [
  {
    en: "mid, field key and iv for production, and the sign key from the admin (wbiz.paywelcome.co.kr)",
    ko: "운영 상점 ID, 필드 암호화 키와 IV, 관리자 화면(wbiz.paywelcome.co.kr)의 signKey",
  },
  {
    en: "the services you call are activated: 3.1 to 3.4 billing keys, 4.1 keyed-in cards, 6.x escrow, 7.1 payment links",
    ko: "사용할 서비스 활성화: 3.1~3.4 빌키, 4.1 수기결제, 6.x 에스크로, 7.1 결제 링크",
  },
  {
    en: "an exception for servers outside Korea: ip-block@welcomepayments.co.kr, with service, mid, country and address range",
    ko: "해외 서버라면 IP 예외 신청: ip-block@welcomepayments.co.kr (서비스, 상점 ID, 국가, IP 대역)",
  },
  {
    en: "the return address (P_NEXT_URL) is registered, if the gateway compares it",
    ko: "결제창 복귀 주소(P_NEXT_URL) 등록 여부",
  },
  {
    en: "the notification addresses (deposit, escrow) with your notificationKey, and from which addresses they come (`sources`)",
    ko: "입금·에스크로 알림 주소(notificationKey 포함) 등록과 알림 발신 IP(`sources`)",
  },
  {
    en: "the payment methods of the page (`methods`), and whether the sales slip may be linked: wbiz.paywelcome.co.kr/mCmReceipt_head.jsp?noTid=<tid>&noMethod=1",
    ko: "결제창의 결제수단(`methods`)과 매출전표 링크 사용 여부: wbiz.paywelcome.co.kr/mCmReceipt_head.jsp?noTid=<거래번호>&noMethod=1",
  },
  {
    en: "the form of timestamps (14 digits in Korean time are sent), and how far they may be off",
    ko: "timestamp 형식(한국 시간 14자리 전송)과 허용 오차",
  },
  {
    en: "another system with the PC payment window on this mid: its mKey is public, so buyers could sign cancels. Ask for a mid of its own",
    ko: "같은 상점 ID로 PC 결제창을 쓰는 다른 시스템이 있으면 mKey가 공개되어 구매자가 취소에 서명할 수 있으므로 상점 ID 분리 요청",
  },
  {
    en: "which result codes mean a wrong set-up (`setupCodes`) or prove nothing (`unprovenCodes`)",
    ko: "상점 설정 오류 코드(`setupCodes`)와 성공 여부를 알 수 없는 코드(`unprovenCodes`)",
  },
  {
    en: "questions: mainpg_support@welcomepayments.co.kr",
    ko: "문의: mainpg_support@welcomepayments.co.kr",
  },
];
