import { Fragment, type ReactNode } from "react";
import { formatKoreanTime } from "#shop/korean.js";
import type { Label } from "#shop/labels.js";

const steps = ["장바구니", "주문서", "결제", "완료"] as const;
type Step = (typeof steps)[number];

/** Where the buyer stands on the way to the receipt. */
function Steps({ now }: { now: Step }) {
  return (
    <ol className="steps" aria-label="주문 단계">
      {steps.map((name) => (
        <li key={name} aria-current={name === now ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}

/** The head of a page. */
export function PageHead({ step, title, children }: { step?: Step; title: string; children?: ReactNode }) {
  return (
    <div className="page-head">
      {step && <Steps now={step} />}
      <h1>{title}</h1>
      {children}
    </div>
  );
}

const marks = {
  good: { fill: "#e1eee4", stroke: "#25603f", path: "M20 33.5 28.5 42 45 24" },
  wait: {
    fill: "#f8ecd0",
    stroke: "#74500a",
    path: "M17 32a15 15 0 1 0 30 0a15 15 0 1 0-30 0M32 23v9.5l6 4",
  },
};

/** The head of a page that says how something ended. */
export function EndingHead({
  step,
  mark,
  title,
  text,
  children,
}: {
  step?: Step | undefined;
  mark?: keyof typeof marks;
  title: string;
  text?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <div className="ending-head">
      {step && <Steps now={step} />}
      {mark && (
        <svg className="ending-mark" viewBox="0 0 64 64" fill="none" strokeWidth="4" aria-hidden="true">
          <circle cx="32" cy="32" r="31" fill={marks[mark].fill} />
          <path
            d={marks[mark].path}
            stroke={marks[mark].stroke}
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      )}
      <h1>{title}</h1>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** A name and its value; `fact` is what tests find it by. */
export type Fact = readonly [name: string, value: ReactNode, options?: { fact?: string; total?: true }];

/** Names and values; those without a value are left out. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value, { fact, total } = {}]) => {
        if (value === undefined) return null;
        // Amounts and numbers stay on one line.
        const isNumber = typeof value === "string" && /^[−\d]/.test(value);
        return (
          <Fragment key={name}>
            <dt className={total && "total"}>{name}</dt>
            <dd className={`${total ? "total " : ""}${isNumber ? "number" : ""}`} data-fact={fact}>
              {value}
            </dd>
          </Fragment>
        );
      })}
    </dl>
  );
}

/** A moment, where there is one. */
export function time(at: Date | undefined, fact?: string): ReactNode {
  return (
    at && (
      <time dateTime={at.toISOString()} data-fact={fact}>
        {formatKoreanTime(at)}
      </time>
    )
  );
}

export function Badge({ text, tone }: Label) {
  return <span className={`badge badge-${tone}`}>{text}</span>;
}

/** The number that a buyer quotes on the phone. */
export function OrderNumber({ id }: { id: string }) {
  return (
    <p className="order-number">
      <span className="soft small">주문번호</span>
      <strong className="number">{id}</strong>
    </p>
  );
}

/** A list of things to do. */
export function Advice({ items }: { items: readonly ReactNode[] }) {
  return (
    <ul className="advice">
      {items.map((item, at) => (
        <li key={at} className="advice-item">
          <span>{item}</span>
        </li>
      ))}
    </ul>
  );
}

/** The sandbox's own page, in a new window. */
export function SandboxLink({ url }: { url: string }) {
  return (
    <a href={`${url}/_sandbox`} target="_blank" rel="noopener noreferrer">
      모의 결제 서버의 화면
    </a>
  );
}
