"use client";

import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { formatWon } from "#shop/korean.js";
import { AgainNotice, useAttempt } from "./attempt.tsx";
import { CardField } from "./card-field.tsx";
import { brandName, type CardFieldName, cardDigits, cardFields } from "./card-rules.ts";
import { type CardBody, sendPayment, untilReachable } from "./send-payment.ts";

type Errors = Partial<Record<CardFieldName, string>>;

const names = Object.keys(cardFields) as CardFieldName[];
const fieldOf: Readonly<Record<string, CardFieldName>> = {
  cardNumber: "number",
  cardExpireYY: "expiry",
  cardExpireMM: "expiry",
};
const months = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

export interface CardFormProps {
  orderId: string;
  price: number;
  offersInstallments: boolean;
  isLocked: boolean;
  onBusy: (busy: boolean) => void;
}

/**
 * The card form. Only the inputs hold the card data, never React's state, and they are cleared once it is sent. The inputs have no
 * names, so the page can't send them without its script.
 */
export function CardForm({ orderId, price, offersInstallments, isLocked, onBusy }: CardFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const brand = useRef<HTMLSpanElement>(null);
  const attempt = useAttempt(onBusy);
  const [errors, setErrors] = useState<Errors>({});
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    // Only after Pay was pressed: an error must not move the focus back when the buyer leaves a field.
    if (refusals > 0) form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);

  const typed = (name: string): string =>
    form.current?.querySelector<HTMLInputElement>(`#card-${name}`)?.value ?? "";
  const digitsOf = (name: CardFieldName): string => typed(name).replace(/\D/g, "");
  const check = (name: CardFieldName) => cardFields[name].errorOf(digitsOf(name));
  const showError = (name: CardFieldName, error: string | undefined) =>
    setErrors(({ [name]: _old, ...others }) => (error === undefined ? others : { ...others, [name]: error }));
  const refuse = (found: Errors) => {
    setErrors(found);
    setRefusals((count) => count + 1);
  };

  const clear = () => {
    // One by one, since React remembers the last value of an input and does not notice reset().
    for (const input of form.current?.querySelectorAll("input") ?? []) input.value = "";
    form.current?.reset();
    if (brand.current !== null) brand.current.textContent = "";
    // Regular expressions keep the last text that they matched.
    /^$/.test("");
  };

  const readCard = (): CardBody => {
    const expiry = digitsOf("expiry");
    return {
      cardNumber: digitsOf("number"),
      cardExpireMM: expiry.slice(0, 2),
      cardExpireYY: expiry.slice(2),
      cardQuota: Number(typed("installments") || "0"),
    };
  };

  const pay = async (event: FormEvent) => {
    event.preventDefault();
    if (attempt.underWay.current) return;
    const found: Errors = Object.fromEntries(
      names.flatMap((name) => {
        const error = check(name);
        return error === undefined ? [] : [[name, error]];
      }),
    );
    if (Object.keys(found).length > 0) return refuse(found);
    setErrors({});
    attempt.begin();
    const answer = sendPayment(orderId, readCard());
    clear();
    const after = await answer;
    if (after.next === "order") {
      await untilReachable(orderId);
      // A new document, so that no card data stays in memory or behind the Back button.
      window.location.replace(`/orders/${orderId}`);
      return;
    }
    attempt.end(after.next === "again" ? after : undefined);
    if (after.next === "mend") {
      const mend = "다시 확인해 주세요. 결제는 시도되지 않았습니다.";
      refuse(Object.fromEntries(after.fields.map((field) => [fieldOf[field] ?? "number", mend])));
    }
  };

  const field = (name: CardFieldName, beside?: ReactNode) => (
    <CardField
      id={`card-${name}`}
      rule={cardFields[name]}
      error={errors[name]}
      onTyped={(text) => {
        // An error disappears while the field is corrected. If it disappeared on leaving the field, the layout would move under a click on Pay.
        if (errors[name] !== undefined && check(name) === undefined) showError(name, undefined);
        if (name === "number" && brand.current !== null)
          brand.current.textContent = brandName(cardDigits(text));
      }}
      onLeave={() => {
        const error = attempt.underWay.current || typed(name) === "" ? undefined : check(name);
        if (error !== undefined) showError(name, error);
      }}
      beside={beside}
    />
  );

  return (
    <form ref={form} className="panel stack-l" onSubmit={pay} noValidate aria-label="카드 정보">
      <AgainNotice attempt={attempt} note="안전을 위해 입력하신 카드 정보는 지웠습니다." />
      <fieldset className="fields" disabled={attempt.isBusy}>
        {field("number", <span ref={brand} className="card-brand" aria-live="polite" />)}
        <div className="fields-2">
          {field("expiry")}
          {offersInstallments && (
            <div className="field">
              <label htmlFor="card-installments">할부</label>
              <select id="card-installments" defaultValue="0">
                <option value="0">일시불</option>
                {months.map((count) => (
                  <option key={count} value={count}>
                    {count}개월
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
      </fieldset>
      <div className="stack">
        <button
          type="submit"
          className="button button-large button-wide"
          disabled={isLocked || attempt.isBusy}
          aria-describedby="pay-status"
        >
          {attempt.isBusy ? "결제하는 중…" : `${formatWon(price)} 결제하기`}
        </button>
        <p id="pay-status" className="small soft" role="status">
          {attempt.isBusy ? "카드사의 승인을 기다리고 있습니다. 창을 닫거나 새로 고치지 마세요." : ""}
        </p>
        <p className="safety">
          <img className="safety-mark" src="/pictures/lock.svg" alt="" />
          <span>카드 정보는 승인을 받는 데만 쓰고, 이 상점 어디에도 남기지 않습니다.</span>
        </p>
      </div>
    </form>
  );
}
