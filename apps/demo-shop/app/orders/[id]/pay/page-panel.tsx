"use client";

import { useEffect } from "react";
import { formatWon } from "#shop/korean.js";
import { AgainNotice, useAttempt } from "./attempt.tsx";
import { openPaymentPage, type PayType } from "./send-payment.ts";

const texts: Readonly<Record<PayType, string>> = {
  card: "결제사의 결제창으로 옮겨 가 카드로 결제합니다. 카드 정보는 이 상점을 거치지 않습니다.",
  bank: "결제사의 결제창으로 옮겨 가 은행을 고르고 계좌에서 바로 이체합니다.",
  vbank:
    "결제사의 결제창에서 은행을 고르면 이 주문만의 계좌를 받습니다. 기한 안에 그 계좌로 입금하면 결제가 끝납니다.",
  hpp: "결제사의 결제창으로 옮겨 가 휴대폰으로 결제합니다. 다음 달 통신 요금에 합산됩니다.",
};

/** The button to the gateway's payment page, from which the buyer returns to the order. */
export function PagePanel({
  orderId,
  price,
  payType,
  isLocked,
  onBusy,
}: {
  orderId: string;
  price: number;
  payType: PayType;
  isLocked: boolean;
  onBusy: (busy: boolean) => void;
}) {
  const attempt = useAttempt(onBusy);
  const { end } = attempt;
  useEffect(() => {
    // After the Back button on the gateway's page, the browser shows this page in its old state.
    const comeBack = ({ persisted }: PageTransitionEvent) => persisted && end();
    window.addEventListener("pageshow", comeBack);
    return () => window.removeEventListener("pageshow", comeBack);
  }, [end]);

  const leave = async () => {
    if (attempt.underWay.current) return;
    attempt.begin();
    const after = await openPaymentPage(orderId, payType);
    if (after.next === "page") window.location.assign(after.url);
    else if (after.next === "order") window.location.replace(`/orders/${orderId}`);
    else end(after);
  };

  return (
    <section className="panel stack" aria-label="결제창">
      <AgainNotice attempt={attempt} />
      <p>{texts[payType]}</p>
      <p className="soft small">
        결제할 금액 <strong className="number">{formatWon(price)}</strong>. 결제를 마치거나 그만두면 이
        주문으로 돌아옵니다.
      </p>
      <button
        type="button"
        className="button button-large button-wide"
        disabled={isLocked || attempt.isBusy}
        onClick={() => void leave()}
      >
        {attempt.isBusy ? "결제창을 여는 중…" : "결제창으로 가기"}
      </button>
    </section>
  );
}
