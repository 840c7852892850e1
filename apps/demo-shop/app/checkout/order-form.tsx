"use client";

import { useActionState, useEffect, useRef } from "react";
import { type OrderFormState, placeOrder } from "../actions.ts";

const fields = [
  { name: "buyerName", label: "이름", type: "text", autoComplete: "name", placeholder: "홍길동" },
  { name: "buyerTel", label: "전화번호", type: "tel", autoComplete: "tel", placeholder: "010-1234-5678" },
  {
    name: "buyerEmail",
    label: "이메일",
    type: "email",
    autoComplete: "email",
    placeholder: "name@example.com",
  },
] as const;

const untouched: OrderFormState = { typed: { buyerName: "", buyerTel: "", buyerEmail: "" }, errors: {} };

/** The buyer's data. The form has no price; the server takes it from the catalogue. */
export function OrderForm() {
  const [state, submit, pending] = useActionState(placeOrder, untouched);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (Object.keys(state.errors).length > 0) {
      form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
    }
  }, [state]);

  return (
    <form ref={form} action={submit} className="panel stack-l" noValidate>
      <div className="fields">
        {fields.map(({ name, label, type, autoComplete, placeholder }) => {
          const error = state.errors[name];
          return (
            <div key={name} className="field">
              <label htmlFor={name}>{label}</label>
              <input
                id={name}
                name={name}
                type={type}
                autoComplete={autoComplete}
                placeholder={placeholder}
                defaultValue={state.typed[name]}
                required
                maxLength={name === "buyerName" ? 30 : 40}
                aria-invalid={error !== undefined}
                aria-describedby={`${name}-error`}
              />
              <p id={`${name}-error`} className="error" aria-live="polite">
                {error}
              </p>
            </div>
          );
        })}
      </div>
      <p className="soft small">주문을 확인하고 배송을 알려 드리는 데만 씁니다.</p>
      <p className="error" role="alert" hidden={state.problem === undefined}>
        {state.problem}
      </p>
      <button type="submit" className="button button-large button-wide" disabled={pending}>
        {pending ? "주문을 만드는 중…" : "결제하러 가기"}
      </button>
    </form>
  );
}
