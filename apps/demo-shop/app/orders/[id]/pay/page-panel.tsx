"use client";

import { useEffect, useRef, useState } from "react";
import { formatWon } from "#shop/korean.js";
import { type Again, AgainNotice } from "./notices.tsx";
import { openPaymentPage, type PayType } from "./send-payment.ts";

const words: Readonly<Record<PayType, string>> = {
  card: "결제사의 결제창으로 옮겨 가 카드로 결제합니다. 카드 정보는 이 가게를 거치지 않습니다.",
  bank: "결제사의 결제창으로 옮겨 가 은행을 고르고 계좌에서 바로 이체합니다.",
  vbank:
    "결제사의 결제창에서 은행을 고르면 이 주문만의 계좌를 받습니다. 기한 안에 그 계좌로 입금하면 결제가 끝납니다.",
  hpp: "결제사의 결제창으로 옮겨 가 휴대폰으로 결제합니다. 다음 달 통신 요금에 합산됩니다.",
};

/** The way to the gateway's payment page, from which the buyer comes back to the order. */
export function PagePanel({
  orderId,
  price,
  payType,
  onBusy,
}: {
  orderId: string;
  price: number;
  payType: PayType;
  /** Told while the page is being opened. */
  onBusy: (busy: boolean) => void;
}) {
  const notice = useRef<HTMLDivElement>(null);
  const underWay = useRef(false);
  const [opening, setOpening] = useState(false);
  const [again, setAgain] = useState<Again>();

  useEffect(() => {
    if (again !== undefined) notice.current?.focus();
  }, [again]);
  useEffect(() => {
    // Back from the gateway's page by the Back button, with this page as it was left.
    const comeBack = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      underWay.current = false;
      setOpening(false);
      onBusy(false);
    };
    window.addEventListener("pageshow", comeBack);
    return () => window.removeEventListener("pageshow", comeBack);
  }, [onBusy]);

  const leave = async () => {
    if (underWay.current) return;
    underWay.current = true;
    setAgain(undefined);
    setOpening(true);
    onBusy(true);
    const after = await openPaymentPage(orderId, payType);
    if (after.next === "page") window.location.assign(after.url);
    else if (after.next === "order") window.location.replace(`/orders/${orderId}`);
    else {
      underWay.current = false;
      setOpening(false);
      onBusy(false);
      setAgain(after);
    }
  };

  return (
    <section className="panel stack" aria-label="결제창">
      <div ref={notice} role="alert" tabIndex={-1}>
        {again !== undefined && <AgainNotice {...again} />}
      </div>
      <p>{words[payType]}</p>
      <p className="soft small">
        결제할 금액 <strong className="number">{formatWon(price)}</strong>. 결제를 마치거나 그만두면 이
        주문으로 돌아옵니다.
      </p>
      <button
        type="button"
        className="button button-large button-wide"
        disabled={opening}
        onClick={() => void leave()}
      >
        {opening ? "결제창을 여는 중…" : "결제창으로 가기"}
      </button>
    </section>
  );
}
