"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { formatWon } from "#shop/korean.js";
import { CardField } from "./card-field.tsx";
import {
  brandName,
  cardDigits,
  cardNumberError,
  expiryError,
  groupCardNumber,
  groupExpiry,
  identityError,
  pinError,
} from "./card-rules.ts";
import { type Again, AgainNotice, SafetyNote } from "./notices.tsx";
import { type CardBody, sendPayment, untilReachable } from "./send-payment.ts";

type FieldName = "number" | "expiry" | "identity" | "pin";
type Errors = Partial<Record<FieldName, string>>;

const fieldOf: Readonly<Record<string, FieldName>> = {
  cardNumber: "number",
  cardExpireYY: "expiry",
  cardExpireMM: "expiry",
  registNo: "identity",
  passwd: "pin",
};
const months = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/**
 * The card form. What is typed lives in the inputs alone, never in React's state, and is gone from them as soon as it is
 * on its way. The inputs have no names: without its script the page could send nothing, not even by accident.
 */
export function CardForm({
  orderId,
  price,
  asksIdentity,
  offersInstallments,
  onBusy,
}: {
  orderId: string;
  price: number;
  asksIdentity: boolean;
  offersInstallments: boolean;
  /** Told while a payment is under way. */
  onBusy: (busy: boolean) => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const notice = useRef<HTMLDivElement>(null);
  const brand = useRef<HTMLSpanElement>(null);
  // A ref and not state: two clicks can come before React has drawn the disabled button.
  const underWay = useRef(false);
  const [phase, setPhase] = useState<"loading" | "ready" | "sending">("loading");
  const [errors, setErrors] = useState<Errors>({});
  const [again, setAgain] = useState<Again>();
  const [refusals, setRefusals] = useState(0);

  useEffect(() => setPhase("ready"), []);
  useEffect(() => {
    if (again !== undefined) notice.current?.focus();
  }, [again]);
  useEffect(() => {
    // Only after Pay was pressed: an error found on leaving a field must not pull the buyer back to it.
    if (refusals > 0) form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);

  const typed = (name: string): string =>
    form.current?.querySelector<HTMLInputElement>(`#card-${name}`)?.value ?? "";
  const digitsOf = (name: FieldName): string => typed(name).replace(/\D/g, "");
  const check = (name: FieldName): string | undefined => {
    if (name === "number") return cardNumberError(digitsOf("number"));
    if (name === "expiry") return expiryError(digitsOf("expiry"), new Date());
    return name === "identity" ? identityError(digitsOf("identity")) : pinError(digitsOf("pin"));
  };
  const checkAll = (): Errors => {
    const found: Errors = {};
    for (const name of ["number", "expiry", "identity", "pin"] as const) {
      const error = check(name);
      if (error !== undefined) found[name] = error;
    }
    return found;
  };
  const showError = (name: FieldName, error: string | undefined) =>
    setErrors(({ [name]: _old, ...others }) => (error === undefined ? others : { ...others, [name]: error }));
  // An error goes while the field is mended. Were it to go on leaving the field, the page would move under a click on Pay.
  const checkWhileTyping = (name: FieldName) => {
    if (errors[name] !== undefined && check(name) === undefined) showError(name, undefined);
  };
  const checkOnLeave = (name: FieldName) => {
    const error = underWay.current || typed(name) === "" ? undefined : check(name);
    if (error !== undefined) showError(name, error);
  };

  const clear = () => {
    // One by one, since React remembers what an input last held, and reset() does not tell it.
    for (const input of form.current?.querySelectorAll("input") ?? []) input.value = "";
    form.current?.reset();
    if (brand.current !== null) brand.current.textContent = "";
    // And regular expressions remember the last text they matched.
    /^$/.test("");
  };
  const refuse = (found: Errors) => {
    setErrors(found);
    setRefusals((count) => count + 1);
  };

  const readCard = (): CardBody => {
    const expiry = digitsOf("expiry");
    const identity = digitsOf("identity");
    const pin = digitsOf("pin");
    return {
      cardNumber: digitsOf("number"),
      cardExpireMM: expiry.slice(0, 2),
      cardExpireYY: expiry.slice(2),
      cardQuota: Number(typed("installments") || "0"),
      ...(identity === "" ? {} : { registNo: identity }),
      ...(pin === "" ? {} : { passwd: pin }),
    };
  };

  const pay = async (event: FormEvent) => {
    event.preventDefault();
    if (underWay.current) return;
    const found = checkAll();
    if (Object.keys(found).length > 0) return refuse(found);
    setErrors({});
    underWay.current = true;
    setAgain(undefined);
    setPhase("sending");
    onBusy(true);
    const answer = sendPayment(orderId, readCard());
    clear();
    const after = await answer;
    if (after.next === "order") {
      await untilReachable(orderId);
      // A new document, so that nothing of this one stays in memory or behind the Back button.
      window.location.replace(`/orders/${orderId}`);
      return;
    }
    underWay.current = false;
    setPhase("ready");
    onBusy(false);
    if (after.next === "again") setAgain(after);
    else refuse(toErrors(after.fields));
  };

  return (
    <form ref={form} className="panel stack-l" onSubmit={pay} noValidate aria-label="카드 정보">
      <div ref={notice} role="alert" tabIndex={-1}>
        {again !== undefined && <AgainNotice {...again} cardCleared />}
      </div>
      <fieldset className="fields" disabled={phase === "sending"}>
        <CardField
          id="card-number"
          label="카드번호"
          autoComplete="cc-number"
          placeholder="0000 0000 0000 0000"
          maxLength={19}
          error={errors.number}
          format={(text) => groupCardNumber(cardDigits(text))}
          onTyped={(text) => {
            checkWhileTyping("number");
            if (brand.current !== null) brand.current.textContent = brandName(cardDigits(text));
          }}
          onLeave={() => checkOnLeave("number")}
          beside={<span ref={brand} className="card-brand" aria-live="polite" />}
        />
        <div className="fields-2">
          <CardField
            id="card-expiry"
            label="유효기간"
            autoComplete="cc-exp"
            placeholder="MM/YY"
            maxLength={7}
            error={errors.expiry}
            format={groupExpiry}
            onTyped={() => checkWhileTyping("expiry")}
            onLeave={() => checkOnLeave("expiry")}
          />
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
        {asksIdentity && (
          <div className="fields-2">
            <CardField
              id="card-identity"
              label="생년월일 6자리"
              optional
              autoComplete="off"
              placeholder="YYMMDD"
              maxLength={10}
              error={errors.identity}
              format={(text) => text.replace(/\D/g, "")}
              onTyped={() => checkWhileTyping("identity")}
              onLeave={() => checkOnLeave("identity")}
            />
            <CardField
              id="card-pin"
              label="비밀번호 앞 2자리"
              optional
              hidden
              autoComplete="off"
              placeholder="••"
              maxLength={2}
              error={errors.pin}
              format={(text) => text.replace(/\D/g, "")}
              onTyped={() => checkWhileTyping("pin")}
              onLeave={() => checkOnLeave("pin")}
            />
          </div>
        )}
      </fieldset>
      <div className="stack">
        <button
          type="submit"
          className="button button-large button-wide"
          disabled={phase !== "ready"}
          aria-describedby="pay-status"
        >
          {phase === "sending" ? "결제하는 중…" : `${formatWon(price)} 결제하기`}
        </button>
        <p id="pay-status" className="small soft" role="status">
          {phase === "sending" ? "카드사의 승인을 기다리고 있습니다. 창을 닫거나 새로 고치지 마세요." : ""}
        </p>
        <SafetyNote />
      </div>
    </form>
  );
}

function toErrors(fields: readonly string[]): Errors {
  const errors: Errors = {};
  for (const field of fields)
    errors[fieldOf[field] ?? "number"] = "다시 확인해 주세요. 결제는 시도되지 않았습니다.";
  return errors;
}
