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
    en: "which result codes mean a wrong set-up (`setupCodes`) or prove nothing (`unprovenCodes`)",
    ko: "상점 설정 오류 코드(`setupCodes`)와 성공 여부를 알 수 없는 코드(`unprovenCodes`)",
  },
  {
    en: "questions: mainpg_support@welcomepayments.co.kr",
    ko: "문의: mainpg_support@welcomepayments.co.kr",
  },
];
