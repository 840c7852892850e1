import type { AfterPayment } from "./send-payment.ts";

export type Again = Extract<AfterPayment, { next: "again" }>;

/** Why nothing was paid, and what the buyer may do. */
export function AgainNotice({ tone, title, lines, cardCleared }: Again & { cardCleared?: boolean }) {
  return (
    <div className={`notice notice-${tone}`}>
      <h2>{title}</h2>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {cardCleared && <p className="small">안전을 위해 입력하신 카드 정보는 지웠습니다.</p>}
    </div>
  );
}

/** What becomes of the card's data. */
export function SafetyNote() {
  return (
    <p className="safety">
      <svg
        className="safety-mark"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        aria-hidden="true"
      >
        <rect x="4" y="9" width="12" height="8" rx="1.5" />
        <path d="M7 9V6.5a3 3 0 0 1 6 0V9" />
      </svg>
      <span>카드 정보는 승인을 받는 데만 쓰고, 이 가게 어디에도 남기지 않습니다.</span>
    </p>
  );
}
