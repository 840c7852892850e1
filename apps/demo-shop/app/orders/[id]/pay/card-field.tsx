import type { FormEvent, ReactNode } from "react";
import type { CardFieldName, cardFields } from "./card-rules.ts";

/** An input for digits that is formatted while typing, without React's state. */
export function CardField({
  id,
  rule: { label, autoComplete, placeholder, maxLength, format },
  error,
  onTyped,
  onLeave,
  beside,
}: {
  id: string;
  rule: (typeof cardFields)[CardFieldName];
  error: string | undefined;
  onTyped: (text: string) => void;
  onLeave: () => void;
  beside?: ReactNode;
}) {
  const handleInput = ({ currentTarget }: FormEvent<HTMLInputElement>) => {
    rewrite(currentTarget, format);
    onTyped(currentTarget.value);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={beside === undefined ? undefined : "card-number"}>
        <input
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete={autoComplete}
          placeholder={placeholder}
          maxLength={maxLength}
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-error`}
          aria-required
          onInput={handleInput}
          onBlur={onLeave}
        />
        {beside}
      </div>
      <p id={`${id}-error`} className="error" aria-live="polite">
        {error}
      </p>
    </div>
  );
}

/** Formats the input's value and keeps the caret behind the same digit. */
function rewrite(input: HTMLInputElement, format: (text: string) => string): void {
  const before = input.value.slice(0, input.selectionStart ?? input.value.length).replace(/\D/g, "").length;
  const all = input.value.replace(/\D/g, "").length;
  const next = format(input.value);
  if (next === input.value) return;
  input.value = next;
  let caret = next.length;
  if (before < all) {
    caret = 0;
    for (let seen = 0; seen < before && caret < next.length; caret += 1) {
      if (/\d/.test(next[caret] ?? "")) seen += 1;
    }
  }
  input.setSelectionRange(caret, caret);
}
