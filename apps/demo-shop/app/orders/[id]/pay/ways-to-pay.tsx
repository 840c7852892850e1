"use client";

import { useEffect, useState } from "react";
import { CardForm, type CardFormProps } from "./card-form.tsx";
import { PagePanel } from "./page-panel.tsx";
import type { PayType } from "./send-payment.ts";

type Way = PayType | "keyed-in";

const ways: readonly { readonly way: Way; readonly name: string; readonly note: string }[] = [
  { way: "card", name: "신용·체크카드", note: "결제창에서" },
  { way: "bank", name: "계좌이체", note: "결제창에서" },
  { way: "vbank", name: "가상계좌", note: "받은 계좌로 입금" },
  { way: "hpp", name: "휴대폰", note: "통신 요금에 합산" },
  { way: "keyed-in", name: "카드 직접 입력", note: "이 화면에서" },
];

/**
 * The payment methods: the gateway's payment page, with which no card number passes through this shop, or a keyed-in card. When the buyer
 * selects another method, the previous form is removed with its input.
 */
export function WaysToPay(props: Omit<CardFormProps, "isLocked" | "onBusy">) {
  const [way, setWay] = useState<Way>("card");
  // Disabled until the script has loaded, and while a payment is running.
  const [isLocked, setIsLocked] = useState(true);
  useEffect(() => setIsLocked(false), []);
  return (
    <>
      <fieldset className="ways" disabled={isLocked}>
        <legend>결제 방법</legend>
        {ways.map((one) => (
          <label key={one.way} className="way">
            <input
              type="radio"
              name="way"
              value={one.way}
              checked={way === one.way}
              onChange={() => setWay(one.way)}
            />
            <span>
              <strong>{one.name}</strong>
              <span className="soft small">{one.note}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {way === "keyed-in" ? (
        <CardForm {...props} isLocked={isLocked} onBusy={setIsLocked} />
      ) : (
        <PagePanel
          key={way}
          orderId={props.orderId}
          price={props.price}
          payType={way}
          isLocked={isLocked}
          onBusy={setIsLocked}
        />
      )}
    </>
  );
}
